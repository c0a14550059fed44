#include "harness/fleet/overlap.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::fleet {

using core::Event;

std::size_t most_at_once(const core::History& history) {
  std::size_t running = 0, most = 0;
  for (const Event& event : history.events) {
    if (event.kind == Event::Kind::released) most = std::max(most, ++running);
    if (event.kind == Event::Kind::exited || event.kind == Event::Kind::killed) --running;
  }
  return most;
}

void note_overlap(core::History& history) {
  const auto at = history.events.empty() ? std::chrono::microseconds{0} : history.events.back().at;
  history.events.push_back(
      {.kind = Event::Kind::noted,
       .at = at,
       .text = fmt::format("at most {} copies ran at one time", most_at_once(history))});
}

}  // namespace gauntlet::fleet
