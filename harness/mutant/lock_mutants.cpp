#include "harness/arena/arena.h"
#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"
#include "runner/turn/lock.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::mutant {

namespace {

using runner::RunOptions;

// Its proof of the lock goes with it: else the record would tell that the lock is not there.
SessionPtr lock_is_noop(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), drop_lock);
}

SessionPtr lock_ignores_try_result(SessionPtr session, const Surroundings&) {
  return told(std::move(session), tell_that_it_has);
}

SessionPtr lock_released_before_record(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const Message& message) {
    auto parts = body_and_record(message);
    if (!parts) return inner.send_message(message);
    inner.send_message(parts->body);
    inner.send("SELECT pg_catalog.pg_advisory_unlock_all()");
    drop_proof(parts->record);
    return inner.send_message(parts->record);
  });
}

// Locks inside each migration's transaction, and does not look again there what is pending.
SessionPtr per_transaction_lock_only(SessionPtr session, const Surroundings& around) {
  const std::string lock =
      "SELECT pg_catalog.pg_advisory_xact_lock(" + std::to_string(around.options.lock_key) + ")";
  return saying(std::move(session), [lock](Message& message) {
    drop_lock(message);
    if (!body_and_record(message)) return;
    message.before.insert(message.before.begin() + 1, {Purpose::turn, lock});
  });
}

void random_key(RunOptions& options) { options.lock_key = arena::unique_lock_key(); }

void waits_for_tables(RunOptions& options) { options.lock_timeout = std::chrono::milliseconds(0); }

void truncated_key(RunOptions& options) {
  const std::string& table = options.tracker.table;
  if (options.lock_key == 0) {
    options.lock_key =
        runner::lock_key_of(table.empty() ? "public.applied_migrations" : std::string_view(table));
  }
  options.lock_key &= 0xffffffff;
}

}  // namespace

std::vector<Mutant> lock_mutants() {
  return {
      {.name = "lock-is-noop",
       .flaw = "takes no lock, and takes its word for it that it has one",
       .killed_by = {"concurrency/pending", "concurrency/data-only", "concurrency/slow-first",
                     "concurrency/staggered", "concurrency/mixed-directions", "locks/primitive"},
       .findings = {"replica-failed", "applied-twice", "data-differs", "schema-differs",
                    "passed-the-lock"},
       .session = lock_is_noop},
      {.name = "random-key",
       .flaw = "each replica locks a key of its own",
       .killed_by = {"concurrency/pending", "concurrency/slow-first", "concurrency/lock-serializes",
                     "locks/bounded-wait"},
       .findings = {"passed-the-lock", "replica-failed", "applied-twice", "data-differs",
                    "schema-differs", "error-swallowed", "error-misleads", "second-run-changed"},
       .options = random_key},
      {.name = "truncated-key",
       .flaw = "keeps only 32 bits of the lock's key",
       .killed_by = {"concurrency/two-tenants"},
       .findings = {"replica-failed"},
       .options = truncated_key},
      {.name = "lock-ignores-try-result",
       .flaw = "tries the lock and goes on whatever the server answers",
       .killed_by = {"concurrency/slow-first", "locks/bounded-wait"},
       .findings = {"replica-failed", "applied-twice", "data-differs", "error-misleads"},
       .session = lock_ignores_try_result},
      {.name = "lock-released-before-record",
       .flaw = "gives the lock back before it records what it did",
       .killed_by = {"crash/paused-holder"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = lock_released_before_record},
      {.name = "per-transaction-lock-only",
       .flaw = "locks inside each migration's transaction, and decided before it what is pending",
       .killed_by = {"concurrency/pending", "concurrency/data-only"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = per_transaction_lock_only},
      {.name = "waits-for-tables",
       .flaw = "waits for a table's lock for as long as somebody else uses the table",
       .killed_by = {"locks/long-reader"},
       .findings = {"readers-wait"},
       .options = waits_for_tables},
  };
}

}  // namespace gauntlet::mutant
