#include "harness/oracle/nothing_applied.h"

#include "harness/oracle/endings.h"

#include <fmt/format.h>

namespace gauntlet::oracle {

std::optional<core::Finding> nothing_applied(const Observation& observation,
                                             std::string_view what) {
  const core::History& history = observation.history;
  const std::size_t successes = successful_replicas(history, observation.success_codes).size();
  if (successes == 0 || observation.on_disk.empty()) return std::nullopt;
  return core::Finding{
      .id = "not-applied",
      .message = fmt::format("{} of {} {} success, and the database does not even have {}: nothing "
                             "was committed",
                             successes, history.replicas,
                             history.replicas == 1 ? "replica reports" : "replicas report", what),
      .fix =
          "commit what was applied before the connection is closed, and exit non-zero when "
          "nothing was committed"};
}

}  // namespace gauntlet::oracle
