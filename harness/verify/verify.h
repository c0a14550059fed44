// verify(scenario, subject): the one place that composes arena, fleet, gate, observation and
// oracles. Subjects are threads of this process; a call belongs to one thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/report.h"
#include "harness/mutant/mutant.h"
#include "harness/scenario/scenario.h"

#include <cstdint>
#include <string_view>

namespace gauntlet::verify {

struct Options {
  std::uint64_t seed = 0;  ///< of what is drawn at random: when staggered replicas come
};

/// Runs the scenario with the reference runner, or with `mutant` (null: none) in its place. What
/// cannot be run is unknown. The result's notes tell what happened, in order, where it is violated.
core::Result verify(const scenario::Scenario& scenario, const mutant::Mutant* mutant,
                    arena::Arena& arena, const Options& options);

/// What became of one mutant under one scenario that names it.
enum class Caught {
  caught,        ///< violated, with a finding that the mutant declares
  wrong_reason,  ///< violated, with none of them
  missed,        ///< it holds
  timeout,       ///< it could not be decided
  unviable,      ///< the mutant fails already alone, so its failure here would tell nothing
};
std::string_view to_string(Caught caught);

struct Kill {
  std::string_view mutant, scenario;
  Caught caught = Caught::missed;
  core::Result result = {};  ///< of the mutant, as verify() gave it
};

/// One mutant under one scenario.
Kill kill(const mutant::Mutant& mutant, const scenario::Scenario& scenario, arena::Arena& arena,
          const Options& options);

}  // namespace gauntlet::verify
