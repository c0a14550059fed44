#include "runner/apply/outside.h"

#include "runner/apply/outside_failure.h"
#include "runner/apply/outside_resume.h"
#include "runner/apply/outside_run.h"
#include "runner/values/own_query.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using Kind = OutsideStatement::Kind;

class Outside {
 public:
  Outside(const Applying& applying, const Task& task) : run_(applying, task) {}

  void by_statement() {
    begin_with_mark(run_, still_to_do(), tracker().insert_mark(run_.mark));
    run_from(0);
  }

  void whole_file() {
    run_.mark.statement_index = run_.mark.statements = 0;
    begin_with_mark(run_, still_to_do(), tracker().insert_mark(run_.mark));
    try {
      send_body(run_.session, {.before = {}, .body = run_.task.sql(), .after = {}});
    } catch (const SqlError& error) {
      throw failure_of_whole_file(run_, error);
    } catch (const Error& error) {
      throw stopped_whole_file(run_, error);
    }
  }

  void resume(const Mark& mark, std::optional<int> from) {
    run_.mark = mark;
    run_.took_effect = true;
    std::size_t first = first_to_resume(run_, from);
    const std::string as_read = tracker().recheck_mark_statement(mark);
    if (!mark.is_whole_file()) run_.mark.statement_index = static_cast<int>(first) + 1;
    begin_with_mark(run_, as_read, tracker().move_mark(mark.version, run_.mark.statement_index));
    if (first < run_.file.size()) {
      for (const std::size_t index : run_.file.settings_before(first)) send_plainly(index);
      first = repair(first, from || mark.was_refused() ? Seen::by_its_reply : Seen::by_nobody);
    }
    run_from(first);
  }

  void record() {
    refuse_to_record(run_);
    reset_encoding();
    Message message{.before = {{Purpose::begin, run_.dialect.begin_writing()}},
                    .body = {},
                    .after = record_statements(run_.applying, run_.task)};
    const OwnStatement unmark{Purpose::record, tracker().delete_mark(run_.mark.version)};
    message.after.insert(message.after.end() - 1, unmark);
    try {
      runner::send_own(run_.session, message);
    } catch (const SqlError& error) {
      if (!error.connection_lost()) roll_back(run_.session);
      throw failure_of(run_.task, site_of(message, error, run_.dialect), error, run_.dialect,
                       "it ran to its end outside a transaction; " + remedy_at_end(run_));
    }
  }

 private:
  const Tracker& tracker() const { return run_.applying.tracker; }

  // The server reads a message in the encoding that holds when it comes in, and the record has the
  // migration's name.
  void reset_encoding() {
    const std::string reset = run_.dialect.reset_encoding();
    if (!reset.empty()) run_.session.send_message(message_of(Purpose::setting, reset));
  }

  // Where no lock of the session's keeps others from doing it meanwhile.
  std::string still_to_do() const {
    if (run_.applying.lock.lasts_a_run()) return {};
    return tracker().recheck_statement(run_.mark.version, run_.task.direction);
  }

  /// Whether the end of the statement to go on with is known: then its object, which stands as if
  /// it had run, is another's.
  enum class Seen { by_its_reply, by_nobody };

  // The settings before it are made: names mean what they meant. Returns the statement to go on
  // with.
  std::size_t repair(std::size_t first, Seen seen) {
    const OutsideStatement& what = run_.file.what(first);
    if (what.object == OutsideStatement::Object::none) return first;
    const ObjectFound found = run_.rules.look_up(run_.session, what);
    for (const std::string& repair : found.repairs) send_own(repair, first);
    if (!found.finish.empty()) send_own(found.finish, first);
    const bool is_done = found.state == ObjectFound::State::after && seen == Seen::by_nobody;
    if (!is_done && found.finish.empty()) return first;
    advance_mark(run_, first + 1);
    return first + 1;
  }

  void run_from(std::size_t first) {
    if (run_.file.is_chained(first)) {
      run_.session.send_message(message_of(Purpose::begin, run_.dialect.begin()));
    }
    for (std::size_t index = first; index < run_.file.size(); ++index) run_one(index);
  }

  void run_one(std::size_t index) {
    const OutsideStatement& what = run_.file.what(index);
    const bool in_transaction = is_in_transaction();
    if (in_transaction && what.kind == Kind::control && what.words.starts_with("COMMIT")) {
      send_with_mark({.before = mark_statements(run_, index + 1), .body = {}, .after = {}}, index);
    } else if (in_transaction || what.kind == Kind::setting) {
      send_plainly(index);
      // A ROLLBACK, or PREPARE TRANSACTION.
      if (in_transaction && !is_in_transaction()) advance_mark(run_, index + 1);
    } else if (what.kind != Kind::framed || !run_framed(index)) {
      run_alone(index);
    }
  }

