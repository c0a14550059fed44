// The scheduler behind the gate: it lets one step go, waits until nothing moves by itself any more,
// and then asks which step is next.
//
// A session is held at the gate, or its statement runs in the server, or it is blocked there, or
// its client works. `blocked` is what pg_blocking_pids replies on a control connection that passes
// no gate; it is never guessed from time.
//
// Replicas that are threads call the gate on their own threads, and programs by way of the wire
// door's. One other thread, the conductor, calls settle() and let_go().
#pragma once

#include "harness/explore/choice.h"
#include "harness/gate/async_gate.h"
#include "harness/schedule/blocked.h"
#include "harness/schedule/overlaps.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::schedule {

class Scheduler : public gate::Gate {
 public:
  struct Limits {
    /// Without a statement that ends or a replica that moves for so long, a run is stuck.
    std::chrono::milliseconds stuck_after{20'000};
    /// So many of a client's timers may expire in a row while nothing else has happened; then the
    /// client is parked until another replica has done a step.
    std::size_t fruitless_waits_max = 2;
    /// Are the two statements of an overlap held until both are inside the server, or only let go
    /// together?
    bool holds_overlaps = true;
    bool offers_faults = false;  ///< until the first that is chosen; of threads only
    /// Reads what statements touch; null: each may touch everything. It outlives the scheduler.
    explore::Footprints* footprints = nullptr;
  };
  /// What replicas are. Of a program it cannot be known what it waits for, only that it sleeps.
  enum class Replicas { threads, programs };

  /// `overlaps` may be null: then none is offered.
  Scheduler(Replicas kind, std::size_t replicas, BlockedSessions& server, Overlaps* overlaps,
            Limits limits);

  // Of the replicas' threads.
  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override;
  /// A session was connected.
  void opened(core::SessionId id, int backend_pid);
  /// A session ends: waits until that may happen.
  void closes(core::SessionId id);
  void closed(core::SessionId id);
  /// Was the session's statement cancelled because we chose it as a deadlock's victim?
  bool is_victim(core::SessionId id);
  /// What the session is about to do takes no time of a client: it is no wait.
  void does_not_wait(core::SessionId id);
  void ended(std::size_t replica);

  // Of the wire door's thread.
  std::optional<core::Ruling> at_the_door(const core::Step& step,
                                          const gate::Held& ticket) noexcept;
  void begins(core::SessionId id);  ///< its client asks to be let in
  void leaves(core::SessionId id);  ///< its client has gone

  // Of the conductor's thread.
  enum class Settled {
    choose,  ///< `point` has what may be let go
    ended,   ///< every replica has ended
    hung,    ///< all that are left wait in the server for one another, and the server sees no cycle
    stuck,   ///< nothing moved for `stuck_after`
  };
  struct Watch {
    std::function<void()> collect = {};  ///< reports programs that have ended
    /// How often the replica's threads have given up the processor, if all of them sleep.
    std::function<std::optional<std::uint64_t>(std::size_t replica)> switches_if_asleep = {};
    /// Waits until all that replicas had sent before the call has reached the gate.
    std::function<bool()> wait_for_what_was_sent = {};
  };
  /// Returns when no replica moves by itself. `watch` is for programs. Throws: Error if the server
  /// cannot be asked.
  Settled settle(explore::Point& point, const Watch& watch);
  Settled settle(explore::Point& point) { return settle(point, {}); }
  /// Two statements that are yet to come may overlap. Throws: Error if the server cannot be asked.
  void prepare_overlaps() {
    if (overlaps_ != nullptr && limits_.holds_overlaps) overlaps_->prepare();
  }
  /// What became of the two statements of an overlap. Throws: Error if the server cannot be asked.
  explore::Met let_go(const explore::Option& option);
  /// From now on everything proceeds: the run is given up.
  void open();
  /// What each replica does, for a reader.
  std::string state_text();

 private:
  /// Most statements end sooner than this, and then the server need not be asked.
  static constexpr std::chrono::microseconds asked_after{250};

