#include "runner/apply/outside.h"

#include "runner/apply/failure.h"
#include "runner/apply/outside_rules.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

std::string remedy_of(const Mark& mark) {
  const std::int64_t version = mark.version.number;
  return fmt::format(
      "see what statement {} left: if nothing, `gauntlet-migrate resume {}` goes on with it; if it "
      "took effect, `gauntlet-migrate resume {} --from {}` goes on after it; or undo the file's "
      "work "
      "by hand, and `gauntlet-migrate forget {}` lets the file run from its start",
      mark.statement_index, version, version, mark.statement_index + 1, version);
}

// The place of the statement that was running, if the file is still the one that ran.
std::string stopped_at(const SqlDialect& dialect, const Mark& mark, const Task& task) {
  const auto index = static_cast<std::size_t>(mark.statement_index - 1);
  const Split parts = dialect.split(task.sql());
  const bool same_file = mark.checksum == task.checksum();
  if (!same_file || mark.statement_index < 1 || index >= parts.statements.size()) {
    return task.where() + (same_file ? "" : " (edited since)");
  }
  return task.where(place_of_byte(task.sql(), parts.statements[index].offset));
}

// One run of one file outside a transaction.
class Outside {
 public:
  Outside(const Applying& applying, const Task& task)
      : applying_(applying),
        session_(applying.session),
        dialect_(applying.session.dialect()),
        rules_(dialect_.outside_rules()),
        task_(task),
        mark_{.version = task.migration->version,
              .name = task.migration->name,
              .checksum = task.checksum(),
              .started_at = {},
              .statement_index = 1,
              .statements = 1,
              .backend_pid = 0} {}

  void by_statement() {
    const Split parts = dialect_.split(task_.sql());
    mark_.statements = std::max(1, static_cast<int>(parts.statements.size()));
    begin(still_to_do(), applying_.tracker.insert_mark(mark_));
    run_from(parts, 0);
  }

  void resume(const Mark& mark, int from) {
    const Split parts = dialect_.split(task_.sql());
    mark_ = mark;
    refuse_to_resume(parts, from);
    const std::string as_read = applying_.tracker.recheck_mark_statement(mark_);
    mark_.statement_index = from;
    begin(as_read, applying_.tracker.move_mark(mark_.version, from));
    const auto first = static_cast<std::size_t>(from) - 1;
    set_as_before(parts, first);
    run_from(parts, first);
  }

  void whole_file() {
    begin(still_to_do(), applying_.tracker.insert_mark(mark_));
    run(task_.sql(), 0);
  }

  void record() {
    if (session_.transaction_status() != TransactionStatus::idle) {
      session_.send("ROLLBACK");
      throw Error("open-transaction",
                  fmt::format("{} left a transaction open; it was rolled back, and the "
                              "migration was not recorded",
                              task_.name()),
                  task_.where(), "end the file's transaction with COMMIT; " + remedy());
    }
    const auto invalid = invalid_and_named(rules_.invalid_indexes(session_), task_.sql());
    if (!invalid.empty()) {
      throw Error(
          "invalid-index",
          fmt::format("{} ran, but left an index INVALID; it was not recorded", task_.name()),
          task_.where() + list_of(invalid), remedy());
    }
    refuse_harm();
    Message message{.before = {{Purpose::begin, dialect_.begin()}},
                    .body = {},
                    .after = record_statements(applying_, task_)};
    const OwnStatement unmark{Purpose::record, applying_.tracker.delete_mark(mark_.version)};
    message.after.insert(message.after.end() - 1, unmark);
    try {
      session_.send(message.text());
    } catch (const SqlError& error) {
      if (!error.connection_lost()) roll_back(session_);
      throw failure_of(task_, site_of(message, error, dialect_), error, dialect_,
                       "it ran to its end outside a transaction; " + remedy());
    }
  }

 private:
  // Where no lock of the session's keeps others from doing it meanwhile.
  std::string still_to_do() const {
    if (applying_.lock.lasts_a_run()) return {};
    return applying_.tracker.recheck_statement(mark_.version, task_.direction);
  }

  void begin(const std::string& recheck, const std::string& write_mark) {
    invalid_before_ = rules_.invalid_indexes(session_);
    guard_ = rules_.guard(session_, task_);
    if (!applying_.lock.lasts_a_run()) return begin_in_transaction(recheck, write_mark);
    Message message;
    for (std::string& setting : dialect_.settings(applying_.settings, SqlDialect::Scope::session)) {
      message.after.push_back({Purpose::setting, std::move(setting)});
    }
    add_statement(message.after, Purpose::proof, applying_.lock.session_proof_statement());
    message.after.push_back({Purpose::record, write_mark});
    write(message, "nothing of it ran");
  }

