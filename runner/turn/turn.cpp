#include "runner/turn/turn.h"

#include "runner/postgres/pooling.h"
#include "runner/tracker/dialect.h"
#include "runner/turn/take_over.h"

#include <exception>
#include <utility>

#include <fmt/format.h>
#include <poll.h>

namespace gauntlet::runner {

Turn::Turn(Session& session, SessionSource& sessions, const Listing& listing,
           const RunOptions& options, const Observer& observer)
    : session_(session),
      sessions_(sessions),
      listing_(listing),
      options_(options),
      observer_(observer),
      tracker_(session, options.tracker) {}

bool Turn::is_needless(const Needless& question) {
  if (!question || session_.engine() != Engine::postgres) return false;
  const auto applied = tracker_.glance();
  return applied && question(*this, *applied);
}

void Turn::begin() {
  look();
  const std::int64_t key =
      options_.lock_key != 0 ? options_.lock_key : lock_key_of(tracker_.name());
  // On SQLite each transaction takes the turn by itself.
  const bool sqlite = session_.engine() == Engine::sqlite;
  lock_.emplace(session_, sqlite ? LockMode::transaction : options_.lock, key, tracker_.quoted());
}

Applying Turn::applying() const {
  return {.session = session_,
          .tracker = tracker_,
          .lock = *lock_,
          .settings = {.statement_timeout = options_.statement_timeout,
                       .lock_timeout = options_.lock_timeout,
                       .check_connection = reading_.checks_connection,
                       .keep_encoding = behind_pooler(),
                       .engine = session_.engine()}};
}

bool Turn::take(const Wanted& wanted, Words words) {
  if (wanted(reading_).empty()) return false;
  switch (lock_->mode()) {
    case LockMode::notify:
      refuse_pooler();
      return take_notified(wanted, words);
    case LockMode::blocking:
      refuse_pooler();
      return take_blocking() && !wanted(reading_).empty();
    case LockMode::transaction:
    case LockMode::table:
    case LockMode::none:
      break;
  }
  session_.interrupt_with(options_.interrupt_fd);
  return true;
}

void Turn::refuse_pooler() const {
  if (options_.session_pooler || !behind_pooler()) return;
  const Pooling pooling = pooling_of(session_, reading_.backend_pid, sessions_);
  if (pooling == Pooling::by_session) return;
  throw pooler_error(pooling, session_.backend_pid(), reading_.backend_pid);
}

bool Turn::leaves_something_behind() const {
  return behind_pooler() && (listens_ || holding_ == Holding::lock);
}

bool Turn::take_notified(const Wanted& wanted, Words words) {
  if (try_once(wanted, wanted(reading_)) == Tried::ours) return !wanted(reading_).empty();
  if (wanted(reading_).empty()) return false;
  const std::vector<Migration> none;
  const auto& ours = words == Words::heeded ? listing_.migrations : none;
  forget_what_was_told();
  listens_ = true;
  session_.send(lock_->listen_statement());
  const Session::IsEnough is_enough = enough_to_leave(ours);
  Tried tried{};
  while ((tried = try_once(wanted, wanted(reading_), is_enough)) == Tried::others) {
    if (wanted(reading_).empty()) return false;
    if (waiter().wait(ours) == Waiter::Told::that_all_is_applied) return false;
    refuse_if_interrupted("nothing was applied");
  }
  if (tried == Tried::needless) return false;
  // A holder tells of its failure before it lets the lock go: having the lock, we have been told.
  waiter().heed_what_was_told(ours);
  return !wanted(reading_).empty();
}

// A pool's session may have heard of a run long past.
void Turn::forget_what_was_told() {
  while (session_.wait_for_notification(std::chrono::milliseconds(0), -1)) continue;
}

// Lock and read are one message, so that what is read is what the lock protects. READ COMMITTED, or
// a stricter default would read what was true before the lock was ours.
Turn::Tried Turn::try_once(const Wanted& wanted, std::string condition,
                           const Session::IsEnough& is_enough) {
  holding_ = Holding::lock;  // perhaps: the message may fail after it took the lock
  const auto results = session_.send_until_told(
      fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED;{};{};COMMIT",
                  lock_->take_statement(condition), tracker_.read_statement(reading_)),
      is_enough);
  if (!results) return Tried::needless;
  const bool had_tracker = reading_.tracker_exists;
  const auto& locked = results->at(1).rows;
  reading_ = tracker_.reading_of(results->at(2));
  const bool ours = !locked.empty() && locked.front()[0] == "true";
  if (ours) {
    session_.interrupt_with(options_.interrupt_fd);
    return Tried::ours;
  }
  holding_ = Holding::nothing;
  if (had_tracker || !reading_.tracker_exists) return Tried::others;
  // The condition was asked of a tracker that was not there yet.
  condition = wanted(reading_);
  if (condition.empty()) return Tried::others;
  return try_once(wanted, std::move(condition), is_enough);
}

// Where all waiters leave at once, a server is slow to answer who asks meanwhile: who is told need
// not hear the answer, if the session ends with the run.
Session::IsEnough Turn::enough_to_leave(const std::vector<Migration>& ours) {
  if (sessions_.outlives_run() || behind_pooler() || ours.empty()) return {};
  return [this, &ours](const std::string& payload) { return waiter().is_enough(payload, ours); };
}

