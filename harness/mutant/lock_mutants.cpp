#include "harness/arena/arena.h"
#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"
#include "runner/error.h"
#include "runner/lock.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <regex>

namespace gauntlet::mutant {

namespace {

using Results = std::vector<runner::Result>;
using runner::RunOptions;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool tries_lock(const std::string& message) { return has(message, "pg_try_advisory_lock"); }

// The statement that tries is the second of its message; its row says whether the lock was given.
void tell_that_it_has(Results& results) {
  if (results.size() < 2) return;
  for (auto& row : results[1].rows) row.front() = "true";
}

// Its proof of the lock goes with it: else the record would tell that the lock is not there.
SessionPtr lock_is_noop(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), without_lock);
}

SessionPtr lock_ignores_try_result(SessionPtr session, const Surroundings&) {
  return told(std::move(session), [](const std::string& message, Results& results) {
    if (tries_lock(message)) tell_that_it_has(results);
  });
}

// What it read before it had the lock is what it goes by, and nobody's word. Its glance is spoiled,
// so that it begins with a read whose rows can stand for those of a later one.
SessionPtr read_pending_before_lock(SessionPtr session, const Surroundings&) {
  const auto first = std::make_shared<std::optional<runner::Result>>();
  auto locks_whatever_is_pending = saying(deaf(std::move(session)), [](const std::string& message) {
    return replaced(
        replaced(message, R"((pg_try_advisory_lock\(-?\d+\)::text WHERE )[^;]*;)", "$1 true;"),
        "SELECT version, name, checksum, EXISTS", "SELECT no_such_function(), version, EXISTS");
  });
  return told(std::move(locks_whatever_is_pending),
              [first](const std::string& message, Results& results) {
                if (tries_lock(message)) {
                  if (*first && results.size() > 2) results[2] = **first;
                } else if (!*first && !results.empty()) {
                  *first = results.front();
                }
              });
}

SessionPtr unlock_is_noop(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](const std::string& message) {
    return replaced(message, R"(pg_catalog\.pg_advisory_unlock\(-?\d+\)::text)", "'false'");
  });
}

// The first answer is believed to be yes, whatever it was.
SessionPtr unlock_result_ignored(SessionPtr session, const Surroundings&) {
  const auto unlocked = std::make_shared<bool>(false);
  return told(std::move(session), [unlocked](const std::string& message, Results& results) {
    if (*unlocked || !has(message, "pg_advisory_unlock") || results.empty()) return;
    *unlocked = true;
    results.front().rows.front().front() = "true";
  });
}

// Locks on one connection of its pool, and migrates on another.
class Unpinned : public runner::ForwardingSession {
 public:
  Unpinned(SessionPtr session, SessionPtr locking)
      : ForwardingSession(std::move(session)), locking_(std::move(locking)) {}
  Results send(std::string_view message) override {
    const std::string text(message);
    const bool of_lock = tries_lock(text) || has(text, "pg_advisory_unlock");
    if (of_lock && !has(text, "1 / ")) return locking_->send(text);
    return ForwardingSession::send(without_proof(text));
  }

 private:
  SessionPtr locking_;
};

SessionPtr unpinned_lock(SessionPtr session, const Surroundings& around) {
  auto locking = around.sessions.acquire(around.options.session_patience);
  return std::make_unique<Unpinned>(std::move(session), std::move(locking));
}

SessionPtr lock_released_before_record(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const std::string& message) {
    const auto parts = body_and_record(message);
    if (!parts) return inner.send(message);
    inner.send(parts->body + "COMMIT");
    inner.send("SELECT pg_catalog.pg_advisory_unlock_all()");
    return inner.send("BEGIN;" + without_proof(parts->record));
  });
}

// Locks inside each migration's transaction, and does not look again there what is pending.
SessionPtr per_transaction_lock_only(SessionPtr session, const Surroundings& around) {
  const std::string lock =
      "SELECT pg_catalog.pg_advisory_xact_lock(" + std::to_string(around.options.lock_key) + ");";
  return saying(std::move(session), [lock](const std::string& message) {
    std::string said = without_lock(message);
    if (body_and_record(message)) said.insert(std::string("BEGIN;").size(), lock);
    return said;
  });
}

// Waits for the one notification, and neither asks again after it has begun to listen, nor now and
// then.
class LostWakeUp : public runner::ForwardingSession {
 public:
  explicit LostWakeUp(SessionPtr session) : ForwardingSession(std::move(session)) {}

  Results send(std::string_view message) override {
    const std::string text(message);
    if (tries_lock(text) && std::exchange(listens_, false)) return last_try_;
    Results results = ForwardingSession::send(message);
    if (text.starts_with("LISTEN")) listens_ = true;
    if (tries_lock(text)) last_try_ = results;
    return results;
  }

  std::optional<std::string> wait_for_notification(milliseconds patience, int fd) override {
    if (patience.count() == 0) return ForwardingSession::wait_for_notification(patience, fd);
    const auto end = steady_clock::now() + as_long_as_anybody_would_wait;
    while (steady_clock::now() < end) {
      auto told = ForwardingSession::wait_for_notification(patience, fd);
      if (told) return told;
    }
    throw runner::Error("lock-timeout", "nobody said that the migration lock was free");
  }

