// What happened in a run, in order: recorded first, judged after. Values; no effects.
// Today its events are those of processes; the gate adds the steps of sessions to the same list.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::core {

/// One thing that one subject of a fleet did, or that was done to it.
struct Event {
  enum class Kind {
    started,   ///< the process exists and waits at the barrier
    released,  ///< it was let go
    exited,    ///< it ended by itself; `exit_code` or `signal` is set
    killed,    ///< we ended it: its deadline had passed
  };

  Kind kind = Kind::started;
  std::size_t replica = 0;
  std::chrono::microseconds at{0};  ///< since the history began, on a monotonic clock
  std::optional<int> exit_code = {};
  std::optional<int> signal = {};
};

struct ReplicaOutput {
  std::string out = {}, err = {};  ///< bounded: the first and the last part of a long one
};

struct History {
  std::vector<Event> events = {};           ///< in the order in which they were seen
  std::vector<ReplicaOutput> outputs = {};  ///< by replica
  std::size_t replicas = 0;
  /// How many sessions stood at the server's door together before the first was let in.
  std::optional<std::size_t> sessions_at_the_door = {};

  /// Exited or killed; null while neither was seen.
  const Event* exit_of(std::size_t replica) const;
};

}  // namespace gauntlet::core
