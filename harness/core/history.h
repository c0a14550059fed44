// What happened in a run, in order: recorded first, judged after. Values; no effects.
#pragma once

#include "harness/core/step.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
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
    // What somebody beside the replicas did; `text` says it to a reader.
    noted,
    foreign_lock_taken,     ///< a session outside the fleet holds the migration lock
    foreign_lock_released,  ///< it is about to give the lock back
    writers_released,       ///< nobody could write to a held tracker before this event
  };

  Kind kind = Kind::started;
  std::size_t replica = 0;
  std::chrono::microseconds at{0};  ///< since the history began, on a monotonic clock
  std::optional<int> exit_code = {};
  std::optional<int> signal = {};
  std::size_t session = 0;               ///< of this replica
  std::optional<int> backend_pid = {};   ///< of opened
  std::optional<std::size_t> step = {};  ///< of asked, let_go, answered: a position in `steps`
  /// Of opened: user and start-up settings, `name=value` a line; of what somebody beside the
  /// replicas did: what.
  std::string text = {};
};

/// A step with all that became of it.
struct StepRecord {
  Step step = {};
  Ruling ruling = {};
  std::optional<Reply> reply = {};  ///< absent while in flight, and where nothing was sent
};

std::string_view to_string(Event::Kind kind);

/// Done by a replica, or to it; false for what somebody beside the replicas did.
bool is_of_a_replica(const Event& event);

/// What a session of the run's database did when Gauntlet was about to end a replica.
struct SessionWait {
  int backend_pid = 0;
  std::string wait_event_type = {}, wait_event = {};  ///< as pg_stat_activity names them
  std::string state = {};                             ///< `active`, `idle in transaction`
  std::string statement = {};                         ///< the current one, or the last
  std::vector<int> blocked_by = {};                   ///< pg_blocking_pids
};

/// Nothing in a run went on any more, so that Gauntlet ended it before its deadline.
struct Standstill {
  std::chrono::milliseconds lasted{0};  ///< without progress
  std::string doing = {};               ///< what its processes waited for
  std::string outside = {};             ///< who beside them may keep it waiting; empty: nobody seen
  bool is_done = false;                 ///< all that it was started for was done by then
  bool looks_again = false;             ///< it repeats a statement, or starts processes, in vain
};

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
  /// All sessions of the database, read once, before the first replica was ended at its deadline.
  std::vector<SessionWait> waits = {};
  std::optional<Standstill> standstill = {};
  /// Files on whose lock a replica was seen to wait for another, while both were held at a barrier
  /// or behind it.
  std::set<std::string> file_locks = {};

  /// Exited or killed; null while neither was seen.
  const Event* exit_of(std::size_t replica) const;
};

}  // namespace gauntlet::core
