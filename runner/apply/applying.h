// What a run holds while it applies, and what its tasks share whether they run inside a transaction
// or outside of one.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/tracker/tracker.h"
#include "runner/turn/lock.h"
#include "runner/values/message.h"
#include "runner/values/session.h"
#include "runner/values/task.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// The settings a run makes, and makes again after each body.
struct RunSettings {
  std::chrono::milliseconds statement_timeout{0};  ///< 0 leaves the server's
  std::chrono::milliseconds lock_timeout{0};       ///< 0 leaves the server's
  /// A statement of ours whose process is gone ends within a fraction of a second, where the server
  /// can.
  bool check_connection = true;
  /// Behind a pooler RESET ALL sets what the pooler had asked for, not what this connection did.
  bool keep_encoding = false;
  Engine engine = Engine::postgres;  ///< SQLite has no such statements

  /// `SET LOCAL …` or `SET …` statements.
  enum class Scope { transaction, session };
  std::vector<std::string> statements(Scope scope) const;
};

/// What a run holds while it applies. The lock is held, the tracker read.
struct Applying {
  Session& session;
  const Tracker& tracker;
  const Lock& lock;
  RunSettings settings;
  /// Runs what the caller hooked before a migration, on a session of its own; may be empty.
  std::function<void(const Task&)> hook = {};
  std::string last_word = "applied";  ///< what the commit of the last task tells those who wait
};

/// In a lock mode whose turns are a transaction's: another replica has the turn, or had it and did
/// the work. Nothing of ours ran.
class NotOurTurn : public Error {
 public:
  enum class Why { busy, done };
  NotOurTurn(Why why, const std::string& what) : Error("not-our-turn", what), why_(why) {}
  Why why() const noexcept { return why_; }

 private:
  Why why_;
};

/// Keeps others out of what a turn does not cover (see Lock::try_beside), having seen that the task
/// is still to be done. Throws: NotOurTurn.
std::shared_ptr<const void> hold_beside(const Applying& applying, const Task& task);

/// Throws: NotOurTurn, if that is what an error of a statement of ours says.
void refuse_if_not_our_turn(const Applying& applying, const ErrorSite& site, const SqlError& error);

/// What ends every task's last transaction: settings, proof of lock, the row, COMMIT.
std::vector<OwnStatement> record_statements(const Applying& applying, const Task& task);

/// Ends the transaction that a failure left open, if there is one.
void roll_back(Session& session);

/// Appends `sql` unless it is empty: a lock mode has no such statement then.
void add_statement(std::vector<OwnStatement>& statements, Purpose purpose, std::string sql);

}  // namespace gauntlet::runner
