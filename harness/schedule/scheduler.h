// The scheduler behind the gate: it lets one step go, waits until nothing moves by itself any more,
// and then asks which step is next.
//
// A session is held at the gate, or its statement runs in the server, or it is blocked there, or
// its client works. `blocked` is what pg_blocking_pids replies on a control connection that passes
// no gate; it is never guessed from time.
//
// Replicas call the gate on their own threads. One other thread, the conductor, calls settle() and
// let_go().
#pragma once

#include "harness/explore/choice.h"
#include "harness/gate/gate.h"
#include "harness/schedule/blocked.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
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
  };

  Scheduler(std::size_t replicas, BlockedSessions& server, Limits limits);

  // Of the replicas' threads.
  core::Ruling at(const core::Step& step, std::chrono::milliseconds patience) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override;
  /// A session was connected.
  void opened(core::SessionId session, int backend_pid);
  /// A session ends: waits until that may happen.
  void closes(core::SessionId session);
  void closed(core::SessionId session);
  /// Was the session's statement cancelled because we chose it as a deadlock's victim?
  bool is_victim(core::SessionId session);
  /// What the session is about to do takes no time of a client: it is no wait.
  void does_not_wait(core::SessionId session);
  void ended(std::size_t replica);

  // Of the conductor's thread.
  enum class Settled {
    choose,  ///< `point` has what may be let go
    ended,   ///< every replica has ended
    hung,    ///< all that are left wait in the server for one another, and the server sees no cycle
    stuck,   ///< nothing moved for `stuck_after`
  };
  /// Returns when no replica moves by itself. Throws: Error if the server cannot be asked.
  Settled settle(explore::Point& point);
  void let_go(const explore::Option& option);
  /// From now on everything proceeds: the run is given up.
  void open();
  /// What each replica does, for a reader.
  std::string state_text();

 private:
  enum class State { works, held, in_server, gone };
  struct SessionState {
    State state = State::works;
    int backend_pid = 0;
    explore::Option option = {};  ///< while it is held
    bool may_go = false;
    bool does_not_wait = false;  ///< the next wait
    bool is_victim = false;
    bool is_blocked = false;
    std::size_t fruitless_waits = 0;
    std::uint64_t seen = 0;  ///< of `steps_of_others` when it began to wait last
  };

  void hold(std::unique_lock<std::mutex>& held, core::SessionId id, explore::Option option);
  bool client_works() const;
  std::vector<int> pids_in_server() const;
  bool note_blocked(const Blocked& blocked);
  bool options_into(explore::Point& point) const;
  bool is_parked(const core::SessionId& id, const SessionState& session) const;
  void count_step_of(std::size_t replica);

  const std::size_t replicas_;
  BlockedSessions& server_;
  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<core::SessionId, SessionState> sessions_;
  std::set<std::size_t> ended_;
  std::vector<std::uint64_t> steps_by_others_;  ///< by replica: steps that the others have done
  std::uint64_t events_ = 0;
  std::optional<std::size_t> last_;
  std::vector<core::SessionId> cycle_ = {};  ///< sessions that wait for one another
  bool is_open_ = false;
};

}  // namespace gauntlet::schedule
