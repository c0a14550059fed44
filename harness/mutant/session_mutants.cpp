#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"
#include "runner/values/error.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::mutant {

namespace {

using runner::RunOptions;

// Waits inside the server, where the waiting statement holds a snapshot.
SessionPtr blocking_lock(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](Message& message) {
    change_each(message, Purpose::take, [](std::string& sql) {
      const std::size_t key = sql.find('('), end = sql.find(')');
      sql = "SELECT 'true' FROM pg_catalog.pg_advisory_lock" + sql.substr(key, end + 1 - key);
    });
  });
}

SessionPtr unlock_is_noop(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](Message& message) {
    change_each(message, Purpose::release, [](std::string& sql) { sql = "SELECT 'false'"; });
  });
}

// The first answer is believed to be yes, whatever it was.
SessionPtr unlock_result_ignored(SessionPtr session, const Surroundings&) {
  const auto unlocked = std::make_shared<bool>(false);
  return told(std::move(session), [unlocked](const Message& message, Results& results) {
    if (*unlocked || !has(message, Purpose::release) || results.empty()) return;
    *unlocked = true;
    results.front().rows.front().front() = "true";
  });
}

// ROLLBACK is not sent: what follows fails in the transaction that has failed.
SessionPtr no_rollback_before_unlock(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const Message& message) {
    if (!has(message, Purpose::roll_back)) return inner.send_message(message);
    return Results{{.columns = {}, .rows = {}, .tag = "ROLLBACK"}};
  });
}

// Locks on one connection of its pool, and migrates on another.
class Unpinned : public SessionOfMutant {
 public:
  Unpinned(SessionPtr session, SessionPtr locking)
      : SessionOfMutant(std::move(session)), locking_(std::move(locking)) {}
  Results send_message(const Message& message) override {
    const bool of_lock = has(message, Purpose::take) || has(message, Purpose::release);
    if (of_lock) return locking_->send_message(message);
    Message unproved = message;
    drop_proof(unproved);
    return SessionOfMutant::send_message(unproved);
  }

 private:
  SessionPtr locking_;
};

SessionPtr unpinned_lock(SessionPtr session, const Surroundings& around) {
  auto locking = around.sessions.acquire(around.options.session_patience);
  return std::make_unique<Unpinned>(std::move(session), std::move(locking));
}

// Takes its user's word for it that the pooler keeps a session a client.
void pooler_not_noticed(RunOptions& options) { options.session_pooler = true; }

// Nothing tells the server to look, while a statement runs, whether its client still lives.
SessionPtr no_connection_check(SessionPtr session, const Surroundings&) {
  constexpr std::string_view interval = "client_connection_check_interval = ";
  return saying(std::move(session), [interval](Message& message) {
    change_each(message, Purpose::setting, [interval](std::string& sql) {
      const std::size_t at = sql.find(interval);
      if (at != std::string::npos) sql = sql.substr(0, at) + std::string(interval) + "0";
    });
  });
}

// As some drivers do: a lost connection is replaced, and what was said is said again.
class Reconnecting : public SessionOfMutant {
 public:
  Reconnecting(SessionPtr session, const Surroundings& around)
      : SessionOfMutant(std::move(session)), around_(around) {}

  Results send_message(const Message& message) override {
    Message unproved = message;
    drop_proof(unproved);
    if (another_) return another_->send_message(unproved);
    try {
      return SessionOfMutant::send_message(unproved);
    } catch (const runner::SqlError& error) {
      if (!error.connection_lost() && error.said().sqlstate != "57P01") throw;
    }
    another_ = around_.sessions.acquire(around_.options.session_patience);
    return another_->send_message(unproved);
  }
  runner::TransactionStatus transaction_status() const override {
    return another_ ? another_->transaction_status() : SessionOfMutant::transaction_status();
  }

 private:
  const Surroundings& around_;
  SessionPtr another_;
};

SessionPtr reconnect_without_lock(SessionPtr session, const Surroundings& around) {
  return std::make_unique<Reconnecting>(std::move(session), around);
}

}  // namespace

std::vector<Mutant> session_mutants() {
  return {
      {.name = "blocking-lock",
       .flaw = "waits for the lock inside the server, where it holds a snapshot",
       .killed_by = {"locks/concurrent-index", "locks/concurrent-index-busy"},
       .findings = {"replica-failed", "schema-differs"},
       .session = blocking_lock},
      {.name = "unlock-is-noop",
       .flaw = "gives the connection back to its pool with the lock still on it",
       .killed_by = {"concurrency/small-pool", "locks/leak-on-failure"},
       .findings = {"replica-failed", "lock-leaked"},
       .session = unlock_is_noop},
      {.name = "unlock-result-ignored",
       .flaw = "does not look at what the server says to its unlock",
       .killed_by = {"locks/unlock-false"},
       .findings = {"unlock-ignored", "error-swallowed"},
       .session = unlock_result_ignored},
      {.name = "no-rollback-before-unlock",
       .flaw = "unlocks in the transaction that has failed, where nothing is executed any more",
       .killed_by = {"locks/leak-on-failure", "locks/leak-on-cancel"},
       .findings = {"lock-leaked", "transaction-left-open"},
       .session = no_rollback_before_unlock},
      {.name = "unpinned-lock",
       .flaw = "locks on one connection and migrates on another",
       .killed_by = {"locks/pinned-session"},
       .findings = {"not-pinned"},
       .session = unpinned_lock},
      {.name = "pooler-not-noticed",
       .flaw = "locks a session that a pooler lends to others",
       .killed_by = {"locks/pooler"},
       .findings = {"error-swallowed", "error-misleads", "second-run-changed", "lock-leaked"},
       .options = pooler_not_noticed},
      {.name = "no-connection-check",
       .flaw = "does not let the server notice, while a statement runs, that its client is gone",
       .killed_by = {"crash/statement-outlives-client"},
       .findings = {"nobody-succeeded", "lock-leaked", "statement-outlives-client"},
       .session = no_connection_check},
      {.name = "reconnect-without-lock",
       .flaw = "replaces a lost connection, on which the lock was, and goes on",
       .killed_by = {"locks/session-lost"},
       .findings = {"not-pinned"},
       .session = reconnect_without_lock},
  };
}

}  // namespace gauntlet::mutant
