#include "runner/apply.h"

#include "runner/apply_one.h"
#include "runner/legacy.h"
#include "runner/lock.h"
#include "runner/plan.h"
#include "runner/take_over.h"
#include "runner/tracker.h"
#include "runner/waiter.h"

#include <algorithm>

#include <fmt/format.h>
#include <poll.h>

namespace gauntlet::runner {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// How long a pool may take to lend a session.
constexpr seconds session_patience{30};

microseconds since(steady_clock::time_point start) {
  return std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
}

PlanPolicy policy_of(const RunOptions& options, const Tracker& tracker) {
  return {.checksums = options.tracker.verify_checksums ? PlanPolicy::Checksums::verify
                                                        : PlanPolicy::Checksums::ignore,
          .unknown = options.strict ? PlanPolicy::Unknown::refuse : PlanPolicy::Unknown::report,
          .tracker = tracker.quoted()};
}

// Whether another replica would fail in the same way.
bool is_the_migrations_fault(const Error& error) {
  return error.code() != "interrupted" && error.code() != "lock-lost" &&
         error.code() != "connection-lost";
}

class Run {
 public:
  Run(Session& session, const Listing& listing, const RunOptions& options, const Observer& observer)
      : session_(session),
        listing_(listing),
        options_(options),
        observer_(observer),
        tracker_(session, options.tracker) {}

  std::vector<Version> up() {
    reading_ = tracker_.read();
    plan();
    for (const std::string& note : plan_.notes) tell(Warned{note});
    if (something_to_do()) refuse_pooler();
    const Lock lock(session_,
                    options_.lock_key != 0 ? options_.lock_key : lock_key_of(tracker_.name()));
    if (something_to_do() && take_turn(lock)) {
      apply(lock);
    } else {
      tell(RunStarted{0});
    }
    tell(RunFinished{applied_.size(), since(start_)});
    return std::move(applied_);
  }

 private:
  void plan() {
    plan_ = make_plan(listing_.migrations, reading_.applied, policy_of(options_, tracker_));
    refuse_problems(plan_);
  }

  // A mark may belong to a runner that is alive: only the lock tells.
  bool something_to_do() const { return !plan_.pending.empty() || !plan_.in_progress.empty(); }

  void refuse_pooler() const {
    if (options_.session_pooler || reading_.backend_pid == session_.backend_pid()) return;
    throw Error(
        "pooler",
        "a connection pooler stands between us and the server, where a session lock excludes "
        "nobody",
        fmt::format("the connection was given server process {}, but {} answered",
                    session_.backend_pid(), reading_.backend_pid),
        "give a direct URL with --database; or, if the pooler keeps one server session a client "
        "(session mode), say --session-pooler");
  }

  // True: the lock is ours, and `reading_` was read under it. False: others did all there was to
  // do.
  bool take_turn(const Lock& lock) {
    if (try_lock(lock)) return something_to_do();
    if (!something_to_do()) return false;
    session_.send(lock.listen_statement());
    Waiter waiter(session_, lock, options_, observer_);
    while (true) {
      if (try_lock(lock)) return something_to_do();
      if (!something_to_do()) return false;
      refuse_if_interrupted();
      waiter.wait(listing_.migrations);
    }
  }

  // Lock and read are one message, so that what is read is what the lock protects. READ COMMITTED,
  // or a stricter default would read what was true before the lock was ours.
  bool try_lock(const Lock& lock) {
    std::vector<Version> wanted;
    for (const Migration* migration : plan_.pending) wanted.push_back(migration->version);
    for (const Mark& mark : plan_.in_progress) wanted.push_back(mark.version);
    const std::vector<Result> results =
        session_.send(fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED;{};{};COMMIT",
                                  lock.try_statement(tracker_.pending_condition(wanted, reading_)),
                                  tracker_.read_statement(reading_)));
    const bool had_tracker = reading_.tracker_exists;
    const auto& locked = results[1].rows;
    reading_ = tracker_.reading_of(results[2]);
    const bool ours = !locked.empty() && locked.front()[0] == "true";
    if (!had_tracker && reading_.tracker_exists && !ours) return try_lock(lock);
    plan();
    return ours;
  }

