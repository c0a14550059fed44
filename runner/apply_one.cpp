#include "runner/apply_one.h"

#include "runner/message.h"
#include "runner/outside.h"

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

void apply_in_transaction(const Applying& applying, const Migration& migration, Turn turn) {
  Message message{.before = {{Purpose::begin, "BEGIN"}}, .body = migration.up.sql(), .after = {}};
  for (std::string& setting : applying.settings.statements(RunSettings::Scope::transaction)) {
    message.before.push_back({Purpose::setting, std::move(setting)});
  }
  message.after = record_statements(applying, migration, turn);
  try {
    const std::vector<Result> results = applying.session.send(message.text());
    if (results.empty() || results.back().tag != "COMMIT") {
      throw Error(
          "open-transaction",
          fmt::format("migration {} ended the transaction that it ran in", to_string(migration)),
          migration.where(), "take BEGIN, COMMIT and ROLLBACK out of the file");
    }
  } catch (const SqlError& error) {
    const ErrorSite site = site_of(message, error);
    if (error.connection_lost()) {
      throw failure_of(migration, site, error, "whether it was applied is not known");
    }
    roll_back(applying.session);
    throw failure_of(migration, site, error, "nothing of it remains");
  } catch (const Error&) {
    roll_back(applying.session);
    throw;
  }
}

}  // namespace

void apply_one(const Applying& applying, const Migration& migration, Delivery delivery, Turn turn) {
  if (delivery == Delivery::in_transaction) {
    apply_in_transaction(applying, migration, turn);
  } else {
    apply_outside(applying, migration, delivery, turn);
  }
}

std::vector<std::string> RunSettings::statements(Scope scope) const {
  const std::string set = scope == Scope::transaction ? "SET LOCAL " : "SET ";
  std::vector<std::string> made;
  if (check_connection) made.push_back(set + "client_connection_check_interval = 250");
  if (statement_timeout.count() > 0) {
    made.push_back(fmt::format("{}statement_timeout = {}", set, statement_timeout.count()));
  }
  if (lock_timeout.count() > 0) {
    made.push_back(fmt::format("{}lock_timeout = {}", set, lock_timeout.count()));
  }
  return made;
}

std::vector<OwnStatement> record_statements(const Applying& applying, const Migration& migration,
                                            Turn turn) {
  // What the body did to the session must neither stop the record nor reach the next migration.
  std::vector<OwnStatement> statements{{Purpose::setting, "RESET SESSION AUTHORIZATION"},
                                       {Purpose::setting, "RESET ROLE"},
                                       {Purpose::setting, "RESET ALL"}};
  for (std::string& setting : applying.settings.statements(RunSettings::Scope::transaction)) {
    statements.push_back({Purpose::setting, std::move(setting)});
  }
  statements.push_back({Purpose::proof, applying.lock.proof_statement()});
  statements.push_back(
      {Purpose::record,
       applying.tracker.insert_row(migration.version, migration.name, migration.checksum())});
  if (turn == Turn::last) {
    statements.push_back({Purpose::notify, applying.lock.notify_statement("applied")});
  }
  statements.push_back({Purpose::commit, "COMMIT"});
  return statements;
}

void roll_back(Session& session) {
  const TransactionStatus status = session.transaction_status();
  if (status == TransactionStatus::in_error || status == TransactionStatus::in_transaction) {
    session.send("ROLLBACK");
  }
}

}  // namespace gauntlet::runner
