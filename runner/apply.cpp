#include "runner/apply.h"

#include "runner/apply/decide_delivery.h"
#include "runner/apply/lock_retry.h"
#include "runner/apply/outside.h"
#include "runner/apply/shared_failure.h"
#include "runner/tracker/legacy.h"
#include "runner/tracker/tracker.h"
#include "runner/turn/applied_notice.h"
#include "runner/turn/turn.h"
#include "runner/values/elapsed.h"
#include "runner/values/plan.h"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;

PlanPolicy policy_of(const RunOptions& options, const Tracker& tracker) {
  return {.checksums = options.tracker.verify_checksums ? PlanPolicy::Checksums::verify
                                                        : PlanPolicy::Checksums::ignore,
          .unknown = options.strict ? PlanPolicy::Unknown::refuse : PlanPolicy::Unknown::report,
          .tracker = tracker.quoted()};
}

// A hook's session can be interrupted as the run's can, and a pool gets it back without either.
class HookSession {
 public:
  HookSession(Session& session, int interrupt_fd) : session_(session) {
    refuse_unless_idle(session);
    session_.interrupt_with(interrupt_fd);
  }
  ~HookSession() {
    session_.interrupt_with(-1);
    try {
      roll_back(session_);
    } catch (const std::exception&) {
      return;  // the connection is lost, and its transaction with it
    }
  }
  HookSession(const HookSession&) = delete;
  HookSession& operator=(const HookSession&) = delete;

  /// What was not committed would be lost in silence.
  void refuse_open_transaction() const {
    const TransactionStatus status = session_.transaction_status();
    if (status == TransactionStatus::idle || status == TransactionStatus::unknown) return;
    throw Error("open-transaction", "it left its transaction open, which was rolled back");
  }

 private:
  Session& session_;
};

// A hook's work on a session of its own, so that it can take locks of its own.
void run_hook(SessionSource& sessions, const RunOptions& options, const Task& task) {
  const auto hook = options.hooks.find(task.migration->version);
  if (hook == options.hooks.end()) return;
  const std::string name = "the hook of " + task.name();
  std::unique_ptr<Session> session;
  try {
    session = sessions.acquire(options.session_patience);
  } catch (const Error& error) {
    throw Error("no-session", fmt::format("{} needs a second session: {}", name, error.message()),
                error.where().empty() ? "the pool that lends the run its sessions" : error.where(),
                "let the pool lend two sessions at once");
  }
  const HookSession lent(*session, options.interrupt_fd);
  try {
    hook->second(*session);
    lent.refuse_open_transaction();
  } catch (const std::exception& error) {
    const auto* told = dynamic_cast<const Error*>(&error);
    if (told != nullptr && told->code() == "interrupted") throw Error(*told);
    throw Error(
        "hook-failed",
        fmt::format("{} failed: {}", name, told == nullptr ? error.what() : told->message()),
        told == nullptr || told->where().empty() ? task.where() : told->where(),
        "the migration did not run; the next run tries hook and migration again");
  }
}

class Run {
 public:
  Run(SessionSource& sessions, const Listing& listing, const RunOptions& options, Turn& turn)
      : sessions_(sessions), listing_(listing), options_(options), turn_(turn) {}

  std::vector<Version> up() {
    plan();
    for (const std::string& note : plan_.notes) turn_.tell(Warned{note});
    if (take_turn()) {
      apply();
    } else {
      turn_.tell(RunStarted{0});
    }
    turn_.tell(RunFinished{applied_.size(), elapsed_since(start_)});
    return std::move(applied_);
  }

 private:
  void plan() {
    plan_ = make_plan(listing_.migrations, turn_.reading().applied,
                      policy_of(options_, turn_.tracker()));
    refuse_problems(plan_);
  }

  // A mark may belong to a runner that is alive: only the lock tells.
  bool has_work() const { return !plan_.pending.empty() || !plan_.in_progress.empty(); }

  // True: the turn is ours. False: others did all there was.
  bool take_turn() {
    while (has_work()) {
      const Turn::Tried tried = turn_.try_take(condition(), Turn::Words::heeded);
      if (tried == Turn::Tried::ours) return true;
      plan();
      const bool waits = tried == Turn::Tried::others && has_work();
      if (waits && turn_.wait(Turn::Words::heeded) == Waiter::Told::that_all_is_applied) break;
    }
    return false;
  }

  std::string condition() const {
    if (!plan_.in_progress.empty()) return "true";
    std::vector<Version> wanted;
    for (const Migration* migration : plan_.pending) wanted.push_back(migration->version);
    return turn_.tracker().pending_condition(wanted, turn_.reading());
  }

  void apply() {
    turn_.make_ours();
    turn_.wait_for_owners_of_marks();
    plan();
    Applying applying = applying_of(turn_);
    if (!options_.hooks.empty()) {
      applying.hook = [this](const Task& task) { run_hook(sessions_, options_, task); };
    }
    refuse_in_progress(applying, listing_.migrations);
    look_at_files();
    applying.last_word = applied_notice(turn_.tracker().quoted(), rows_at_the_end());
    turn_.tell(RunStarted{plan_.pending.size()});
    while (!plan_.pending.empty()) {
      turn_.refuse_if_interrupted(fmt::format("{} migrations were applied", applied_.size()));
      apply_next(applying);
    }
  }

