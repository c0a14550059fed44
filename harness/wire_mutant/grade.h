// What one mutant of a runner comes to when its copies race with their records held back. Pure.
#pragma once

#include "harness/core/history.h"
#include "harness/crash/prefixes.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire_mutant {

enum class Grade {
  no_lock,               ///< the runner has none of this kind
  needed,                ///< without it something takes effect twice, or not at all
  self_checked,          ///< copies noticed it and stopped: the best
  backed_by_constraint,  ///< the tracker's unique key stopped them
  not_needed,            ///< exactly once all the same
  unviable,              ///< the flaw cannot be put into this runner
  unknown,               ///< the race did not show it
};
std::string_view to_string(Grade grade);

struct Raced {
  core::History history = {};
  std::vector<int> success_codes = {0};
  crash::Place after = {};
  std::size_t files = 0;
  std::size_t together = 0;  ///< sessions that stood at the held tracker at one time
  /// The most often that one file was executed, committed or not, and by how many copies.
  std::size_t times = 0;
};

struct Graded {
  Grade grade = Grade::unknown;
  std::string why = {};
  bool is_lost = false;  ///< of `needed`: something is missing, and nothing is there twice
};

Graded grade(const Raced& raced);

}  // namespace gauntlet::wire_mutant
