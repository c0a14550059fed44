// What trying out a pending set found, in place or in a rehearsal: the parts of the dry run's
// result.
#pragma once

#include "harness/verify/check.h"
#include "harness/verify/failure.h"
#include "harness/verify/file_plan.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::verify {

struct Trial {
  core::Judgement judgement;
  std::vector<core::FileOutcome> files;
  std::vector<std::string> notes;
  /// Set if the files must be rehearsed after all; the rest then says nothing.
  std::string must_rehearse;
};

/// What files are tried on: only as far as the first that must not be run.
struct Program {
  const std::vector<FilePlan>& plans;

  /// Position of the first file that is refused or withheld; plans.size() if there is none.
  std::size_t runnable() const;
};

core::FileOutcome ran(const FilePlan& plan, std::chrono::duration<double> took);

/// Ends `trial` at file `number`: it failed, or was not judged for the reason `not_judged`. The
/// later ones are not judged.
void end_at(Trial& trial, const Program& program, std::size_t number,
            const std::string& not_judged = {});

/// Judges the first file that was not run, if there is one.
void judge_obstacle(Trial& trial, const Program& program);

/// Judges a failure: a finding, or unknown where the migration is not to blame. `environment` is
/// what the server was found to lack.
void judge_failure(Trial& trial, const Program& program, std::size_t number,
                   const runner::SqlError& error, const Framing& framing,
                   const std::optional<std::string>& environment, const Options& options);

/// The same for what the server did not refuse, but the runner would.
void judge_error(Trial& trial, const Program& program, std::size_t number,
                 const runner::Error& error);

}  // namespace gauntlet::verify