  bool is_in_transaction() const {
    return run_.session.transaction_status() != TransactionStatus::idle;
  }

  // False, and nothing done, if the server wants it outside a transaction after all: a REINDEX of a
  // partitioned table does not show it in its text.
  bool run_framed(std::size_t index) {
    Message message{.before = {{Purpose::begin, run_.dialect.begin()}},
                    .body = {},
                    .after = mark_statements(run_, index + 1)};
    message.after.push_back({Purpose::commit, "COMMIT"});
    return send_with_mark(std::move(message), index);
  }

  // Statement `index` between what moves the mark behind it. False, and nothing done, if it refuses
  // a transaction.
  bool send_with_mark(Message message, std::size_t index) {
    message.body = run_.file.text(index).sql;
    try {
      send_body(run_.session, message);
    } catch (const SqlError& error) {
      const bool is_framed = !message.after.empty();
      if (!is_framed || run_.dialect.kind_of(error) != ErrorKind::needs_no_frame) {
        throw failure_at_statement(run_, index, message, error);
      }
      roll_back(run_.session);
      return false;
    } catch (const Error& error) {
      throw stopped_at_statement(run_, index, error, Left::nothing);
    }
    run_.mark.statement_index = static_cast<int>(index) + 2;
    run_.took_effect = true;
    return true;
  }

  // A statement that no transaction can hold: the mark stands at it before, and behind it after.
  void run_alone(std::size_t index) {
    const OutsideStatement& what = run_.file.what(index);
    if (run_.mark.statement_index != static_cast<int>(index) + 1) advance_mark(run_, index);
    if (what.kind == Kind::control) return send_plainly(index);  // BEGIN
    run_.found_before = run_.rules.look_up(run_.session, what);
    send_plainly(index);
    run_.took_effect = true;
    const ObjectFound found = run_.rules.look_up(run_.session, what);
    if (found.state == ObjectFound::State::half && what.kind == Kind::object) {
      throw left_invalid(run_, index, found);
    }
    if (what.kind != Kind::repeatable || index + 1 < run_.file.size()) {
      advance_mark(run_, index + 1);
    }
  }

  void send_plainly(std::size_t index) {
    const Message message{.before = {}, .body = run_.file.text(index).sql, .after = {}};
    try {
      send_body(run_.session, message);
    } catch (const SqlError& error) {
      throw failure_at_statement(run_, index, message, error);
    } catch (const Error& error) {
      throw stopped_at_statement(
          run_, index, error,
          is_in_transaction() ? Left::nothing : left_unseen(run_.file.what(index)));
    }
  }

  // A statement of ours that repairs what statement `index` left.
  void send_own(const std::string& sql, std::size_t index) {
    try {
      run_.session.send_message(message_of(Purpose::repair, sql));
    } catch (const SqlError& error) {
      if (error.connection_lost()) throw;
      throw SqlError({"not-repaired",
                      fmt::format("what statement {} of {} left could not be repaired: {}",
                                  index + 1, run_.task.name(), error.said().message),
                      run_.place_of(index) + "\n         " + sql,
                      fmt::format("remove the cause, then run `gauntlet-migrate resume {}` again",
                                  run_.mark.version.number)},
                     error.said(), error.statements_completed());
    }
  }

  OutsideRun run_;
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

void resume_outside(const Applying& applying, const Task& task, const Mark& mark,
                    std::optional<int> from) {
  const ReportedNotices reported(applying, task);
  refuse_without_session_lock(applying, task);
  const auto beside = applying.lock.try_beside();
  if (!beside) throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  keep_connection_while(applying, task, [&] {
    Outside outside(applying, task);
    outside.resume(mark, from);
    outside.record();
  });
}

Task task_of(const Mark& mark, const Migration& migration, const AppliedSet& applied) {
  const bool is_up = mark.checksum == migration.up.checksum;
  const bool is_down = migration.down && mark.checksum == migration.down->checksum;
  const bool recorded =
      std::ranges::find(applied.rows, mark.version, &AppliedRow::version) != applied.rows.end();
  const bool down = is_up == is_down ? recorded && migration.down.has_value() : is_down;
  return {.migration = &migration,
          .direction = down ? Direction::down : Direction::up,
          .delivery = Delivery::by_statement};
}

}  // namespace gauntlet::runner