bool Turn::take_blocking() {
  session_.interrupt_with(options_.interrupt_fd);
  holding_ = Holding::lock;  // perhaps, as above
  try {
    const std::vector<Result> results = session_.send(
        fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED;SET LOCAL lock_timeout = {};{};{};COMMIT",
                    options_.lock_wait_max.count(), lock_->take_statement({}),
                    tracker_.read_statement(reading_)));
    reading_ = tracker_.reading_of(results[3]);
  } catch (const SqlError& error) {
    if (!error.connection_lost()) roll_back(session_);
    if (error.said().sqlstate == "55P03") throw waiter().timed_out();
    throw;
  } catch (const Error&) {
    roll_back(session_);
    throw;
  }
  if (!reading_.tracker_exists) return true;
  reading_ = tracker_.reading_of(session_.send(tracker_.read_statement(reading_)).front());
  return true;
}

void Turn::make_ours() {
  TakeOverOptions how{.legacy_table = options_.tracker.legacy_table};
  if (options_.lock_timeout.count() > 0) how.patience = options_.lock_timeout;
  while (true) {
    try {
      TakenOver taken = take_over(session_, tracker_, *lock_, reading_, listing_.migrations, how);
      for (const std::string& note : taken.notes) tell(Warned{note});
      reading_ = std::move(taken.reading);
      return;
    } catch (const NotOurTurn&) {
      wait_and_look();
    }
  }
}

void Turn::wait_and_look() {
  refuse_if_interrupted("another runner had the turn");
  waiter().wait({});
  look();
}

std::shared_ptr<const void> Turn::be_alone() {
  while (true) {
    if (auto alone = lock_->try_beside()) {
      if (session_.engine() == Engine::sqlite) look();
      return alone;
    }
    wait_and_look();
  }
}

void Turn::wait_for_owners_of_marks() {
  if (session_.engine() == Engine::sqlite && !reading_.applied.marks.empty()) be_alone();
}

void Turn::give_back() {
  session_.interrupt_with(-1);
  session_.limit({});
  roll_back(session_);
  session_.send(dialect_of(session_.engine()).reset_session());
  if (std::exchange(listens_, false)) session_.send(lock_->unlisten_statement());
  release();
}

void Turn::give_back_after_failure() noexcept {
  try {
    give_back();
  } catch (const std::exception&) {
    // The failure itself is on its way to the caller.
    return;
  }
}

void Turn::release() {
  if (std::exchange(holding_, Holding::nothing) == Holding::nothing) return;
  if (lock_->release_statement().empty()) return;
  const auto released = [this] {
    return session_.send(lock_->release_statement()).front().rows.front().front() == "true";
  };
  // Each proof outside a transaction took it once more.
  bool was_ours = released();
  for (bool more = was_ours; more;) more = released();
  if (was_ours) return;
  throw Error("not-unlocked", "the migration lock was not ours any more when the run gave it back",
              fmt::format("advisory lock {} of {}", lock_->key(), tracker_.name()),
              "a migration that calls pg_advisory_unlock_all() or DISCARD ALL gives it away: take "
              "that out");
}

void Turn::tell(const Event& event) const {
  if (observer_) observer_(event);
}

void Turn::refuse_if_interrupted(const std::string& so_far) const {
  pollfd polled{options_.interrupt_fd, POLLIN, 0};
  if (options_.interrupt_fd < 0 || poll(&polled, 1, 0) <= 0) return;
  throw Error("interrupted", "interrupted; " + so_far, {}, "run it again");
}

Waiter& Turn::waiter() {
  if (!waiter_) waiter_.emplace(session_, *lock_, options_, observer_);
  return *waiter_;
}

namespace {

// The first read may have to wait for another's commit already.
void bound(Session& session, const RunOptions& options) {
  StatementLimits limits{.run = options.statement_timeout};
  limits.lock_wait =
      options.lock_timeout.count() > 0 ? options.lock_timeout : options.lock_wait_max;
  if (limits.lock_wait->count() == 0) limits.lock_wait.reset();
  session.limit(limits);
  session.interrupt_with(options.interrupt_fd);
}

}  // namespace

void with_turn(SessionSource& sessions, const Listing& listing, const RunOptions& options,
               const Observer& observer, const std::function<void(Turn&)>& work,
               const Turn::Needless& is_needless) {
  refuse_problems(listing);
  const std::unique_ptr<Session> session = sessions.acquire(options.session_patience);
  if (session->engine() == Engine::sqlite) bound(*session, options);
  Turn turn(*session, sessions, listing, options, observer);
  if (turn.is_needless(is_needless)) return;
  turn.begin();
  const auto is_lent_again = [&] {
    return sessions.outlives_run() || turn.leaves_something_behind();
  };
  try {
    work(turn);
  } catch (...) {
    if (is_lent_again()) turn.give_back_after_failure();
    throw;
  }
  if (is_lent_again()) turn.give_back();
}

}  // namespace gauntlet::runner
