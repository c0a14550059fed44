// The report of a schedule that fails: how often it fails again, which steps collided, drawn as
// text and as a page, and saved. One thread.
#pragma once

#include "harness/cli/command_line.h"
#include "harness/core/report.h"
#include "harness/explore/schedule.h"
#include "harness/schedule/explorer.h"
#include "harness/schedule/trial.h"

#include <functional>
#include <string>

namespace gauntlet::cli {

/// How often the run was repeated, and what came of it.
struct Reproduced {
  std::size_t times = 0, violated = 0, diverged = 0;
  std::string divergence = {};  ///< the first
  /// Of a schedule with an overlap: the same with its statements let go together and not held.
  std::size_t free_times = 0, free_violated = 0;

  /// `reproduced 10/10`; of an overlap `reproduced 10/10 held, 84/100 free`
  std::string text() const;
};

/// Repeats the run on the same server, less often if that takes more than a minute or is
/// interrupted. Throws: Error of the arena.
Reproduced reproduce(const schedule::Trial& trial, const schedule::ExploredSubject& subject,
                     arena::Arena& arena, const schedule::Ran& ran, std::size_t times,
                     const std::function<bool()>& is_interrupted);

/// Findings, an explanation as notes, and the drawn schedule as the story.
core::Result failure_result(const schedule::Trial& trial, const schedule::ExploredSubject& subject,
                            const schedule::Ran& ran);

/// Writes a page for each target of kind html and takes it out of the outputs: it shows more than a
/// report's page could.
void write_pages(Outputs& outputs, const schedule::Ran& ran, const core::Result& result);

}  // namespace gauntlet::cli
