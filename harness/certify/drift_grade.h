// A run over a folder that drifted, as it was seen, and its grade. Pure.
#pragma once

#include "harness/certify/certificate.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace gauntlet::certify {

enum class Drift {
  edited,   ///< the file of `second` says `edited` now
  removed,  ///< the file of `second` is gone, and one of `fourth` is new
  hole,     ///< the file of `second` appears where `third` is applied
};
std::string_view to_string(Drift drift);

struct DriftRun {
  bool ok = false;     ///< it ended with one of the subject's codes of success
  bool ended = false;  ///< it ended by itself, in time
  std::map<std::string, std::size_t> rows = {};  ///< what the table holds afterwards, by text
  std::string said = {};                         ///< its last words
};

Grade grade_of(Drift drift, const DriftRun& before, const DriftRun& after);

}  // namespace gauntlet::certify