 private:
  static constexpr milliseconds as_long_as_anybody_would_wait{2'000};

  bool listens_ = false;
  Results last_try_;
};

SessionPtr lost_wake_up(SessionPtr session, const Surroundings&) {
  return std::make_unique<LostWakeUp>(std::move(session));
}

constexpr milliseconds lease{300};

// Takes the lock for free when whoever has it has had it for long.
SessionPtr lease_without_fence(SessionPtr session, const Surroundings&) {
  const auto refused = std::make_shared<std::optional<steady_clock::time_point>>();
  auto unfenced = saying(std::move(session), without_proof);
  return told(std::move(unfenced), [refused](const std::string& message, Results& results) {
    if (!tries_lock(message)) return;
    if (!*refused) *refused = steady_clock::now();
    if (steady_clock::now() - **refused > lease) tell_that_it_has(results);
  });
}

// As some drivers do: a lost connection is replaced, and what was said is said again.
class Reconnecting : public runner::ForwardingSession {
 public:
  Reconnecting(SessionPtr session, const Surroundings& around)
      : ForwardingSession(std::move(session)), around_(around) {}

  Results send(std::string_view message) override {
    const std::string text = without_proof(std::string(message));
    if (another_) return another_->send(text);
    try {
      return ForwardingSession::send(text);
    } catch (const runner::SqlError& error) {
      if (!error.connection_lost() && error.said().sqlstate != "57P01") throw;
    }
    another_ = around_.sessions.acquire(around_.options.session_patience);
    return another_->send(text);
  }
  runner::TransactionStatus transaction_status() const override {
    return another_ ? another_->transaction_status() : ForwardingSession::transaction_status();
  }

 private:
  const Surroundings& around_;
  SessionPtr another_;
};

SessionPtr reconnect_without_lock(SessionPtr session, const Surroundings& around) {
  return std::make_unique<Reconnecting>(std::move(session), around);
}

// ROLLBACK is not sent: what follows fails in the transaction that has failed.
SessionPtr no_rollback_before_unlock(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const std::string& message) {
    if (message == "ROLLBACK") return Results{{.columns = {}, .rows = {}, .tag = "ROLLBACK"}};
    return inner.send(message);
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
  return sending(std::move(session), [left](runner::Session& inner, const std::string& message) {
    for (const std::string& step : std::exchange(*left, {})) inner.send(step);
    return inner.send(message);
  });
}

// Waits for the lock before it looks whether there is anything to do.
SessionPtr lock_before_look(SessionPtr session, const Surroundings& around) {
  const std::string key = std::to_string(around.options.lock_key);
  const auto looked = std::make_shared<bool>(false);
  return sending(
      std::move(session), [key, looked](runner::Session& inner, const std::string& message) {
        if (!std::exchange(*looked, true)) {
          inner.send("BEGIN;SET LOCAL lock_timeout = 2000;SELECT pg_catalog.pg_advisory_lock(" +
                     key + ");SELECT pg_catalog.pg_advisory_unlock(" + key + ");COMMIT");
        }
        return inner.send(message);
      });
}

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

void random_key(RunOptions& options) { options.lock_key = arena::unique_lock_key(); }

void truncated_key(RunOptions& options) {
  const std::string& table = options.tracker.table;
  if (options.lock_key == 0) {
    options.lock_key =
        runner::lock_key_of(table.empty() ? "public.applied_migrations" : std::string_view(table));
  }
  options.lock_key &= 0xffffffff;
}

// Takes its user's word for it that the pooler keeps a session a client.
void pooler_not_noticed(RunOptions& options) { options.session_pooler = true; }

// Nothing tells the server to look, while a statement runs, whether its client still lives.
SessionPtr no_connection_check(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](const std::string& message) {
    return replaced(message, R"((client_connection_check_interval = )\d+)", "$1 0");
  });
}

void blocking_lock(RunOptions& options) { options.lock = runner::LockMode::blocking; }

void failure_is_not_told(RunOptions& options) { options.retry_failed = true; }

