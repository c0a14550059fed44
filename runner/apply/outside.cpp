#include "runner/apply/outside.h"

#include "runner/apply/failure.h"
#include "runner/apply/outside_left.h"
#include "runner/apply/outside_resume.h"
#include "runner/apply/outside_rules.h"
#include "runner/apply/outside_words.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

using Kind = OutsideStatement::Kind;

// One run of one file outside a transaction.
//
// A statement that can run in a transaction shares one with the mark that says it ran, so that the
// mark is exact wherever the process dies. Of the others the catalogue tells, or only a person.
class Outside {
 public:
  Outside(const Applying& applying, const Task& task)
      : applying_(applying),
        session_(applying.session),
        dialect_(applying.session.dialect()),
        rules_(dialect_.outside_rules()),
        task_(task),
        file_(dialect_, task.sql()),
        mark_{.version = task.migration->version,
              .name = task.migration->name,
              .checksum = task.checksum(),
              .started_at = {},
              .statement_index = 1,
              .statements = std::max(1, static_cast<int>(file_.size())),
              .backend_pid = 0} {}

  void by_statement() {
    begin(still_to_do(), applying_.tracker.insert_mark(mark_));
    run_from(0);
  }

  void whole_file() {
    mark_.statement_index = mark_.statements = 0;
    begin(still_to_do(), applying_.tracker.insert_mark(mark_));
    try {
      send_body(session_, task_.sql());
    } catch (const SqlError& error) {
      throw failure_of_whole_file(error);
    } catch (const Error& error) {
      throw stopped_by(error, "the file, sent whole", remedy_of_whole_file(mark_.version));
    }
  }

  void resume(const Mark& mark, std::optional<int> from) {
    mark_ = mark;
    took_effect_ = true;
    std::size_t first =
        first_to_resume(session_, {.mark = mark_, .task = task_, .file = file_}, from);
    const std::string as_read = applying_.tracker.recheck_mark_statement(mark_);
    if (!mark_.is_whole_file()) mark_.statement_index = static_cast<int>(first) + 1;
    begin(as_read, applying_.tracker.move_mark(mark_.version, mark_.statement_index));
    if (first < file_.size()) {
      for (const std::size_t index : file_.settings_before(first)) send_plainly(index);
      first = repair(first, from.has_value());
    }
    run_from(first);
  }

  void record() {
    refuse_open_transaction();
    const auto invalid = invalid_and_named(rules_.invalid_indexes(session_), task_.sql());
    if (!invalid.empty()) throw left_invalid(list_of(invalid), "drop it and create it again");
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
                       "it ran to its end outside a transaction; " + remedy_at_end());
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

  void begin_in_transaction(const std::string& recheck, const std::string& write_mark) {
    Message message{.before = applying_.lock.opening(), .body = {}, .after = {}};
    for (std::string& reset : dialect_.resets_before()) {
      message.before.insert(message.before.begin(), {Purpose::setting, std::move(reset)});
    }
    message.before.push_back({Purpose::recheck, recheck});
    message.after = {{Purpose::record, write_mark}, {Purpose::commit, "COMMIT"}};
    write(message, "nothing of it ran");
  }

  // The settings before it are made: names mean what they meant. Returns the statement to go on
  // with.
  std::size_t repair(std::size_t first, bool is_told) {
    const OutsideStatement& what = file_.what(first);
    if (what.object == OutsideStatement::Object::none) return first;
    const ObjectFound found = rules_.look_up(session_, what);
    for (const std::string& repair : found.repairs) send_own(repair, first);
    if (!found.finish.empty()) send_own(found.finish, first);
    const bool is_done = found.state == ObjectFound::State::after && !is_told;
    if (!is_done && found.finish.empty()) return first;
    advance(static_cast<int>(first) + 2);
    return first + 1;
  }

