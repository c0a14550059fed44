#include "runner/apply/applying.h"

#include "runner/tracker/dialect.h"

#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

void refuse_if_not_our_turn(const Applying& applying, const ErrorSite& site,
                            const SqlError& error) {
  if (site.where != ErrorSite::Where::ours || error.connection_lost()) return;
  if (site.purpose == Purpose::turn && applying.lock.is_busy(error)) {
    throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  }
  if (site.purpose == Purpose::recheck && dialect_of(applying.session.engine()).is_done(error)) {
    throw NotOurTurn(NotOurTurn::Why::done, "another runner did it meanwhile");
  }
}

std::shared_ptr<const void> hold_beside(const Applying& applying, const Task& task) {
  auto held = applying.lock.try_beside();
  if (!held) throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  if (applying.session.engine() != Engine::sqlite) return held;
  const Version version = task.migration->version;
  const Message message{
      .before = {{Purpose::recheck, applying.tracker.recheck_statement(version, task.direction)},
                 {Purpose::turn, applying.tracker.refuse_mark_statement(version)}},
      .body = {},
      .after = {}};
  try {
    applying.session.send(message.text());
  } catch (const SqlError& error) {
    const ErrorSite site = site_of(message, error);
    refuse_if_not_our_turn(applying, site, error);
    throw failure_of(task, site, error, "nothing of it ran");
  }
  return held;
}

std::vector<std::string> RunSettings::statements(Scope scope) const {
  if (engine == Engine::sqlite) return {};
  const std::string set = scope == Scope::transaction ? "SET LOCAL " : "SET ";
  std::vector<std::string> made;
  if (keep_encoding) made.emplace_back("SET client_encoding = 'UTF8'");
  if (check_connection) made.push_back(set + "client_connection_check_interval = 250");
  if (statement_timeout.count() > 0) {
    made.push_back(fmt::format("{}statement_timeout = {}", set, statement_timeout.count()));
  }
  if (lock_timeout.count() > 0) {
    made.push_back(fmt::format("{}lock_timeout = {}", set, lock_timeout.count()));
  }
  return made;
}

std::vector<OwnStatement> record_statements(const Applying& applying, const Task& task) {
  // What the body did to the session must neither stop the record nor reach the next migration.
  const Engine engine = applying.session.engine();
  std::vector<OwnStatement> statements;
  for (std::string& reset : dialect_of(engine).resets()) {
    statements.push_back({Purpose::setting, std::move(reset)});
  }
  for (std::string& setting : applying.settings.statements(RunSettings::Scope::transaction)) {
    statements.push_back({Purpose::setting, std::move(setting)});
  }
  add_statement(statements, Purpose::proof, applying.lock.proof_statement());
  const Migration& migration = *task.migration;
  statements.push_back(
      {Purpose::record,
       task.direction == Direction::up
           ? applying.tracker.insert_row(migration.version, migration.name, migration.checksum())
           : applying.tracker.delete_row(migration.version)});
  if (task.rank == Task::Rank::last) {
    add_statement(statements, Purpose::notify, applying.lock.notify_statement(applying.last_word));
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

void add_statement(std::vector<OwnStatement>& statements, Purpose purpose, std::string sql) {
  if (!sql.empty()) statements.push_back({purpose, std::move(sql)});
}

}  // namespace gauntlet::runner
