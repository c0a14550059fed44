// A scenario written as a TOML file, given by path. Reads that file and those that it names; any
// thread.
#pragma once

#include "harness/scenario/scenario.h"

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::scenario {

/// A scenario and what its views look at: it stays where it was made.
struct Loaded {
  std::deque<std::string> texts;
  Scenario scenario;
};

/// Reads `file`; `oracles` are the ids that it may name. What is not understood is refused, so that
/// a slip of the pen never weakens a claim.
/// Throws: Error `unreadable-file`; `bad-scenario`, whose where() is `file:line`.
void load(const std::filesystem::path& file, const std::vector<std::string_view>& oracles,
          Loaded& loaded);

}  // namespace gauntlet::scenario