  void run_from(std::size_t first) {
    if (file_.is_chained(first)) session_.send(dialect_.begin());
    for (std::size_t index = first; index < file_.size(); ++index) run_one(index);
  }

  void run_one(std::size_t index) {
    const OutsideStatement& what = file_.what(index);
    const bool in_transaction = session_.transaction_status() != TransactionStatus::idle;
    if (in_transaction && what.kind == Kind::control && what.words.starts_with("COMMIT")) {
      commit_with_mark(index);
    } else if (in_transaction || what.kind == Kind::setting) {
      send_plainly(index);
      // A ROLLBACK, or PREPARE TRANSACTION.
      if (in_transaction && session_.transaction_status() == TransactionStatus::idle) {
        advance(static_cast<int>(index) + 2);
      }
    } else if (what.kind != Kind::framed || !run_framed(index)) {
      run_alone(index);
    }
  }

  // The mark, in the transaction that is open: it takes effect with it.
  std::vector<OwnStatement> mark_statements(std::size_t next) const {
    std::vector<OwnStatement> statements;
    if (!dialect_.own_role().empty()) {
      add_statement(statements, Purpose::setting, "SET LOCAL SESSION AUTHORIZATION DEFAULT");
    }
    add_statement(statements, Purpose::setting, dialect_.own_role());
    add_statement(statements, Purpose::proof, applying_.lock.session_proof_statement());
    statements.push_back(
        {Purpose::record, applying_.tracker.move_mark(mark_.version, static_cast<int>(next) + 1)});
    return statements;
  }

  // False, and nothing done, if the server wants it outside a transaction after all: a REINDEX of a
  // partitioned table does not show it in its text.
  bool run_framed(std::size_t index) {
    Message message{.before = {{Purpose::begin, dialect_.begin()}},
                    .body = file_.text(index).sql,
                    .after = mark_statements(index + 1)};
    message.after.push_back({Purpose::commit, "COMMIT"});
    try {
      send_body(session_, message.text());
    } catch (const SqlError& error) {
      if (error.said().sqlstate == "25001") {
        roll_back(session_);
        return false;
      }
      throw failure_at(index, site_in_file(message, index, error), error);
    } catch (const Error& error) {
      throw stopped_at_statement(index, error, Left::nothing);
    }
    mark_.statement_index = static_cast<int>(index) + 2;
    took_effect_ = true;
    return true;
  }

  void commit_with_mark(std::size_t index) {
    Message message{
        .before = mark_statements(index + 1), .body = file_.text(index).sql, .after = {}};
    try {
      send_body(session_, message.text());
    } catch (const SqlError& error) {
      throw failure_at(index, site_in_file(message, index, error), error);
    } catch (const Error& error) {
      throw stopped_at_statement(index, error, Left::nothing);
    }
    mark_.statement_index = static_cast<int>(index) + 2;
    took_effect_ = true;
  }

  // A statement that no transaction can hold: the mark stands at it before, and behind it after.
  void run_alone(std::size_t index) {
    const OutsideStatement& what = file_.what(index);
    if (mark_.statement_index != static_cast<int>(index) + 1) {
      advance(static_cast<int>(index) + 1);
    }
    if (what.kind == Kind::control) return send_plainly(index);  // BEGIN
    found_before_ = rules_.look_up(session_, what);
    send_plainly(index);
    took_effect_ = true;
    const ObjectFound found = rules_.look_up(session_, what);
    if (found.state == ObjectFound::State::half && what.kind == Kind::object) {
      throw left_invalid(
          "\n         " + found.words + (found.repairs.empty() ? "" : ": " + found.repairs.front()),
          remedy_of_stop(mark_.version, static_cast<int>(index) + 1, what, Left::half,
                         found.words));
    }
    if (what.kind != Kind::repeatable || index + 1 < file_.size()) {
      advance(static_cast<int>(index) + 2);
    }
  }

