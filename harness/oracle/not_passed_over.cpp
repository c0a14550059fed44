// A file on disk that resembles a migration is applied, or named, or the run is refused: in
// whatever words, and by any runner.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement not_passed_over(const Observation& observation) {
  const core::History& history = observation.history;
  if (!observation.expected_warning)
    return core::unknown("no file is named that may be passed over");
  if (history.replicas == 0) return core::unknown("no replica was started");
  const std::string& name = *observation.expected_warning;
  const bool was_sent = std::ranges::any_of(history.steps, [&](const core::StepRecord& record) {
    return record.step.sql.find(name) != std::string::npos;
  });
  std::vector<std::string> silent;
  core::Judgement whole = core::judged({});
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const core::Event* end = history.exit_of(replica);
    if (end == nullptr || end->kind == core::Event::Kind::killed) {
      core::merge(whole,
                  core::unknown(fmt::format("replica {} was not seen to end by itself", replica)));
      continue;
    }
    const bool succeeds =
        end->exit_code && std::ranges::count(observation.success_codes, *end->exit_code) > 0;
    const core::ReplicaOutput& said = history.outputs.at(replica);
    if (succeeds && !was_sent && (said.out + said.err).find(name) == std::string::npos)
      silent.push_back(std::to_string(replica));
  }
  if (silent.empty()) return whole;
  core::merge(
      whole,
      core::judged(
          {{.id = "passed-over-in-silence",
            .message = fmt::format("{} of {} replicas report success, and neither sent nor named "
                                   "the file `{}`: replicas {}; the deploy goes on without it",
                                   silent.size(), history.replicas, name, some_of(silent, 16)),
            .fix = "refuse a file that resembles a migration and is none, or name it in a "
                   "warning"}}));
  return whole;
}

}  // namespace gauntlet::oracle
