// A schedule as one page of HTML that loads nothing: a graph of the replicas, and beside it what
// each step was. Pure, so safe on any thread.
#pragma once

#include "harness/explore/timeline.h"

#include <string>
#include <vector>

namespace gauntlet::explore {

struct Page {
  std::string title = {};
  std::vector<std::string> findings = {};     ///< a sentence each
  std::vector<std::string> explanation = {};  ///< a sentence each
  std::string replay = {};                    ///< the command
};

std::string page_of(const Timeline& timeline, const Page& page);

}  // namespace gauntlet::explore
