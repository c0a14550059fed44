#include "runner/turn/turn.h"

#include "runner/turn/not_our_turn.h"
#include "runner/turn/take_over.h"
#include "runner/values/own_query.h"

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

void Turn::begin() {
  look();
  has_lock_timeout_ = reading_.has_lock_timeout;
  const std::int64_t key =
      options_.lock_key != 0 ? options_.lock_key : lock_key_of(tracker_.name());
  lock_ = session_.dialect().make_lock(session_, options_.lock, key, tracker_.quoted());
}

RunSettings Turn::settings() const {
  return {.statement_timeout = options_.statement_timeout,
          .lock_timeout = has_lock_timeout_ ? std::chrono::milliseconds{0} : options_.lock_timeout,
          .check_connection = reading_.checks_connection,
          .keep_encoding = behind_pooler()};
}

Turn::Tried Turn::try_take(const std::string& condition, Words words) {
  if (lock_->mode() != LockMode::notify) {
    session_.interrupt_with(options_.interrupt_fd);
    return Tried::ours;
  }
  if (std::exchange(is_first_try_, false)) refuse_pooler();
  const Tried tried = try_once(condition);
  // A holder tells of its failure before it lets the lock go: having the lock, we have been told.
  if (tried == Tried::ours && listens_) waiter().heed_what_was_told(heeded(words));
  return tried;
}

// The first time it listens, and the next try closes the gap before that.
Waiter::Told Turn::wait(Words words) {
  if (!std::exchange(listens_, true)) {
    forget_what_was_told();
    send_own(session_, message_of(Purpose::listen, lock_->listen_statement()));
    return Waiter::Told::to_try_again;
  }
  const Waiter::Told told = waiter().wait(heeded(words));
  refuse_if_interrupted("nothing was applied");
  return told;
}

const std::vector<Migration>& Turn::heeded(Words words) const {
  static const std::vector<Migration> none;
  return words == Words::heeded ? listing_.migrations : none;
}

void Turn::refuse_pooler() const {
  if (options_.session_pooler || !behind_pooler()) return;
  lock_->refuse_pooler(reading_.backend_pid, sessions_);
}

bool Turn::leaves_something_behind() const {
  return behind_pooler() && (listens_ || holding_ == Holding::lock);
}

// A pool's session may have heard of a run long past.
void Turn::forget_what_was_told() {
  while (session_.wait_for_notification(std::chrono::milliseconds(0), -1)) continue;
}

// Lock and read are one message, so that what is read is what the lock protects. READ COMMITTED, or
// a stricter default would read what was true before the lock was ours.
Turn::Tried Turn::try_once(const std::string& condition) {
  holding_ = Holding::lock;  // perhaps: the message may fail after it took the lock
  const std::vector<Result> results =
      send_own(session_, {.before = {{Purpose::begin, session_.dialect().begin_read_committed()},
                                     {Purpose::take, lock_->take_statement(condition)},
                                     {Purpose::read, tracker_.read_statement(reading_)},
                                     {Purpose::commit, "COMMIT"}},
                          .body = {},
                          .after = {}});
  const bool had_tracker = reading_.tracker_exists;
  const auto& locked = result_at(results, 1, 1).rows;
  reading_ = tracker_.reading_of(result_at(results, 2, Tracker::reading_columns));
  const bool has_appeared = !had_tracker && reading_.tracker_exists;
  if (!locked.empty() && locked.front()[0] == "true") {
    session_.interrupt_with(options_.interrupt_fd);
    if (has_appeared) look();  // another runner created it before the lock was ours
    return Tried::ours;
  }
  holding_ = Holding::nothing;
  return has_appeared ? Tried::again : Tried::others;
}

void Turn::make_ours() {
  TakeOverOptions how{.legacy_table = options_.tracker.legacy_table};
  if (options_.lock_timeout.count() > 0) how.patience = options_.lock_timeout;
  for (int attempt = 1;; ++attempt) {
    try {
      TakenOver taken = take_over(session_, tracker_, *lock_, reading_, listing_.migrations, how);
      for (const std::string& note : taken.notes) tell(Warned{note});
      reading_ = std::move(taken.reading);
      return;
    } catch (const NotOurTurn&) {
      wait_and_look();
    } catch (const SqlError& error) {
      // A predecessor writes its table, and others wait behind us for it.
      const bool may_retry = session_.dialect().kind_of(error) == ErrorKind::lock_timeout &&
                             attempt <= options_.lock_retries.times;
      roll_back(session_);
      if (!may_retry) throw;
      refuse_if_interrupted("a predecessor's table was locked");
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
      if (!lock_->lasts_a_run()) look();
      return alone;
    }
    wait_and_look();
  }
}

void Turn::wait_for_owners_of_marks() {
  if (!lock_->lasts_a_run() && !reading_.applied.marks.empty()) be_alone();
}

void Turn::give_back() {
  session_.interrupt_with(-1);
  session_.limit({});
  if (!lock_) return;  // it has not begun, and sent no more than a glance
  roll_back(session_);
  session_.send_message(message_of(Purpose::reset, session_.dialect().reset_session()));
  if (std::exchange(listens_, false)) {
    session_.send_message(message_of(Purpose::unlisten, lock_->unlisten_statement()));
  }
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
    return query_own_value(session_, message_of(Purpose::release, lock_->release_statement())) ==
           "true";
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

// The first read may have to wait for another's commit already. Returns the limits before.
StatementLimits bound(Session& session, const RunOptions& options) {
  StatementLimits limits{.run = options.statement_timeout};
  limits.lock_wait = options.lock_wait_max;
  if (limits.lock_wait->count() == 0) limits.lock_wait.reset();
  session.interrupt_with(options.interrupt_fd);
  return session.limit(limits);
}

}  // namespace

void with_turn(SessionSource& sessions, const Listing& listing, const RunOptions& options,
               const Observer& observer, const std::function<void(Turn&)>& work) {
  refuse_problems(listing);
  const std::unique_ptr<Session> session = sessions.acquire(options.session_patience);
  refuse_unless_idle(*session);
  const StatementLimits lent_with = bound(*session, options);
  Turn turn(*session, sessions, listing, options, observer);
  const auto is_lent_again = [&] {
    return sessions.outlives_run() || turn.leaves_something_behind();
  };
  try {
    work(turn);
  } catch (...) {
    if (is_lent_again()) turn.give_back_after_failure();
    session->limit(lent_with);
    throw;
  }
  if (is_lent_again()) turn.give_back();
  session->limit(lent_with);
}

}  // namespace gauntlet::runner
