#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"
#include "runner/error.h"
#include "runner/repair.h"

#include <string>

namespace gauntlet::mutant {

namespace {

using Results = std::vector<runner::Result>;

SessionPtr session_state_leaks(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](const std::string& message) {
    return replaced(message, "RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL;", "");
  });
}

SessionPtr record_outside_transaction(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const std::string& message) {
    const auto parts = body_and_record(message);
    if (!parts) return inner.send(message);
    inner.send(parts->body + "COMMIT");
    return inner.send("BEGIN;" + parts->record);
  });
}

SessionPtr record_before_body(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const std::string& message) {
    const auto parts = body_and_record(message);
    if (!parts) return inner.send(message);
    inner.send("BEGIN;" + parts->record);
    return inner.send(parts->body + "COMMIT");
  });
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

SessionPtr invalid_index_recorded(SessionPtr session, const Surroundings&) {
  return told(std::move(session), [](const std::string& message, Results& results) {
    if (has(message, "indisvalid") && !results.empty()) results.front().rows.clear();
  });
}

}  // namespace

std::vector<Mutant> recording_mutants() {
  return {
      {.name = "session-state-leaks",
       .flaw = "does not reset what a migration did to its session",
       .caught_by = {"transactions/session-state"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = session_state_leaks},
      {.name = "record-outside-transaction",
       .flaw = "records in a transaction of its own, after the body's",
       .caught_by = {"crash/sweep", "crash/lost-commit-reply"},
       .findings = {"replica-failed", "nobody-succeeded"},
       .session = record_outside_transaction},
      {.name = "record-before-body",
       .flaw = "records in a transaction of its own, before the body's",
       .caught_by = {"crash/sweep"},
       .findings = {"not-applied"},
       .session = record_before_body},
      {.name = "resume-repeats-statement",
       .flaw = "runs a migration that stopped outside a transaction from its start again",
       .caught_by = {"crash/no-transaction-partial"},
       .findings = {"error-swallowed", "second-run-changed"},
       .up = resume_repeats_statement},
      {.name = "invalid-index-recorded",
       .flaw = "records a migration whose index is INVALID",
       .caught_by = {"crash/invalid-index"},
       .findings = {"error-swallowed"},
       .session = invalid_index_recorded},
  };
}

}  // namespace gauntlet::mutant
