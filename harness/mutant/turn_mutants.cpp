#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"
#include "runner/apply.h"
#include "runner/values/error.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::mutant {

namespace {

using runner::RunOptions;
using std::chrono::milliseconds;

// What it read before it had the lock is what it goes by, and nobody's word. Its glance is spoiled,
// so that it begins with a read whose rows can stand for those of a later one.
SessionPtr read_pending_before_lock(SessionPtr session, const Surroundings&) {
  const auto first = std::make_shared<std::optional<runner::Result>>();
  auto locks_whatever_is_pending = saying(deaf(std::move(session)), [](Message& message) {
    try_lock_always(message);
    change_each(message, Purpose::glance,
                [](std::string& sql) { sql = "SELECT no_such_function()"; });
  });
  return told(std::move(locks_whatever_is_pending),
              [first](const Message& message, Results& results) {
                runner::Result* const read = result_for(message, Purpose::read, results);
                if (read == nullptr) return;
                if (!has(message, Purpose::take)) {
                  if (!*first) *first = *read;
                } else if (*first) {
                  *read = **first;
                }
              });
}

// Schema and tracker are created by whoever comes, before it asks for the lock; its server is far
// away.
SessionPtr bootstrap_outside_lock(SessionPtr session, const Surroundings& around) {
  const std::string& table = around.options.tracker.table;
  const std::size_t dot = table.find('.');
  std::vector<std::string> steps;
  if (dot != std::string::npos) {
    const std::string schema = session->identifier(table.substr(0, dot));
    steps = {"BEGIN", "CREATE SCHEMA IF NOT EXISTS " + schema, "SELECT pg_catalog.pg_sleep(0.1)",
             "CREATE TABLE IF NOT EXISTS " + schema + "." +
                 session->identifier(table.substr(dot + 1)) +
                 " (version bigint PRIMARY KEY, name text NOT NULL,"
                 " applied_at timestamptz NOT NULL DEFAULT now(), checksum text)",
             "COMMIT"};
  }
  const auto left = std::make_shared<std::vector<std::string>>(std::move(steps));
  return sending(std::move(session), [left](runner::Session& inner, const Message& message) {
    for (const std::string& step : std::exchange(*left, {})) inner.send(step);
    return inner.send_message(message);
  });
}

// Waits for the lock before it looks whether there is anything to do.
SessionPtr lock_before_look(SessionPtr session, const Surroundings& around) {
  const std::string key = std::to_string(around.options.lock_key);
  const auto looked = std::make_shared<bool>(false);
  return sending(std::move(session), [key, looked](runner::Session& inner, const Message& message) {
    if (!std::exchange(*looked, true)) {
      inner.send("BEGIN;SET LOCAL lock_timeout = 2000;SELECT pg_catalog.pg_advisory_lock(" + key +
                 ");SELECT pg_catalog.pg_advisory_unlock(" + key + ");COMMIT");
    }
    return inner.send_message(message);
  });
}

void failure_is_not_told(RunOptions& options) { options.retry_failed = true; }

// As a cron job would: where somebody else has the lock, the work is in good hands.
void busy_is_success(runner::SessionSource& sessions, const runner::Listing& listing,
                     const RunOptions& options) {
  RunOptions impatient = options;
  impatient.lock_wait_max = milliseconds(1);
  try {
    runner::up(sessions, listing, impatient);
  } catch (const runner::Error& error) {
    if (error.code() != "lock-timeout") throw;
  }
}

// Waits for the one notification, and neither asks again after it has begun to listen, nor now and
// then. It counts its waits rather than read a clock: a scheduler lets no time pass.
class LostWakeUp : public SessionOfMutant {
 public:
  explicit LostWakeUp(SessionPtr session) : SessionOfMutant(std::move(session)) {}

  Results send_message(const Message& message) override {
    const bool tries_lock = has(message, Purpose::take);
    if (tries_lock && std::exchange(listens_, false)) return last_try_;
    Results results = SessionOfMutant::send_message(message);
    if (has(message, Purpose::listen)) listens_ = true;
    if (tries_lock) last_try_ = results;
    return results;
  }

  std::optional<std::string> wait_for_notification(milliseconds patience, int fd) override {
    if (patience.count() == 0) return SessionOfMutant::wait_for_notification(patience, fd);
    for (int wait = 0; wait < as_often_as_anybody_would_wait; ++wait) {
      auto told = SessionOfMutant::wait_for_notification(patience, fd);
      if (told) return told;
    }
    throw runner::Error("lock-timeout", "nobody said that the migration lock was free");
  }

 private:
  static constexpr int as_often_as_anybody_would_wait = 10;  // of 125 to 250 ms each

  bool listens_ = false;
  Results last_try_;
};

SessionPtr lost_wake_up(SessionPtr session, const Surroundings&) {
  return std::make_unique<LostWakeUp>(std::move(session));
}

// Takes the lock for free when whoever has it has had it for long: after two of its waits, of 125
// to 250 ms each, in which it was told nothing. A scheduler lets no time pass, so it reads no
// clock.
class Lease : public SessionOfMutant {
 public:
  explicit Lease(SessionPtr session) : SessionOfMutant(std::move(session)) {}

  Results send_message(const Message& message) override {
    Message unproved = message;
    drop_proof(unproved);
    Results results = SessionOfMutant::send_message(unproved);
    if (fruitless_waits_ >= 2) tell_that_it_has(message, results);
    return results;
  }

  std::optional<std::string> wait_for_notification(milliseconds patience, int fd) override {
    auto told = SessionOfMutant::wait_for_notification(patience, fd);
    if (!told && patience.count() > 0) ++fruitless_waits_;
    return told;
  }

 private:
  int fruitless_waits_ = 0;
};

SessionPtr lease_without_fence(SessionPtr session, const Surroundings&) {
  return std::make_unique<Lease>(std::move(session));
}

}  // namespace

std::vector<Mutant> turn_mutants() {
  return {
      {.name = "read-pending-before-lock",
       .flaw = "applies what was pending before it had the lock",
       .killed_by = {"concurrency/read-before-lock"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = read_pending_before_lock},
      {.name = "bootstrap-outside-lock",
       .flaw = "creates schema and tracker before it has the lock",
       .killed_by = {"concurrency/bootstrap"},
       .findings = {"replica-failed"},
       .session = bootstrap_outside_lock},
      {.name = "lock-before-look",
       .flaw = "waits for the lock before it looks whether anything is pending",
       .killed_by = {"concurrency/already-applied", "locks/status-does-not-wait"},
       .findings = {"replica-failed", "read-only-waited"},
       .session = lock_before_look},
      {.name = "failure-is-not-told",
       .flaw = "lets every replica try a migration that has failed in another one",
       .killed_by = {"concurrency/failure-is-shared"},
       .findings = {"error-misleads"},
       .options = failure_is_not_told},
      {.name = "busy-is-success",
       .flaw = "reports success where another one has the lock, before that one is done",
       .killed_by = {"concurrency/pending", "concurrency/slow-first", "concurrency/rolling-deploy"},
       .findings = {"success-too-early"},
       .up = busy_is_success},
      {.name = "lost-wake-up",
       .flaw = "waits to be told that the lock is free, and never asks",
       .killed_by = {"crash/holder-dies"},
       .findings = {"not-applied", "not-recorded", "replica-failed"},
       .session = lost_wake_up},
      {.name = "lease-without-fence",
       .flaw = "takes a lock that was held for long, while its holder may wake up and write",
       .killed_by = {"crash/paused-holder"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = lease_without_fence},
  };
}

}  // namespace gauntlet::mutant
