// Harm done at a step, as data: which step, and what is ruled there. Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/core/step.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::fault {

/// Fires once, at the first step that fits all that is given.
struct Fault {
  std::optional<std::size_t> replica = {};  ///< absent: any
  std::string sql_has = {};                 ///< the step's SQL contains this; empty: any
  std::size_t skip = 0;                     ///< so many fitting steps pass before it
  core::Ruling ruling = {};

  /// `replica 0, step 4: lose-after`: what a report calls it.
  std::string text() const;
};

/// Counts what fits, fault by fault: the state of one run. Not for two threads at once.
class Plan {
 public:
  explicit Plan(std::vector<Fault> faults);

  /// The first fault that fires here, or proceed.
  core::Ruling rule(const core::Step& step);

  /// Those that never fired: the run ended before.
  std::vector<Fault> unfired() const;

 private:
  struct Armed {
    Fault fault;
    std::size_t seen = 0;
    bool fired = false;
  };
  std::vector<Armed> armed_;
};

/// `ruling` at each step that `replica` took in a clean run, one fault a run: the sweep.
std::vector<Fault> sweep(const core::History& clean, std::size_t replica,
                         const core::Ruling& ruling);

}  // namespace gauntlet::fault
