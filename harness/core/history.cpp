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

std::string_view to_string(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::started:
      return "started";
    case Event::Kind::released:
      return "released";
    case Event::Kind::exited:
      return "exited";
    case Event::Kind::killed:
      return "killed";
    case Event::Kind::opened:
      return "opened";
    case Event::Kind::asked:
      return "asked";
    case Event::Kind::let_go:
      return "let-go";
    case Event::Kind::answered:
      return "answered";
    case Event::Kind::closed:
      return "closed";
    case Event::Kind::noted:
      return "noted";
    case Event::Kind::foreign_lock_taken:
      return "foreign-lock-taken";
    case Event::Kind::foreign_lock_released:
      return "foreign-lock-released";
    case Event::Kind::writers_released:
      return "writers-released";
  }
  return "?";
}

bool is_of_a_replica(const Event& event) { return event.kind < Event::Kind::noted; }

}  // namespace gauntlet::core
