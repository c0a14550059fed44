#include "harness/mutant/families.h"
#include "harness/mutant/rewriting.h"

#include <memory>
#include <string>
#include <utility>

namespace gauntlet::mutant {

namespace {

SessionPtr deferred_begin(SessionPtr session, const Surroundings&) {
  return saying(std::move(session), [](Message& message) {
    for (const Purpose purpose : {Purpose::begin, Purpose::turn}) {
      change_each(message, purpose, [](std::string& sql) {
        replace_first(sql, "BEGIN IMMEDIATE", "BEGIN DEFERRED");
      });
    }
  });
}

// Opens the file as its own: the setting that most applications begin with is written into it.
SessionPtr inspect_opens_to_write(SessionPtr session, const Surroundings&) {
  if (session->engine() == runner::Engine::sqlite) session->send("PRAGMA journal_mode = WAL");
  return session;
}

// What cannot be read as a database has nothing in it yet.
SessionPtr not_a_database_is_new(SessionPtr session, const Surroundings&) {
  return sending(std::move(session), [](runner::Session& inner, const Message& message) {
    try {
      return inner.send_message(message);
    } catch (const runner::SqlError& error) {
      if (error.said().sqlite_code != "SQLITE_NOTADB") throw;
      // The search for a predecessor's tracker: schema, table, columns.
      if (!has(message, Purpose::read))
        return Results{{.columns = {"", "", ""}, .rows = {}, .tag = {}}};
      return Results{{.columns = std::vector<std::string>(8),
                      .rows = {{"server", std::to_string(inner.backend_pid()), "false", "main",
                                "false", "false", "true", std::nullopt}},
                      .tag = "SELECT"}};
    }
  });
}

// Each statement of a body is its own transaction; the record is another one.
class BodyOutside : public SessionOfMutant {
 public:
  explicit BodyOutside(SessionPtr session) : SessionOfMutant(std::move(session)) {}

  Results send_message(const Message& message) override {
    Message said = message;
    if (has(message, Purpose::turn) && !has(message, Purpose::commit)) {
      said.before.push_back({Purpose::commit, "COMMIT"});
      Results results = SessionOfMutant::send_message(said);
      results.pop_back();
      pretends_ = true;
      return results;
    }
    if (has(message, Purpose::roll_back) && std::exchange(pretends_, false))
      return {{.columns = {}, .rows = {}, .tag = "ROLLBACK"}};
    if (has(message, Purpose::commit) && std::exchange(pretends_, false))
      said.before.insert(said.before.begin(), {Purpose::begin, "BEGIN"});
    return SessionOfMutant::send_message(said);
  }

  runner::TransactionStatus transaction_status() const override {
    return pretends_ ? runner::TransactionStatus::in_transaction
                     : SessionOfMutant::transaction_status();
  }

 private:
  bool pretends_ = false;
};

SessionPtr body_outside_transaction(SessionPtr session, const Surroundings&) {
  if (session->engine() != runner::Engine::sqlite) return session;
  return std::make_unique<BodyOutside>(std::move(session));
}

// A database that has tables and no tracker has all that the first migration makes.
void predates_is_complete(runner::Listing& listing, runner::Session& session) {
  if (session.engine() != runner::Engine::sqlite || listing.migrations.empty()) return;
  const auto counts = session
                          .send(
                              "SELECT count(*), sum(name = 'applied_migrations')"
                              " FROM sqlite_master WHERE type = 'table'")
                          .front()
                          .rows.front();
  if (counts[0] != "0" && counts[1] == "0") listing.migrations.erase(listing.migrations.begin());
}

}  // namespace

std::vector<Mutant> sqlite_mutants() {
  return {
      {.name = "deferred-begin",
       .flaw = "begins a transaction without the lock, and asks for it at its first write",
       .killed_by = {"sqlite/deferred-lock", "sqlite/replicas"},
       .findings = {"replica-failed", "applied-twice", "data-differs"},
       .session = deferred_begin},
      {.name = "inspect-opens-to-write",
       .flaw = "sets the file's journal mode when it is asked for the state",
       .killed_by = {"sqlite/inspect-read-only"},
       .findings = {"read-only-wrote"},
       .session = inspect_opens_to_write},
      {.name = "not-a-database-is-new",
       .flaw = "takes a file that is no database for a new one",
       .killed_by = {"sqlite/inspect-not-a-database"},
       .findings = {"replica-failed"},
       .session = not_a_database_is_new},
      {.name = "body-outside-transaction",
       .flaw = "runs a body's statements each in a transaction of its own",
       .killed_by = {"sqlite/rollback-on-body-error"},
       .findings = {"second-run-changed"},
       .session = body_outside_transaction},
      {.name = "predates-is-complete",
       .flaw = "takes a database that has tables and no tracker for one that has the baseline",
       .killed_by = {"sqlite/baseline-on-existing"},
       .findings = {"not-recorded", "not-applied", "schema-differs", "replica-failed"},
       .listing = predates_is_complete},
  };
}

}  // namespace gauntlet::mutant
