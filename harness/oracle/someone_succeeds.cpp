// Liveness: at least one replica made it. One that we ended early proves nothing.
#include "harness/oracle/endings.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Event;

bool is_success(const Observation& observation, const Event& end) {
  return end.kind == Event::Kind::exited && end.exit_code &&
         std::count(observation.success_codes.begin(), observation.success_codes.end(),
                    *end.exit_code) > 0;
}

bool was_stuck(const Observation& observation, std::size_t replica, const Event& end) {
  return observation.patience &&
         running_time(observation.history, replica, end) >= *observation.patience;
}

core::Finding nobody(const core::History& history) {
  std::string message = fmt::format(
      "none of {} replicas succeeded; the deploy does not come up, and a restart of all of them "
      "meets the same",
      history.replicas);
  const core::Event& first = *history.exit_of(0);
  message += first.kind == Event::Kind::killed ? "; replica 0 was still running at its deadline"
                                               : "; replica 0 " + ending_of(first);
  if (const std::string said = last_lines(history, 0); !said.empty()) {
    message += " and said last:\n" + said;
  }
  return {.id = "nobody-succeeded",
          .message = std::move(message),
          .fix =
              "bound every wait for the lock and try again when its holder is gone; what one "
              "replica leaves half done must not stop the next"};
}

}  // namespace

core::Judgement someone_succeeds(const Observation& observation) {
  const core::History& history = observation.history;
  if (history.replicas == 0) return core::unknown("no replica was started");
  std::string doubt;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const Event* end = history.exit_of(replica);
    if (end != nullptr && is_success(observation, *end)) return core::judged({});
    if (end == nullptr) {
      doubt = fmt::format("replica {} was not seen to end", replica);
    } else if (end->kind == Event::Kind::killed && !was_stuck(observation, replica, *end)) {
      doubt = fmt::format("replica {} was ended by us, too soon to tell stuck from slow", replica);
    }
  }
  if (!doubt.empty()) return core::unknown(doubt);
  return core::judged({nobody(history)});
}

}  // namespace gauntlet::oracle