  // While the turn is ours, nobody else adds to them.
  std::vector<AppliedRow> rows_at_the_end() const {
    std::vector<AppliedRow> rows = turn_.reading().applied.rows;
    for (const Migration* migration : plan_.pending) rows.push_back(row_of(*migration));
    return rows;
  }

  // Every file is looked at before the first one runs.
  void look_at_files() {
    for (const Migration* migration : plan_.pending) {
      if (deliveries_.contains(migration->version)) continue;
      const SqlDialect& dialect = turn_.session().dialect();
      for (const std::string& directive : unknown_directives(*migration, dialect)) {
        turn_.tell(Warned{fmt::format("{}: unknown directive: {}", migration->where(), directive)});
      }
      deliveries_[migration->version] =
          delivery_of(*migration, options_.no_transaction, Direction::up, dialect);
    }
  }

  void apply_next(const Applying& applying) {
    const Migration& migration = *plan_.pending.front();
    const std::size_t count = plan_.pending.size();
    const Task task{.migration = &migration,
                    .direction = Direction::up,
                    .delivery = deliveries_.at(migration.version),
                    .rank = count == 1 ? Task::Rank::last : Task::Rank::more_follow};
    turn_.tell(MigrationStarted{migration.version, migration.name, applied_.size() + 1,
                                applied_.size() + count});
    const auto began = steady_clock::now();
    try {
      apply_with_retries(applying, task);
    } catch (const NotOurTurn& other) {
      look_again(other);
      return;
    } catch (const Error& error) {
      if (is_shared(applying.session, error)) tell_waiters(applying, migration);
      throw;
    }
    applied_.push_back(migration.version);
    turn_.tell(MigrationFinished{migration.version, migration.name, elapsed_since(began)});
    plan_.pending.erase(plan_.pending.begin());
  }

  void look_again(const NotOurTurn& other) {
    if (other.why() == NotOurTurn::Why::busy) {
      turn_.wait_and_look();
    } else {
      turn_.look();
    }
    turn_.wait_for_owners_of_marks();
    plan();
    refuse_in_progress(applying_of(turn_), listing_.migrations);
    look_at_files();
  }

  // A notice that cannot be sent costs the waiters a try of their own, no more.
  void tell_waiters(const Applying& applying, const Migration& failed) {
    const FailureNotice notice{.version = failed.version,
                               .checksum = failed.checksum().value_or(""),
                               .replica = this_replica()};
    const std::string statement = applying.lock.notify_statement(notice.payload());
    if (statement.empty()) return;
    try {
      applying.session.send_message(message_of(Purpose::notify, statement));
    } catch (const Error&) {
      return;
    }
  }

  SessionSource& sessions_;
  const Listing& listing_;
  const RunOptions& options_;
  Turn& turn_;
  Plan plan_;
  std::map<Version, Delivery> deliveries_;
  std::vector<Version> applied_;
  steady_clock::time_point start_ = steady_clock::now();
};

// Whether one cheap look shows that there is nothing to do, and nothing to say.
bool is_all_applied(Turn& turn, const Listing& listing, const RunOptions& options) {
  const auto applied = turn.glance();
  if (!applied) return false;
  const Plan plan = make_plan(listing.migrations, *applied, policy_of(options, turn.tracker()));
  return plan.pending.empty() && plan.problems.empty() && plan.notes.empty();
}

}  // namespace

Preview preview(Session& session, const Listing& listing, const RunOptions& options) {
  Tracker tracker(session, options.tracker);
  Reading reading = tracker.read();
  Preview preview;
  if (reading.applied.rows.empty() && reading.applied.marks.empty()) {
    const Legacy legacy =
        read_legacy(session, tracker.schema(), options.tracker.legacy_table, LegacyLock::none);
    if (legacy.state == Legacy::State::dirty) preview.problems.push_back(dirty_legacy(legacy));
    if (legacy.state == Legacy::State::clean) {
      count_as_applied(listing.migrations, *legacy.version, reading.applied);
    }
  }
  Plan plan = make_plan(listing.migrations, reading.applied, policy_of(options, tracker));
  std::ranges::move(plan.problems, std::back_inserter(preview.problems));
  for (const Mark& mark : plan.in_progress) {
    preview.problems.push_back(
        {"in-progress",
         fmt::format("migration {} ({}) is at {}, outside a transaction", mark.version.number,
                     mark.name, progress_of(mark)),
         begun_by(mark, session.dialect().process_noun()),
         "if nobody runs it any more, `gauntlet-migrate up` tells how to go on"});
  }
  for (const Migration* migration : plan.pending) {
    try {
      preview.pending.push_back({migration, delivery_of(*migration, options.no_transaction,
                                                        Direction::up, session.dialect())});
    } catch (const Error& error) {
      preview.pending.push_back({migration, Delivery::in_transaction});
      preview.problems.push_back(error);
    }
  }
  return preview;
}

std::vector<Version> up(SessionSource& sessions, const Listing& listing, const RunOptions& options,
                        const Observer& observer) {
  std::vector<Version> applied;
  with_turn(sessions, listing, options, observer, [&](Turn& turn) {
    const auto start = steady_clock::now();
    if (is_all_applied(turn, listing, options)) {
      turn.tell(RunStarted{0});
      return turn.tell(RunFinished{0, elapsed_since(start)});
    }
    turn.begin();
    applied = Run(sessions, listing, options, turn).up();
  });
  return applied;
}

}  // namespace gauntlet::runner
