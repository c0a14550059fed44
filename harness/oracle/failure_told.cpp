// Where a migration cannot be applied, no replica reports success. In whatever words: clear-error
// asks for those.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement failure_told(const Observation& observation) {
  const core::History& history = observation.history;
  if (!observation.expected_error) return core::unknown("no failure was expected of this run");
  if (history.replicas == 0) return core::unknown("no replica was started");
  core::Judgement whole = core::judged({});
  std::vector<std::string> content;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const core::Event* end = history.exit_of(replica);
    if (end == nullptr || end->kind == core::Event::Kind::killed) {
      core::merge(whole,
                  core::unknown(fmt::format("replica {} was not seen to end by itself", replica)));
    } else if (end->exit_code &&
               std::ranges::count(observation.success_codes, *end->exit_code) > 0) {
      content.push_back(std::to_string(replica));
    }
  }
  if (content.empty()) return whole;
  core::merge(
      whole,
      core::judged({{.id = "error-swallowed",
                     .message = fmt::format(
                         "{} of {} replicas report success where a migration fails: {}; the deploy "
                         "goes on over a database that is not migrated",
                         content.size(), history.replicas, some_of(content, 16)),
                     .fix = "exit non-zero whenever something was not applied"}}));
  return whole;
}

}  // namespace gauntlet::oracle