  // Nobody reads the rows of a PRAGMA foreign_key_check that a file ends with.
  void refuse_harm() {
    const auto harm = guard_ ? guard_->harm() : std::nullopt;
    if (!harm) return;
    throw Error(harm->code,
                fmt::format("{} ran, but {}; it was not recorded", task_.name(), harm->what),
                task_.where() + harm->list,
                fmt::format("repair it by hand ({}), then `gauntlet-migrate resume {} --from {}` "
                            "records it",
                            harm->fix, mark_.version.number, mark_.statements + 1));
  }

  void begin_in_transaction(const std::string& recheck, const std::string& write_mark) {
    Message message{.before = applying_.lock.opening(), .body = {}, .after = {}};
    for (std::string& reset : dialect_.resets_before()) {
      message.before.insert(message.before.begin(), {Purpose::setting, std::move(reset)});
    }
    message.before.push_back({Purpose::recheck, recheck});
    message.after = {{Purpose::record, write_mark}, {Purpose::commit, "COMMIT"}};
    write(message, "nothing of it ran");
  }

  // What the statements before set the session to is gone with the session that stopped.
  void set_as_before(const Split& parts, std::size_t first) {
    for (std::size_t index = 0; index < first; ++index) {
      const Statement& statement = parts.statements[index];
      if (dialect_.is_setting(statement.sql)) run(statement.sql, statement.offset);
    }
  }

  void refuse_to_resume(const Split& parts, int from) {
    if (mark_.checksum != task_.checksum()) {
      throw Error("edited-after-apply",
                  fmt::format("the file of {} is not the one that stopped at statement {}",
                              task_.name(), mark_.statement_index),
                  task_.where(),
                  fmt::format("restore the file; or undo its work by hand, then `gauntlet-migrate "
                              "forget {}`",
                              mark_.version.number));
    }
    const int statements = static_cast<int>(parts.statements.size());
    if (from < 1 || from > statements + 1) {
      throw Error("bad-amount",
                  fmt::format("{} has {} statements; there is no statement {} to go on with",
                              task_.name(), statements, from),
                  task_.where(), fmt::format("give --from 1 to {}", statements + 1));
    }
    const auto invalid = invalid_and_named(rules_.invalid_indexes(session_), task_.sql());
    if (invalid.empty()) return;
    throw Error(
        "invalid-index",
        fmt::format("an index that {} names is INVALID, and would stay so", task_.name()),
        task_.where() + list_of(invalid),
        fmt::format("drop it, then run `gauntlet-migrate resume {}` again", mark_.version.number));
  }

  void run_from(const Split& parts, std::size_t first) {
    bool only_settings_ran = first == 0;
    for (std::size_t index = first; index < parts.statements.size(); ++index) {
      if (index > first && !only_settings_ran) advance(static_cast<int>(index) + 1);
      run(parts.statements[index].sql, parts.statements[index].offset);
      only_settings_ran = only_settings_ran && dialect_.is_setting(parts.statements[index].sql);
    }
  }

  // Inside a transaction of the file's own the mark stays at its BEGIN: that is where it would roll
  // back to.
  void advance(int statement_index) {
    if (session_.transaction_status() != TransactionStatus::idle) return;
    Message message{.before = {{Purpose::begin, dialect_.begin()}}, .body = {}, .after = {}};
    add_statement(message.after, Purpose::setting, dialect_.own_role());
    add_statement(message.after, Purpose::proof, applying_.lock.session_proof_statement());
    message.after.push_back(
        {Purpose::record, applying_.tracker.move_mark(mark_.version, statement_index)});
    message.after.push_back({Purpose::commit, "COMMIT"});
    write(message, fmt::format("its first {} statements ran; {}", statement_index - 1, remedy()));
    mark_.statement_index = statement_index;
  }

  void write(const Message& message, const std::string& state) {
    try {
      session_.send(message.text());
    } catch (const SqlError& error) {
      if (!error.connection_lost()) roll_back(session_);
      const ErrorSite site = site_of(message, error, dialect_);
      refuse_if_not_our_turn(applying_, site, error);
      throw failure_of(task_, site, error, dialect_, state);
    }
  }

  void run(std::string_view sql, std::size_t offset) {
    try {
      session_.send(sql);
    } catch (const SqlError& error) {
      throw failure(sql, offset, error);
    } catch (const Error& error) {
      if (session_.transaction_status() != TransactionStatus::active) roll_back(session_);
      throw Error(error.code(),
                  fmt::format("{} stopped at statement {} of {}: {}", task_.name(),
                              mark_.statement_index, mark_.statements, error.message()),
                  task_.where(), remedy());
    }
  }