  void apply(const Lock& lock) {
    session_.interrupt_with(options_.interrupt_fd);
    make_ours();
    const Applying applying{.session = session_,
                            .tracker = tracker_,
                            .lock = lock,
                            .settings = {.statement_timeout = options_.statement_timeout,
                                         .lock_timeout = options_.lock_timeout,
                                         .check_connection = reading_.checks_connection}};
    refuse_in_progress(applying);
    std::vector<Delivery> deliveries;
    for (const Migration* migration : plan_.pending) {
      for (const std::string& directive : unknown_directives(*migration)) {
        tell(Warned{
            fmt::format("{}: unknown directive: {}", migration->up.file.string(), directive)});
      }
      deliveries.push_back(delivery_of(*migration, options_.no_transaction));
    }
    tell(RunStarted{plan_.pending.size()});
    for (std::size_t index = 0; index < plan_.pending.size(); ++index) {
      refuse_if_interrupted();
      apply_next(applying, index, deliveries[index]);
    }
  }

  void make_ours() {
    TakeOverOptions how{.legacy_table = options_.tracker.legacy_table};
    if (options_.lock_timeout.count() > 0) how.patience = options_.lock_timeout;
    TakenOver taken = take_over(session_, tracker_, reading_, listing_.migrations, how);
    for (const std::string& note : taken.notes) tell(Warned{note});
    reading_ = std::move(taken.reading);
    plan();
  }

  void apply_next(const Applying& applying, std::size_t index, Delivery delivery) {
    const Migration& migration = *plan_.pending[index];
    const std::size_t count = plan_.pending.size();
    tell(MigrationStarted{migration.version, migration.name, index + 1, count});
    const auto began = steady_clock::now();
    try {
      apply_one(applying, migration, delivery, index + 1 == count ? Turn::last : Turn::more_follow);
    } catch (const Error& error) {
      if (is_the_migrations_fault(error)) tell_waiters(applying, migration);
      throw;
    }
    applied_.push_back(migration.version);
    tell(MigrationFinished{migration.version, migration.name, since(began)});
  }

  // A notice that cannot be sent costs the waiters a try of their own, no more.
  void tell_waiters(const Applying& applying, const Migration& failed) {
    const FailureNotice notice{.version = failed.version,
                               .checksum = failed.checksum().value_or("")};
    try {
      session_.send(applying.lock.notify_statement(notice.payload()));
    } catch (const Error&) {
      return;
    }
  }

  void refuse_in_progress(const Applying& applying) const {
    if (plan_.in_progress.empty()) return;
    const Mark& mark = plan_.in_progress.front();
    const auto migration =
        std::ranges::find(listing_.migrations, mark.version, &Migration::version);
    throw in_progress_error(applying, mark, *migration);
  }

  void refuse_if_interrupted() const {
    pollfd polled{options_.interrupt_fd, POLLIN, 0};
    if (options_.interrupt_fd < 0 || poll(&polled, 1, 0) <= 0) return;
    throw Error("interrupted",
                fmt::format("interrupted; {} migrations were applied", applied_.size()), {},
                "run `gauntlet-migrate up` again");
  }

  void tell(const Event& event) const {
    if (observer_) observer_(event);
  }

  Session& session_;
  const Listing& listing_;
  const RunOptions& options_;
  const Observer& observer_;
  Tracker tracker_;
  Reading reading_;
  Plan plan_;
  std::vector<Version> applied_;
  steady_clock::time_point start_ = steady_clock::now();
};

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
         fmt::format("migration {} ({}) is at statement {} of {}, outside a transaction",
                     mark.version.number, mark.name, mark.statement_index, mark.statements),
         fmt::format("begun {} by server process {}", mark.started_at, mark.backend_pid),
         "if nobody runs it any more, `gauntlet-migrate up` tells how to go on"});
  }
  for (const Migration* migration : plan.pending) {
    try {
      preview.pending.push_back({migration, delivery_of(*migration, options.no_transaction)});
    } catch (const Error& error) {
      preview.pending.push_back({migration, Delivery::in_transaction});
      preview.problems.push_back(error);
    }
  }
  return preview;
}

std::vector<Version> up(SessionSource& sessions, const Listing& listing, const RunOptions& options,
                        const Observer& observer) {
  refuse_problems(listing);
  const std::unique_ptr<Session> session = sessions.acquire(session_patience);
  return Run(*session, listing, options, observer).up();
}

}  // namespace gauntlet::runner
