#include "harness/run/nothing_applied.h"

#include <fmt/format.h>

namespace gauntlet::run {

core::Judgement nothing_applied(const scenario::Scenario& scenario, const Program& program,
                                const std::string& what) {
  const bool names_its_layout =
      program.project && (!program.project->prepare.empty() || program.project->format != "plain");
  if (!scenario.has_users_files && !names_its_layout) {
    const std::string format = program.project ? program.project->format : std::string("gauntlet");
    return core::unknown(fmt::format(
        "fixture-not-read: {} (format {}); name the format that it reads with --format, or "
        "`prepare` in a subject file",
        what, format));
  }
  return core::judged({{.id = "not-applied",
                        .message = what,
                        .fix = "look at what the runner prints when it is started by hand, and "
                               "where it looks for its files"}});
}

}  // namespace gauntlet::run
