// One session's turn at a database: the first look without a lock, the lock, what the tracker said
// under it. Everything that writes goes through here. Belongs to the session's thread.
#pragma once

#include "runner/source/source.h"
#include "runner/tracker/tracker.h"
#include "runner/turn/waiter.h"
#include "runner/values/lock.h"
#include "runner/values/run.h"
#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

class Turn {
 public:
  /// Through `session` of `sessions`. All outlive the turn.
  Turn(Session& session, SessionSource& sessions, const Listing& listing, const RunOptions& options,
       const Observer& observer);

  /// The rows alone, by one cheap statement: see Tracker::glance().
  std::optional<AppliedSet> glance() { return tracker_.glance(); }

  /// Reads once, without a lock: all that follows goes by it.
  void begin();

  const Tracker& tracker() const { return tracker_; }
  const Reading& reading() const { return reading_; }
  const Lock& lock() const { return *lock_; }
  Session& session() const { return session_; }
  const RunOptions& options() const { return options_; }
  /// Whether the session is a pool's, which lends it again after the run.
  bool session_is_lent_again() const { return sessions_.outlives_run(); }
  /// What the run sets, and sets again after each body.
  RunSettings settings() const;

  /// Whether another replica's word, that it failed or that all is applied, ends the waiting: only
  /// for who would apply the same.
  enum class Words { heeded, of_no_concern };

  /// What a try for the turn came to. reading() is new.
  enum class Tried {
    ours,    ///< reading() was read under the lock; where a turn is a migration's, by the last look
    others,  ///< another runner has it, or `condition` does not hold any more
    again,   ///< the tracker appeared meanwhile: to be tried again with a condition on it
  };
  /// Takes the turn if nobody has it and `condition`, in SQL, holds. Throws: Error `pooler`,
  /// `failed-elsewhere`.
  Tried try_take(const std::string& condition, Words words = Words::of_no_concern);

  /// After others had it: waits until it is worth to try again, or all is applied. Throws: Error
  /// `lock-timeout`, `failed-elsewhere`, `interrupted`.
  Waiter::Told wait(Words words = Words::of_no_concern);

  /// Creates the tracker where it is missing and takes over from a predecessor. Notes are told.
  void make_ours();

  /// Reads again, without a lock.
  void look() { reading_ = tracker_.read(); }

  /// Where a turn is one migration's and another replica has it: waits a little and looks again.
  void wait_and_look();

  /// Behind a pooler the server's session is lent again, as a pool's is, and something of ours is
  /// left in it.
  bool leaves_something_behind() const;

  /// Where a turn is a transaction: waits until nobody runs a migration outside one, and looks
  /// again; nobody will while the value lives. Where it lasts a run, the turn is enough.
  std::shared_ptr<const void> be_alone();

  /// After it a mark that is read stands for a migration that nobody runs any more, if a turn can
  /// tell that at all.
  void wait_for_owners_of_marks();

  /// For a pool that lends the session again: what the run took and set is given back, and the lock
  /// is seen to have been ours. Throws: Error `not-unlocked`, SqlError.
  void give_back();

  /// The same after a failure, which is what is told: a lock that went with it is no news.
  void give_back_after_failure() noexcept;

  void tell(const Event& event) const;
  /// Throws: Error `interrupted`, with `so_far` in it.
  void refuse_if_interrupted(const std::string& so_far) const;

 private:
  const std::vector<Migration>& heeded(Words words) const;
  void forget_what_was_told();
  Tried try_once(const std::string& condition);
  void refuse_pooler() const;
  bool behind_pooler() const { return reading_.backend_pid != session_.backend_pid(); }
  void release();
  Waiter& waiter();

  Session& session_;
  SessionSource& sessions_;
  const Listing& listing_;
  const RunOptions& options_;
  const Observer& observer_;
  Tracker tracker_;
  Reading reading_;
  bool has_lock_timeout_ = false;  ///< of the first look: later ones come from transactions of ours
  std::unique_ptr<Lock> lock_;
  std::optional<Waiter> waiter_;
  enum class Holding { nothing, lock } holding_ = Holding::nothing;
  bool listens_ = false;
  bool is_first_try_ = true;
};

/// Borrows a session and does `work` with its turn, which has not begun; a session that outlives
/// the run is left without lock, listening, open transaction and settings of the run's, whatever
/// happened. Throws: as `work`; Error `not-unlocked`.
void with_turn(SessionSource& sessions, const Listing& listing, const RunOptions& options,
               const Observer& observer, const std::function<void(Turn&)>& work);

}  // namespace gauntlet::runner
