#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"
#include "runner/repair.h"
#include "runner/values/error.h"

#include <memory>
#include <string>
#include <utility>

namespace gauntlet::mutant {

namespace {

SessionPtr session_state_leaks(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](Message& message) { remove(message, Purpose::reset); });
}

SessionPtr record_outside_transaction(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const Message& message) {
    const auto parts = body_and_record(message);
    if (!parts) return inner.send_message(message);
    inner.send_message(parts->body);
    return inner.send_message(parts->record);
  });
}

SessionPtr record_before_body(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const Message& message) {
    const auto parts = body_and_record(message);
    if (!parts) return inner.send_message(message);
    inner.send_message(parts->record);
    return inner.send_message(parts->body);
  });
}

// For a message that failed: what the runner takes for its success.
Results told_commit() { return {{.columns = {}, .rows = {}, .tag = "COMMIT"}}; }

SessionPtr swallow_error(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const Message& message) {
    if (!body_and_record(message)) return inner.send_message(message);
    try {
      return inner.send_message(message);
    } catch (const runner::SqlError& error) {
      if (error.connection_lost()) throw;
      inner.send("ROLLBACK");
      return told_commit();
    }
  });
}

// What is there already must have been made by an earlier attempt.
SessionPtr already_exists_is_success(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const Message& message) {
    const auto parts = body_and_record(message);
    if (!parts) return inner.send_message(message);
    try {
      return inner.send_message(message);
    } catch (const runner::SqlError& error) {
      if (error.said().sqlstate != "42P07") throw;
      inner.send("ROLLBACK");
      return inner.send_message(parts->record);
    }
  });
}

// A row of the way up is not taken away on the way down.
SessionPtr down_keeps_record(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](Message& message) {
    change_each(message, Purpose::record, [](std::string& sql) {
      if (sql.starts_with("DELETE ")) replace_first(sql, "DELETE ", "SELECT ");
    });
  });
}

// Hooks run when their migration is done.
void hook_after_body(runner::SessionSource& sessions, const runner::Listing& listing,
                     const runner::RunOptions& options) {
  runner::RunOptions without = options;
  without.hooks.clear();
  runner::up(sessions, listing, without, [&](const runner::Event& event) {
    const auto* finished = std::get_if<runner::MigrationFinished>(&event);
    if (finished == nullptr) return;
    const auto hook = options.hooks.find(finished->version);
    if (hook == options.hooks.end()) return;
    hook->second(*sessions.acquire(options.session_patience));
  });
}

// A hook that fails is passed over.
void hook_failure_recorded(runner::SessionSource& sessions, const runner::Listing& listing,
                           const runner::RunOptions& options) {
  runner::RunOptions tolerant = options;
  for (auto& [version, hook] : tolerant.hooks) {
    hook = [inner = hook](runner::Session& session) {
      try {
        inner(session);
      } catch (const runner::Error&) {
        return;
      }
    };
  }
  runner::up(sessions, listing, tolerant);
}

// A hook runs on the run's own session's terms: while a transaction of the run holds the tracker.
void hook_inside_transaction(runner::SessionSource& sessions, const runner::Listing& listing,
                             const runner::RunOptions& options) {
  runner::RunOptions inside = options;
  for (auto& [version, hook] : inside.hooks) {
    hook = [inner = hook, &sessions, &options](runner::Session& session) {
      const auto open = sessions.acquire(options.session_patience);
      open->send("BEGIN;SELECT 1 FROM applied_migrations");
      session.send("SET lock_timeout = 1000");
      inner(session);
    };
  }
  runner::up(sessions, listing, inside);
}

// A migration that stopped in the middle begins again.
void resume_repeats_statement(runner::SessionSource& sessions, const runner::Listing& listing,
                              const runner::RunOptions& options) {
  try {
    runner::up(sessions, listing, options);
  } catch (const runner::Error& error) {
    if (error.code() != "in-progress") throw;
    for (const runner::Migration& migration : listing.migrations) {
      try {
        runner::forget(sessions, listing, migration.version, options);
      } catch (const runner::Error&) {
        continue;  // it is not the one
      }
    }
    runner::up(sessions, listing, options);
  }
}

bool asks_for_indexes(const Message& message) {
  return has(message, Purpose::look_up) && message.text().find("indisvalid") != std::string::npos;
}

// Looks for what a failure left behind, but not at what a success did.
SessionPtr invalid_index_recorded(SessionPtr session, const Surroundings&) {
  const auto failed = std::make_shared<bool>(false);
  return sending(std::move(session), [failed](runner::Session& inner, const Message& message) {
    Results results;
    try {
      results = inner.send_message(message);
    } catch (const runner::SqlError&) {
      *failed = true;
      throw;
    }
    const bool after_failure = std::exchange(*failed, false);
    if (asks_for_indexes(message) && !after_failure) results.front().rows.clear();
    return results;
  });
}

}  // namespace

std::vector<Mutant> recording_mutants() {
  return {
      {.name = "session-state-leaks",
       .flaw = "does not reset what a migration did to its session",
       .killed_by = {"transactions/session-state"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = session_state_leaks},
      {.name = "record-outside-transaction",
       .flaw = "records in a transaction of its own, after the body's",
       .killed_by = {"crash/sweep", "crash/lost-commit-reply"},
       .findings = {"replica-failed", "nobody-succeeded"},
       .session = record_outside_transaction},
      {.name = "record-before-body",
       .flaw = "records in a transaction of its own, before the body's",
       .killed_by = {"crash/sweep", "transactions/atomic-apply"},
       .findings = {"not-applied", "replica-failed", "schema-differs", "second-run-changed"},
       .session = record_before_body},
      {.name = "swallow-error",
       .flaw = "goes on after a statement that failed, and reports success",
       .killed_by = {"transactions/atomic-apply", "transactions/deferred-constraint"},
       .findings = {"error-swallowed"},
       .session = swallow_error},
      {.name = "already-exists-is-success",
       .flaw = "records a migration whose table is there already",
       .killed_by = {"transactions/atomic-apply"},
       .findings = {"error-swallowed", "second-run-changed"},
       .session = already_exists_is_success},
      {.name = "down-keeps-record",
       .flaw = "rolls a migration back and leaves its record",
       .killed_by = {"transactions/round-trip"},
       .findings = {"rows-missing", "applied-twice", "data-differs", "schema-differs",
                    "not-applied"},
       .session = down_keeps_record},
      {.name = "hook-after-body",
       .flaw = "runs a hook when its migration is done",
       .killed_by = {"transactions/hook-order"},
       .findings = {"data-differs"},
       .up = hook_after_body},
      {.name = "hook-failure-recorded",
       .flaw = "runs and records a migration whose hook has failed",
       .killed_by = {"transactions/hook-fails"},
       .findings = {"error-swallowed"},
       .up = hook_failure_recorded},
      {.name = "hook-inside-transaction",
       .flaw = "runs a hook while a transaction of the run is open",
       .killed_by = {"transactions/hook-takes-locks"},
       .findings = {"replica-failed"},
       .up = hook_inside_transaction},
      {.name = "resume-repeats-statement",
       .flaw = "runs a migration that stopped outside a transaction from its start again",
       .killed_by = {"crash/no-transaction-partial"},
       .findings = {"error-swallowed", "second-run-changed"},
       .up = resume_repeats_statement},
      {.name = "invalid-index-recorded",
       .flaw = "records a migration whose index is INVALID",
       .killed_by = {"crash/invalid-index"},
       .findings = {"error-swallowed"},
       .session = invalid_index_recorded},
  };
}

}  // namespace gauntlet::mutant
