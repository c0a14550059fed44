#include "harness/arena/arena.h"
#include "harness/mutant/mutant.h"
#include "harness/mutant/rewriting.h"

#include <algorithm>

namespace gauntlet::mutant {

namespace {

using SessionPtr = std::unique_ptr<runner::Session>;

constexpr const char* try_lock = R"(pg_catalog\.pg_try_advisory_lock\(-?\d+\)::text)";
constexpr const char* proof = R"(1 / pg_catalog\.pg_try_advisory(_xact)?_lock\(-?\d+\)::int)";

// Its proof of the lock goes with it: else the record would tell that the lock is not there.
SessionPtr lock_is_noop(SessionPtr session) {
  return saying(std::move(session), [](const std::string& message) {
    return replaced(replaced(message, try_lock, "'true'"), proof, "1");
  });
}

SessionPtr lock_ignores_try_result(SessionPtr session) {
  return told(std::move(session),
              [](const std::string& message, std::vector<runner::Result>& results) {
                if (message.find("pg_try_advisory_lock") == std::string::npos || results.size() < 2)
                  return;
                for (auto& row : results[1].rows) row.front() = "true";
              });
}

// What it read before it had the lock is what it goes by. Its glance is spoiled, so that it begins
// with a read whose rows can stand for those of a later one.
SessionPtr read_pending_before_lock(SessionPtr session) {
  struct FirstRead {
    std::optional<runner::Result> result;
  };
  const auto first = std::make_shared<FirstRead>();
  auto locks_whatever_is_pending = saying(std::move(session), [](const std::string& message) {
    return replaced(
        replaced(message, R"((pg_try_advisory_lock\(-?\d+\)::text WHERE )[^;]*;)", "$1 true;"),
        "pg_identify_object", "no_such_function");
  });
  return told(std::move(locks_whatever_is_pending),
              [first](const std::string& message, std::vector<runner::Result>& results) {
                if (message.find("pg_try_advisory_lock") != std::string::npos) {
                  if (first->result && results.size() > 2) results[2] = *first->result;
                } else if (!first->result && !results.empty()) {
                  first->result = results.front();
                }
              });
}

SessionPtr session_state_leaks(SessionPtr session) {
  return saying(std::move(session), [](const std::string& message) {
    return replaced(message, "RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL;", "");
  });
}

SessionPtr unlock_is_noop(SessionPtr session) {
  return saying(std::move(session), [](const std::string& message) {
    return replaced(message, R"(pg_catalog\.pg_advisory_unlock\(-?\d+\)::text)", "'false'");
  });
}

void random_key(runner::RunOptions& options) { options.lock_key = arena::unique_lock_key(); }

void blocking_lock(runner::RunOptions& options) { options.lock = runner::LockMode::blocking; }

// As golang-migrate: whatever is below the highest applied version is taken for applied.
void high_water_mark(runner::Listing& listing, runner::Session& session) {
  const auto there = session.send("SELECT pg_catalog.to_regclass('applied_migrations')").front();
  if (!there.rows.front().front()) return;
  const auto highest =
      session.send("SELECT coalesce(max(version), 0) FROM applied_migrations").front();
  const std::int64_t mark = std::stoll(highest.rows.front().front().value_or("0"));
  std::erase_if(listing.migrations, [mark](const runner::Migration& migration) {
    return migration.version.number <= mark;
  });
}

}  // namespace

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = {
      {.name = "lock-is-noop",
       .flaw = "takes no lock, and takes its word for it that it has one",
       .caught_by = {"concurrency/pending", "concurrency/data-only", "concurrency/slow-first"},
       .findings = {"replica-failed", "applied-twice", "data-differs", "schema-differs"},
       .session = lock_is_noop},
      {.name = "random-key",
       .flaw = "each replica locks a key of its own",
       .caught_by = {"concurrency/pending", "concurrency/slow-first",
                     "concurrency/lock-serializes"},
       .findings = {"passed-the-lock", "replica-failed", "applied-twice", "data-differs",
                    "schema-differs"},
       .options = random_key},
      {.name = "lock-ignores-try-result",
       .flaw = "tries the lock and goes on whatever the server answers",
       .caught_by = {"concurrency/slow-first"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = lock_ignores_try_result},
      {.name = "read-pending-before-lock",
       .flaw = "applies what was pending before it had the lock",
       .caught_by = {"concurrency/read-before-lock"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = read_pending_before_lock},
      {.name = "blocking-lock",
       .flaw = "waits for the lock inside the server, where it holds a snapshot",
       .caught_by = {"locks/concurrent-index"},
       .findings = {"replica-failed", "schema-differs"},
       .options = blocking_lock},
      {.name = "unlock-is-noop",
       .flaw = "gives the connection back to its pool with the lock still on it",
       .caught_by = {"concurrency/small-pool"},
       .findings = {"replica-failed", "lock-leaked"},
       .session = unlock_is_noop},
      {.name = "high-water-mark",
       .flaw = "takes whatever is below the highest applied version for applied",
       .caught_by = {"order/skip-hole"},
       .findings = {"not-recorded", "rows-missing"},
       .listing = high_water_mark},
      {.name = "session-state-leaks",
       .flaw = "does not reset what a migration did to its session",
       .caught_by = {"transactions/session-state"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = session_state_leaks},
  };
  return all;
}

const Mutant* find_mutant(std::string_view name) {
  const auto found = std::ranges::find(mutants(), name, &Mutant::name);
  return found == mutants().end() ? nullptr : &*found;
}

}  // namespace gauntlet::mutant
