#include "harness/core/history.h"

#include <algorithm>

namespace gauntlet::core {

const Event* History::exit_of(std::size_t replica) const {
  const auto found = std::find_if(events.begin(), events.end(), [&](const Event& event) {
    return event.replica == replica &&
           (event.kind == Event::Kind::exited || event.kind == Event::Kind::killed);
  });
  return found == events.end() ? nullptr : &*found;
}

}  // namespace gauntlet::core
