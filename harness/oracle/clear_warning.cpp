// Whoever passes something over and goes on says so, by name.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement clear_warning(const Observation& observation) {
  const core::History& history = observation.history;
  if (!observation.expected_warning) return core::unknown("it is not said what is to be told of");
  if (history.replicas == 0) return core::unknown("no replica was started");
  std::vector<std::string> silent;
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const core::ReplicaOutput& said = history.outputs.at(replica);
    if ((said.out + said.err).find(*observation.expected_warning) == std::string::npos)
      silent.push_back(std::to_string(replica));
  }
  if (silent.empty()) return core::judged({});
  return core::judged(
      {{.id = "passed-over-in-silence",
        .message = fmt::format("{} of {} replicas went on and said nothing of `{}`: replicas {}; "
                               "whoever wrote it believes that it is deployed",
                               silent.size(), history.replicas, *observation.expected_warning,
                               some_of(silent, 16)),
        .fix = "name whatever is passed over in a warning, also where all goes well"}});
}

}  // namespace gauntlet::oracle