std::vector<Mutant> what_is_locked() {
  return {
      {.name = "lock-is-noop",
       .flaw = "takes no lock, and takes its word for it that it has one",
       .caught_by = {"concurrency/pending", "concurrency/data-only", "concurrency/slow-first",
                     "concurrency/staggered", "concurrency/mixed-directions", "locks/primitive"},
       .findings = {"replica-failed", "applied-twice", "data-differs", "schema-differs",
                    "passed-the-lock"},
       .session = lock_is_noop},
      {.name = "random-key",
       .flaw = "each replica locks a key of its own",
       .caught_by = {"concurrency/pending", "concurrency/slow-first", "concurrency/lock-serializes",
                     "locks/bounded-wait"},
       .findings = {"passed-the-lock", "replica-failed", "applied-twice", "data-differs",
                    "schema-differs", "error-swallowed", "error-misleads", "second-run-changed"},
       .options = random_key},
      {.name = "truncated-key",
       .flaw = "keeps only 32 bits of the lock's key",
       .caught_by = {"concurrency/two-tenants"},
       .findings = {"replica-failed"},
       .options = truncated_key},
      {.name = "lock-ignores-try-result",
       .flaw = "tries the lock and goes on whatever the server answers",
       .caught_by = {"concurrency/slow-first", "locks/bounded-wait"},
       .findings = {"replica-failed", "applied-twice", "data-differs", "error-misleads"},
       .session = lock_ignores_try_result},
      {.name = "lock-released-before-record",
       .flaw = "gives the lock back before it records what it did",
       .caught_by = {"crash/paused-holder"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = lock_released_before_record},
      {.name = "per-transaction-lock-only",
       .flaw = "locks inside each migration's transaction, and decided before it what is pending",
       .caught_by = {"concurrency/pending", "concurrency/data-only"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = per_transaction_lock_only},
  };
}

std::vector<Mutant> when_it_is_taken() {
  return {
      {.name = "read-pending-before-lock",
       .flaw = "applies what was pending before it had the lock",
       .caught_by = {"concurrency/read-before-lock"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = read_pending_before_lock},
      {.name = "bootstrap-outside-lock",
       .flaw = "creates schema and tracker before it has the lock",
       .caught_by = {"concurrency/bootstrap"},
       .findings = {"replica-failed"},
       .session = bootstrap_outside_lock},
      {.name = "lock-before-look",
       .flaw = "waits for the lock before it looks whether anything is pending",
       .caught_by = {"concurrency/already-applied", "locks/status-does-not-wait"},
       .findings = {"replica-failed", "read-only-waited"},
       .session = lock_before_look},
      {.name = "failure-is-not-told",
       .flaw = "lets every replica try a migration that has failed in another one",
       .caught_by = {"concurrency/failure-is-shared"},
       .findings = {"error-misleads"},
       .options = failure_is_not_told},
      {.name = "busy-is-success",
       .flaw = "reports success where another one has the lock, before that one is done",
       .caught_by = {"concurrency/pending", "concurrency/slow-first", "concurrency/rolling-deploy"},
       .findings = {"success-too-early"},
       .up = busy_is_success},
      {.name = "lost-wake-up",
       .flaw = "waits to be told that the lock is free, and never asks",
       .caught_by = {"crash/holder-dies"},
       .findings = {"not-applied", "not-recorded"},
       .session = lost_wake_up},
      {.name = "lease-without-fence",
       .flaw = "takes a lock that was held for long, while its holder may wake up and write",
       .caught_by = {"crash/paused-holder"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = lease_without_fence},
  };
}

std::vector<Mutant> whose_session_has_it() {
  return {
      {.name = "blocking-lock",
       .flaw = "waits for the lock inside the server, where it holds a snapshot",
       .caught_by = {"locks/concurrent-index", "locks/concurrent-index-busy"},
       .findings = {"replica-failed", "schema-differs"},
       .options = blocking_lock},
      {.name = "unlock-is-noop",
       .flaw = "gives the connection back to its pool with the lock still on it",
       .caught_by = {"concurrency/small-pool", "locks/leak-on-failure"},
       .findings = {"replica-failed", "lock-leaked"},
       .session = unlock_is_noop},
      {.name = "unlock-result-ignored",
       .flaw = "does not look at what the server says to its unlock",
       .caught_by = {"locks/unlock-false"},
       .findings = {"unlock-ignored", "error-swallowed"},
       .session = unlock_result_ignored},
      {.name = "no-rollback-before-unlock",
       .flaw = "unlocks in the transaction that has failed, where nothing is executed any more",
       .caught_by = {"locks/leak-on-failure", "locks/leak-on-cancel"},
       .findings = {"lock-leaked", "transaction-left-open"},
       .session = no_rollback_before_unlock},
      {.name = "unpinned-lock",
       .flaw = "locks on one connection and migrates on another",
       .caught_by = {"locks/pinned-session"},
       .findings = {"not-pinned"},
       .session = unpinned_lock},
      {.name = "pooler-not-noticed",
       .flaw = "locks a session that a pooler lends to others",
       .caught_by = {"locks/pooler"},
       .findings = {"error-swallowed", "error-misleads", "second-run-changed", "lock-leaked"},
       .options = pooler_not_noticed},
      {.name = "no-connection-check",
       .flaw = "does not let the server notice, while a statement runs, that its client is gone",
       .caught_by = {"crash/statement-outlives-client"},
       .findings = {"nobody-succeeded", "lock-leaked", "statement-outlives-client"},
       .session = no_connection_check},
      {.name = "reconnect-without-lock",
       .flaw = "replaces a lost connection, on which the lock was, and goes on",
       .caught_by = {"locks/session-lost"},
       .findings = {"not-pinned"},
       .session = reconnect_without_lock},
  };
}

}  // namespace

std::vector<Mutant> lock_mutants() {
  return joined({what_is_locked(), when_it_is_taken(), whose_session_has_it()});
}

}  // namespace gauntlet::mutant
