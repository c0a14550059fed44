// What happened in a run, in order: recorded first, judged after. Values; no effects.
#pragma once

#include "harness/core/step.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::core {

/// One thing that one replica of a fleet did, or that was done to it.
struct Event {
  enum class Kind {
    started,   ///< the replica exists and waits at the barrier
    released,  ///< it was let go
    exited,    ///< it ended by itself; `exit_code` or `signal` is set
    killed,    ///< we ended it: its deadline had passed, or a fault wanted it
    opened,    ///< a session was connected; `backend_pid` is set
    asked,     ///< a step stands at the gate
    let_go,    ///< the gate ruled; unless it was refused or lost, the step crosses
    answered,  ///< its reply was seen, or will never be
    closed,    ///< the session is gone
    noted,     ///< what somebody beside the replicas did: `text` says it
  };

  Kind kind = Kind::started;
  std::size_t replica = 0;
  std::chrono::microseconds at{0};  ///< since the history began, on a monotonic clock
  std::optional<int> exit_code = {};
  std::optional<int> signal = {};
  std::size_t session = 0;               ///< of this replica
  std::optional<int> backend_pid = {};   ///< of opened
  std::optional<std::size_t> step = {};  ///< of asked, let_go, answered: a position in `steps`
  std::string text = {};  ///< of noted; of opened: user and start-up settings, `name=value` a line
};

/// A step with all that became of it.
struct StepRecord {
  Step step = {};
  Ruling ruling = {};
  std::optional<Reply> reply = {};  ///< absent while in flight, and where nothing was sent
};

std::string_view to_string(Event::Kind kind);

struct ReplicaOutput {
  std::string out = {}, err = {};  ///< bounded: the first and the last part of a long one
};

struct History {
  std::vector<Event> events = {};           ///< in the order in which they were seen
  std::vector<StepRecord> steps = {};       ///< in the order in which they came to the gate
  std::vector<ReplicaOutput> outputs = {};  ///< by replica
  std::size_t replicas = 0;
  /// How many sessions stood at the server's door together before the first was let in.
  std::optional<std::size_t> sessions_at_the_door = {};

  /// Exited or killed; null while neither was seen.
  const Event* exit_of(std::size_t replica) const;
};

}  // namespace gauntlet::core
