// The points of a sweep: the steps of a clean run, each named as a user names it, and which of them
// are equal. Pure.
#pragma once

#include "harness/core/history.h"
#include "harness/trace/trace.h"
#include "harness/truth/framing.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::crash {

/// A step that stands for the same one in every run: by what it says, and the how-manieth it is.
struct Target {
  std::string says = {};       ///< as says_of() writes it
  std::size_t occurrence = 0;  ///< so many steps that say the same come before it
};

/// The step's tokens with every literal as `?`: a run's own numbers, times and keys do not count.
std::string says_of(const core::Step& step);

struct Point {
  std::string id = {};     ///< `commit-3`, `statement-2-of-3`: what --only takes
  std::string label = {};  ///< `the COMMIT of version 3`
  Target target = {};
  /// The file that it is of, or that comes next; absent after the last one.
  std::optional<std::size_t> file = {};
  bool is_of_file = false;                   ///< it runs or records `file`, or ends its transaction
  bool outside_transaction = false;          ///< of a file that runs outside a transaction
  std::vector<std::string> same = {};        ///< labels of equal points that this one stands for
  std::vector<std::string> statements = {};  ///< those of the step, to be held
};

enum class Which { equal_once, all };

/// The points of replica 0. `run` is `history` read by the room `trace`, whose sources are `files`
/// in the same order. With `equal_once` the same statement of equal migrations is one point.
std::vector<Point> points_of(const core::History& history, const trace::TracedRun& run,
                             const std::vector<truth::File>& files, Which which);

}  // namespace gauntlet::crash