  enum class State { starting, works, held, in_server, leaving, gone };
  struct SessionState {
    State state = State::works;
    int backend_pid = 0;
    explore::Option option = {};            ///< while it is held
    std::optional<gate::Held> ticket = {};  ///< of a program's
    bool may_go = false;
    core::Ruling ruling = {};    ///< once it may go
    bool does_not_wait = false;  ///< the next wait
    bool is_victim = false;
    bool is_blocked = false;
    /// Of the statement that was answered last, if its client may ask the same again after a wait.
    std::optional<std::uint64_t> fruitless = {};
  };
  struct ReplicaState {
    bool ended = false;
    /// A program that was refused a lock that it tried, or that sleeps: what it does next, it does
    /// after a wait of its own.
    bool yields = false;
    bool sleeps = false;
    bool is_awaited = false;  ///< its wait was ended: it must come, or end
    bool has_waited = false;  ///< its next statement comes after a wait that was ended
    std::size_t fruitless_waits = 0;
    std::uint64_t steps_by_others = 0;
    std::uint64_t seen = 0;  ///< of `steps_by_others`, when it began to wait last
    std::optional<std::uint64_t> switches = {};  ///< when it was looked at last
  };

  core::Ruling hold(std::unique_lock<std::mutex>& held, core::SessionId id, explore::Option option);
  void add_faults(std::vector<explore::Option>& options) const;
  explore::Option option_of(const core::Step& step, bool waits) const;
  void begin_wait(ReplicaState& replica);
  void moved();
  bool stands(std::size_t replica) const;
  bool all_stand() const;
  bool all_ended() const;
  bool is_leaving() const;
  void look_for_sleepers(std::unique_lock<std::mutex>& held, const Watch& watch);
  bool may_sleep(std::size_t replica) const;
  std::vector<int> pids_in_server() const;
  bool note_blocked(const Blocked& blocked);
  bool options_into(explore::Point& point);
  void add_overlaps(std::vector<explore::Option>& options);
  explore::Met let_both_go(std::unique_lock<std::mutex>& held, const explore::Option& option);
  explore::Met comes_inside(std::unique_lock<std::mutex>& held, core::SessionId id);
  void let_session_go(core::SessionId id, core::Ruling ruling = {});
  void add_options_of(std::size_t replica, std::vector<explore::Option>& options) const;
  bool is_parked(const explore::Option& option) const;
  void count_step_of(std::size_t replica);
  void choose_victim(std::unique_lock<std::mutex>& held, SessionState& session);

  const Replicas kind_;
  BlockedSessions& server_;
  Overlaps* const overlaps_;
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<core::SessionId, SessionState> sessions_;
  std::vector<ReplicaState> replicas_;
  std::uint64_t events_ = 0;
  std::optional<std::size_t> last_;
  std::vector<core::SessionId> cycle_ = {};  ///< sessions that wait for one another
  bool is_open_ = false;
  bool is_harmed_ = false;  ///< a fault was chosen
};

/// The scheduler as the gate of a wire door.
class ProgramGate : public gate::AsyncGate {
 public:
  explicit ProgramGate(Scheduler& scheduler) : scheduler_(scheduler) {}
  std::optional<core::Ruling> at(const core::Step& step, std::chrono::milliseconds,
                                 const gate::Held& held) noexcept override {
    return scheduler_.at_the_door(step, held);
  }
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    scheduler_.after(step, reply);
  }
  void opened(core::SessionId session, int backend_pid) noexcept override {
    scheduler_.opened(session, backend_pid);
  }
  void begins(core::SessionId session) noexcept override { scheduler_.begins(session); }
  void leaves(core::SessionId session) noexcept override { scheduler_.leaves(session); }
  void closed(core::SessionId session) noexcept override { scheduler_.closed(session); }

 private:
  Scheduler& scheduler_;
};

}  // namespace gauntlet::schedule