  SqlError failure(std::string_view sql, std::size_t offset, const SqlError& error) {
    const ErrorSite site = site_in_file(sql, offset, error);
    if (error.connection_lost()) {
      return failure_of(task_, site, error, dialect_,
                        "whether its running statement took effect is not known");
    }
    roll_back(session_);
    const std::vector<InvalidIndex> left = left_behind();
    std::string state = "nothing of it remains";
    if (!left.empty() || !undone_by_failing(sql, error)) {
      state = fmt::format("it stopped at statement {} of {}{}\n         {}", mark_.statement_index,
                          mark_.statements, list_of(left), remedy());
    } else {
      session_.send(applying_.tracker.delete_mark(mark_.version));
    }
    return failure_of(task_, site, error, dialect_, state);
  }

  ErrorSite site_in_file(std::string_view sql, std::size_t offset, const SqlError& error) const {
    ErrorSite site = site_of({.before = {}, .body = sql, .after = {}}, error, dialect_);
    const Place start = place_of_byte(task_.sql(), offset);
    if (site.place.line == 1) site.place.column += start.column - 1;
    site.place.line += start.line - 1;
    return site;
  }

  std::vector<InvalidIndex> left_behind() {
    const std::set<InvalidIndex> invalid = rules_.invalid_indexes(session_);
    std::vector<InvalidIndex> left = invalid_and_named(invalid, task_.sql());
    for (const InvalidIndex& index : invalid) {
      if (!invalid_before_.contains(index) && std::ranges::find(left, index) == left.end()) {
        left.push_back(index);
      }
    }
    return left;
  }

  // Whether a failure leaves nothing: no statement before it took effect, and it could not commit a
  // part of itself.
  bool undone_by_failing(std::string_view sql, const SqlError& error) const {
    if (mark_.statement_index > 1) return false;
    return rules_.committed_nothing(sql, error.statements_completed());
  }

  std::string remedy() const { return remedy_of(mark_); }

  const Applying& applying_;
  Session& session_;
  const SqlDialect& dialect_;
  const OutsideRules& rules_;
  const Task& task_;
  Mark mark_;
  std::set<InvalidIndex> invalid_before_;
  std::unique_ptr<Guard> guard_;
};

// Between two migrations of one transaction each, a session lock excludes others, or a lock beside
// the database's file.
void refuse_without_session_lock(const Applying& applying, const Task& task) {
  if (applying.lock.covers_outside()) return;
  throw Error("needs-session-lock",
              fmt::format("{} runs outside a transaction, and --lock={} holds only inside one",
                          task.name(), to_string(applying.lock.mode())),
              task.where(),
              "run it with --lock=notify and a direct URL; or, if nobody else migrates this "
              "database meanwhile, with --lock=none");
}

}  // namespace

void apply_outside(const Applying& applying, const Task& task) {
  refuse_without_session_lock(applying, task);
  const auto beside = hold_beside(applying, task);
  if (applying.hook) applying.hook(task);
  Outside outside(applying, task);
  if (task.delivery == Delivery::whole_file) {
    outside.whole_file();
  } else {
    outside.by_statement();
  }
  outside.record();
}

void resume_outside(const Applying& applying, const Task& task, const Mark& mark, int from) {
  const ReportedNotices reported(applying, task);
  refuse_without_session_lock(applying, task);
  const auto beside = applying.lock.try_beside();
  if (!beside) throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  Outside outside(applying, task);
  outside.resume(mark, from);
  outside.record();
}

Task task_of(const Mark& mark, const Migration& migration) {
  const bool down = migration.down && mark.checksum == migration.down->checksum;
  return {.migration = &migration,
          .direction = down ? Direction::down : Direction::up,
          .delivery = Delivery::by_statement};
}

Error in_progress_error(const Applying& applying, const Mark& mark, const Migration& migration) {
  const Task task = task_of(mark, migration);
  const SqlDialect& dialect = applying.session.dialect();
  const auto invalid =
      invalid_and_named(dialect.outside_rules().invalid_indexes(applying.session), task.sql());
  return {
      "in-progress",
      fmt::format("{} stopped at statement {} of {}, outside a transaction, and was not recorded",
                  task.name(), mark.statement_index, mark.statements),
      fmt::format("{}, begun {} by {} {}; mark in {}{}", stopped_at(dialect, mark, task),
                  mark.started_at, dialect.process_noun(), mark.backend_pid,
                  applying.tracker.quoted_marks(), list_of(invalid)),
      remedy_of(mark)};
}

}  // namespace gauntlet::runner
