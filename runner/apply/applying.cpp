#include "runner/apply/applying.h"

#include "runner/apply/outside_rules.h"

#include <utility>

namespace gauntlet::runner {

Applying applying_of(const Turn& turn) {
  return {.turn = turn,
          .session = turn.session(),
          .tracker = turn.tracker(),
          .lock = turn.lock(),
          .settings = turn.settings()};
}

ReportedNotices::ReportedNotices(const Applying& applying, const Task& task)
    : session_(applying.session) {
  session_.on_notice(
      [&turn = applying.turn, &migration = *task.migration](const ServerMessage& said) {
        turn.tell(Noticed{.version = migration.version, .name = migration.name, .said = said});
      });
}

ReportedNotices::~ReportedNotices() { session_.on_notice({}); }

namespace {

// After a failure the state is brought back as far as it can be: the failure is what is reported.
void restore_quietly(const Kept* connection, const Session& session) {
  if (connection == nullptr || session.transaction_status() != TransactionStatus::idle) return;
  try {
    connection->restore();
  } catch (const Error&) {
    return;
  }
}

}  // namespace

void keep_connection_while(const Applying& applying, const Task& task,
                           const std::function<void()>& work) {
  const auto connection =
      applying.session.dialect().outside_rules().keep_connection(applying, task);
  try {
    work();
  } catch (...) {
    restore_quietly(connection.get(), applying.session);
    throw;
  }
  if (connection) connection->restore();
}

void refuse_if_not_our_turn(const Applying& applying, const ErrorSite& site,
                            const SqlError& error) {
  if (site.where != ErrorSite::Where::ours || error.connection_lost()) return;
  const SqlDialect& dialect = applying.session.dialect();
  if (site.purpose == Purpose::turn && dialect.is_busy(error)) {
    throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  }
  if (site.purpose == Purpose::recheck && dialect.is_done(error)) {
    throw NotOurTurn(NotOurTurn::Why::done, "another runner did it meanwhile");
  }
}

std::shared_ptr<const void> hold_beside(const Applying& applying, const Task& task) {
  auto held = applying.lock.try_beside();
  if (!held) throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  if (applying.lock.lasts_a_run()) return held;
  const Version version = task.migration->version;
  const Message message{
      .before = {{Purpose::recheck, applying.tracker.recheck_statement(version, task.direction)},
                 {Purpose::turn, applying.tracker.refuse_mark_statement(version)}},
      .body = {},
      .after = {}};
  try {
    applying.session.send_message(message);
  } catch (const SqlError& error) {
    const ErrorSite site = site_of(message, error, applying.session.dialect());
    refuse_if_not_our_turn(applying, site, error);
    throw failure_of(task, site, error, applying.session.dialect(), "nothing of it ran");
  }
  return held;
}

void bound_lock_waits(const Applying& applying, const Task& task,
                      std::vector<OwnStatement>& statements) {
  if (task.delivery != Delivery::in_transaction || task.code()) return;
  add_statement(statements, Purpose::setting,
                applying.session.dialect().bound_file_lock_waits(applying.settings));
}

std::vector<OwnStatement> record_statements(const Applying& applying, const Task& task) {
  // What the body did to the session must neither stop the record nor reach the next migration.
  const SqlDialect& dialect = applying.session.dialect();
  std::vector<OwnStatement> statements;
  for (std::string& reset : dialect.resets()) {
    statements.push_back({Purpose::reset, std::move(reset)});
  }
  for (std::string& setting : dialect.settings(applying.settings, SqlDialect::Scope::transaction)) {
    statements.push_back({Purpose::setting, std::move(setting)});
  }
  // The record and the COMMIT may wait, too, and others wait behind what the body has locked.
  bound_lock_waits(applying, task, statements);
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

}  // namespace gauntlet::runner