  // The mark in a transaction of its own.
  void advance(int statement_index) {
    Message message{.before = {{Purpose::begin, dialect_.begin()}}, .body = {}, .after = {}};
    message.after = mark_statements(static_cast<std::size_t>(statement_index) - 1);
    message.after.push_back({Purpose::commit, "COMMIT"});
    write(message,
          fmt::format("its first {} statements ran; {}", statement_index - 1,
                      remedy_of_stop(mark_.version, mark_.statement_index, {}, Left::unknown, {})));
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

  void send_plainly(std::size_t index) {
    const Message message{.before = {}, .body = file_.text(index).sql, .after = {}};
    try {
      send_body(session_, message.body);
    } catch (const SqlError& error) {
      throw failure_at(index, site_in_file(message, index, error), error);
    } catch (const Error& error) {
      const bool rolls_back = session_.transaction_status() != TransactionStatus::idle;
      throw stopped_at_statement(index, error,
                                 rolls_back ? Left::nothing : left_unseen(file_.what(index)));
    }
  }

  // A statement of ours that repairs what statement `index` left.
  void send_own(const std::string& sql, std::size_t index) {
    try {
      session_.send(sql);
    } catch (const SqlError& error) {
      if (error.connection_lost()) throw;
      throw SqlError({"not-repaired",
                      fmt::format("what statement {} of {} left could not be repaired: {}",
                                  index + 1, task_.name(), error.said().message),
                      place_of(index) + "\n         " + sql,
                      fmt::format("remove the cause, then run `gauntlet-migrate resume {}` again",
                                  mark_.version.number)},
                     error.said(), error.statements_completed());
    }
  }

  std::string place_of(std::size_t index) const {
    return task_.where(place_of_byte(task_.sql(), file_.text(index).offset));
  }

  ErrorSite site_in_file(const Message& message, std::size_t index, const SqlError& error) const {
    ErrorSite site = site_of(message, error, dialect_);
    if (site.where == ErrorSite::Where::ours) return site;
    const Place start = place_of_byte(task_.sql(), file_.text(index).offset);
    if (site.place.line == 1) site.place.column += start.column - 1;
    site.place.line += start.line - 1;
    return site;
  }

  SqlError failure_at(std::size_t index, const ErrorSite& site, const SqlError& error) {
    if (error.connection_lost()) {
      return failure_of(task_, site, error, dialect_,
                        "whether its running statement took effect is not known");
    }
    roll_back(session_);
    const OutsideStatement& what = file_.what(index);
    const ObjectFound found = rules_.look_up(session_, what);
    const std::vector<InvalidIndex> invalid = left_behind();
    const Left left = left_by_failing(what, found_before_, found, invalid.empty(), error);
    if (left == Left::nothing && !took_effect_) {
      session_.send(applying_.tracker.delete_mark(mark_.version));
      return failure_of(task_, site, error, dialect_, "nothing of it remains");
    }
    const int number = static_cast<int>(index) + 1;
    const std::string list =
        found.finish.empty() ? list_of(invalid) : "\n         " + found.words + ": " + found.finish;
    const std::string cause = left == Left::unknown ? "" : "remove the cause, then ";
    return with_remedy(
        failure_of(task_, site, error, dialect_, ""), list,
        fmt::format("it stopped at statement {} of {}\n         {}{}\n         {}", number,
                    mark_.statements, cause,
                    remedy_of_stop(mark_.version, left == Left::unknown ? number : resumed(index),
                                   what, left, found.words),
                    forget_remedy(mark_.version)));
  }

  // Inside a transaction of the file's own everything since its BEGIN is undone.
  int resumed(std::size_t index) const {
    return static_cast<int>(file_.begin_of_transaction(index)) + 1;
  }

  SqlError failure_of_whole_file(const SqlError& error) {
    const ErrorSite site =
        site_of({.before = {}, .body = task_.sql(), .after = {}}, error, dialect_);
    if (error.connection_lost()) {
      return failure_of(task_, site, error, dialect_,
                        "whether its running statement took effect is not known");
    }
    roll_back(session_);
    const std::vector<InvalidIndex> invalid = left_behind();
    if (invalid.empty() && rules_.committed_nothing(task_.sql(), error.statements_completed())) {
      session_.send(applying_.tracker.delete_mark(mark_.version));
      return failure_of(task_, site, error, dialect_, "nothing of it remains");
    }
    return with_remedy(failure_of(task_, site, error, dialect_, ""), list_of(invalid),
                       remedy_of_whole_file(mark_.version));
  }

  static SqlError with_remedy(const SqlError& failure, const std::string& list,
                              const std::string& fix) {
    return {Error(failure.code(), failure.message(), failure.where() + list, fix), failure.said(),
            failure.statements_completed()};
  }

  Error stopped_at_statement(std::size_t index, const Error& error, Left left) {
    const int number = static_cast<int>(index) + 1;
    const std::string at = fmt::format("statement {} of {}", number, mark_.statements);
    return stopped_by(error, at,
                      remedy_of_stop(mark_.version, left == Left::unknown ? number : resumed(index),
                                     file_.what(index), left, {}));
  }

  Error stopped_by(const Error& error, const std::string& at, const std::string& remedy) {
    if (session_.transaction_status() != TransactionStatus::active) roll_back(session_);
    return {error.code(), fmt::format("{} stopped at {}: {}", task_.name(), at, error.message()),
            task_.where(), remedy};
  }

  void refuse_open_transaction() {
    if (session_.transaction_status() == TransactionStatus::idle) return;
    roll_back(session_);
    const std::string what = fmt::format(
        "{} left a transaction open; it was rolled back, and the migration was not "
        "recorded",
        task_.name());
    if (!took_effect_ && !mark_.is_whole_file()) {
      session_.send(applying_.tracker.delete_mark(mark_.version));
      throw Error("open-transaction", what, task_.where(),
                  fmt::format("nothing of it remains; end the file's transaction with COMMIT, then "
                              "run `{}` again",
                              task_.command()));
    }
    throw Error("open-transaction", what, task_.where(),
                "end the file's transaction with COMMIT; " +
                    (mark_.is_whole_file() ? remedy_of_whole_file(mark_.version)
                                           : forget_remedy(mark_.version)));
  }

  Error left_invalid(const std::string& list, const std::string& fix) const {
    return {"invalid-index",
            fmt::format("{} ran, but left an index INVALID; it was not recorded", task_.name()),
            task_.where() + list, fix};
  }

  // Nobody reads the rows of a PRAGMA foreign_key_check that a file ends with.
  void refuse_harm() {
    const auto harm = guard_ ? guard_->harm() : std::nullopt;
    if (!harm) return;
    throw Error(harm->code,
                fmt::format("{} ran, but {}; it was not recorded", task_.name(), harm->what),
                task_.where() + harm->list,
                fmt::format("repair it by hand ({}), then {}", harm->fix, remedy_at_end()));
  }

  std::string remedy_at_end() const {
    return fmt::format("`gauntlet-migrate resume {} --from end` records it", mark_.version.number);
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

  const Applying& applying_;
  Session& session_;
  const SqlDialect& dialect_;
  const OutsideRules& rules_;
  const Task& task_;
  OutsideFile file_;
  Mark mark_;
  bool took_effect_ = false;  ///< something before the running statement did
  ObjectFound found_before_;  ///< of the running statement's object
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

void resume_outside(const Applying& applying, const Task& task, const Mark& mark,
                    std::optional<int> from) {
  const ReportedNotices reported(applying, task);
  refuse_without_session_lock(applying, task);
  const auto beside = applying.lock.try_beside();
  if (!beside) throw NotOurTurn(NotOurTurn::Why::busy, "another runner has the migration lock");
  Outside outside(applying, task);
  outside.resume(mark, from);
  outside.record();
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
