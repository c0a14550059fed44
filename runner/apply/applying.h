// What a run holds while it applies, and what its tasks share whether they run inside a transaction
// or outside of one.
// Part of apply; belongs to the session's thread.
#pragma once

#include "runner/apply/failure.h"
#include "runner/apply/task.h"
#include "runner/tracker/tracker.h"
#include "runner/turn/not_our_turn.h"
#include "runner/turn/turn.h"
#include "runner/values/lock.h"
#include "runner/values/message.h"
#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// What a run holds while it applies. The lock is held, the tracker read.
struct Applying {
  const Turn& turn;
  Session& session;
  const Tracker& tracker;
  const Lock& lock;
  RunSettings settings;
  /// Runs what the caller hooked before a migration, on a session of its own; may be empty.
  std::function<void(const Task&)> hook = {};
  std::string last_word = "applied";  ///< what the commit of the last task tells those who wait
};

/// What a turn that was taken, and read under its lock, lends to what is applied in it.
Applying applying_of(const Turn& turn);

/// Keeps others out of what a turn does not cover (see Lock::try_beside), having seen that the task
/// is still to be done. Throws: NotOurTurn.
std::shared_ptr<const void> hold_beside(const Applying& applying, const Task& task);

/// While it lives, what the server reports is reported as the task's.
class ReportedNotices {
 public:
  ReportedNotices(const Applying& applying, const Task& task);
  ~ReportedNotices();
  ReportedNotices(const ReportedNotices&) = delete;
  ReportedNotices& operator=(const ReportedNotices&) = delete;

 private:
  Session& session_;
};

/// Does `work`, which runs the task, and brings the connection back to what it was before, whether
/// `work` throws or not. Throws: as `work`; what Kept::restore() throws, if `work` did not throw.
void keep_connection_while(const Applying& applying, const Task& task,
                           const std::function<void()>& work);

/// Throws: NotOurTurn, if that is what an error of a statement of ours says.
void refuse_if_not_our_turn(const Applying& applying, const ErrorSite& site, const SqlError& error);

/// Bounds the transaction's waits for locks, where the task is a file. Code may wait for other
/// sessions of its own program, and a file outside a transaction has no such bound.
void bound_lock_waits(const Applying& applying, const Task& task,
                      std::vector<OwnStatement>& statements);

/// What ends every task's last transaction: settings, proof of lock, the row, COMMIT.
std::vector<OwnStatement> record_statements(const Applying& applying, const Task& task);

}  // namespace gauntlet::runner
