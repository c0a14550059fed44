#include "harness/run/own_lock.h"

#include "harness/sql/statement.h"

#include <algorithm>
#include <set>

namespace gauntlet::run {

namespace {

using Verb = sql::Statement::Verb;

bool is_lock_table(const std::string& table) {
  return sql::bare(table).find("lock") != std::string::npos;
}

bool writes_rows(const sql::Statement& statement) {
  return statement.verb == Verb::insert || statement.verb == Verb::update ||
         statement.verb == Verb::remove;
}

/// A step that the program sent of its own accord, and its statements.
struct OwnStep {
  std::size_t at = 0;  ///< a position in the history's steps
  const core::Step* step = nullptr;
  std::vector<sql::Statement> statements = {};

  bool concerns(const std::string& table) const {
    return std::ranges::any_of(statements, [&](const sql::Statement& each) {
      return std::ranges::count(each.writes, table) + std::ranges::count(each.defines, table) > 0;
    });
  }
  /// The statement that writes rows of the table; null if none does.
  const sql::Statement* writer_of(const std::string& table) const {
    const auto found = std::ranges::find_if(statements, [&](const sql::Statement& each) {
      return writes_rows(each) && std::ranges::count(each.writes, table) > 0;
    });
    return found == statements.end() ? nullptr : &*found;
  }
};

/// What a program sent of its own accord, and between which of its steps the files' are.
struct OwnSteps {
  std::vector<OwnStep> all = {};
  std::size_t first_of_files = 0, last_of_files = 0;  ///< positions in the history's steps

  bool is_among_files(const OwnStep& step) const {
    return step.at > first_of_files && step.at < last_of_files;
  }
};

OwnSteps own_steps(const core::History& history, const std::vector<oracle::MigrationFile>& files) {
  std::set<std::size_t> of_files;
  const oracle::FileStatements of_them(history, files);
  for (const oracle::FileStatement& each : of_them.all()) of_files.insert(each.step);
  OwnSteps own;
  if (of_files.empty()) return own;
  own.first_of_files = *of_files.begin();
  own.last_of_files = *of_files.rbegin();
  for (std::size_t at = 0; at < history.steps.size(); ++at) {
    const core::StepRecord& record = history.steps[at];
    const bool was_run = record.step.kind != core::Step::Kind::prepare && record.reply &&
                         record.reply->ending == core::Reply::Ending::answered;
    if (was_run && !of_files.contains(at))
      own.all.push_back(
          {.at = at, .step = &record.step, .statements = sql::statements_of(record.step.sql)});
  }
  return own;
}

/// The table that a statement locks until its transaction ends.
std::string locked_until_commit(const sql::Statement& statement) {
  if (statement.verb == Verb::lock && !statement.writes.empty()) return statement.writes.front();
  const bool locks_rows = statement.lock_mode == "FOR UPDATE" && statement.reads.size() == 1;
  return locks_rows ? statement.reads.front() : std::string();
}

/// The lock that a write of rows before the files takes, if a later one gives it back: in between
/// nothing writes there, as into a tracker.
std::optional<OwnLock> lock_row_at(const OwnSteps& steps, std::size_t at,
                                   const std::string& table) {
  const OwnStep* last = nullptr;
  bool is_updated_later = false;
  for (std::size_t later = at + 1; later < steps.all.size(); ++later) {
    const sql::Statement* writer = steps.all[later].writer_of(table);
    if (writer == nullptr) continue;
    if (steps.is_among_files(steps.all[later]) && !is_lock_table(table)) return std::nullopt;
    last = &steps.all[later];
    is_updated_later = is_updated_later || writer->verb == Verb::update;
  }
  // A row that is only made there, to be updated later, is no lock yet.
  const OwnStep& first = steps.all[at];
  const bool only_makes_it = first.writer_of(table)->verb == Verb::insert && is_updated_later;
  if (last == nullptr || last->at < steps.last_of_files || only_makes_it) return std::nullopt;
  return OwnLock{
      .form = OwnLock::Form::row, .table = table, .take = *first.step, .give_back = *last->step};
}

std::optional<OwnLock> lock_row_in(const OwnSteps& steps) {
  for (std::size_t at = 0; at < steps.all.size(); ++at) {
    if (steps.all[at].at > steps.first_of_files) break;
    for (const sql::Statement& statement : steps.all[at].statements) {
      if (!writes_rows(statement) || statement.verb == Verb::remove) continue;
      for (const std::string& table : statement.writes)
        if (auto lock = lock_row_at(steps, at, table)) return lock;
    }
  }
  return std::nullopt;
}

std::optional<OwnLock> lock_until_commit_in(const OwnSteps& steps) {
  for (const OwnStep& step : steps.all)
    for (const sql::Statement& statement : step.statements)
      if (std::string table = locked_until_commit(statement); !table.empty())
        return OwnLock{.table = std::move(table), .take = *step.step};
  return std::nullopt;
}

void send(arena::Connection& connection, const core::Step& step) {
  if (step.parameters.empty()) {
    connection.run(step.sql);
  } else {
    connection.ask(step.sql, step.parameters);
  }
}

}  // namespace

std::optional<OwnLock> own_lock_of(const core::History& history,
                                   const std::vector<oracle::MigrationFile>& files) {
  const OwnSteps steps = own_steps(history, files);
  auto lock = lock_until_commit_in(steps);
  if (!lock) lock = lock_row_in(steps);
  if (!lock) return lock;
  for (const OwnStep& step : steps.all) {
    if (step.step->sql == lock->take.sql) break;
    if (step.concerns(lock->table)) lock->setup.push_back(*step.step);
  }
  return lock;
}

HeldOwnLock::HeldOwnLock(const arena::Address& database, const OwnLock& lock)
    : lock_(lock), connection_(database) {
  const bool is_there =
      connection_.ask_one("SELECT to_regclass($1) IS NOT NULL", {lock.table}) == "t";
  if (!is_there)
    for (const core::Step& step : lock.setup) send(connection_, step);
  if (lock.form == OwnLock::Form::until_commit) connection_.run("BEGIN");
  send(connection_, lock.take);
}

void HeldOwnLock::release() {
  if (lock_.form == OwnLock::Form::until_commit) {
    connection_.run("ROLLBACK");
  } else {
    send(connection_, lock_.give_back);
  }
}

}  // namespace gauntlet::run
