#include "harness/truth/apply.h"

#include "harness/sql/which_file.h"
#include "harness/truth/statement_text.h"
#include "runner/postgres.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::truth {

namespace {

using Transaction = Framing::Transaction;

/// `-c name=value`, blanks and backslashes escaped as the server's `options` wants them.
std::string option(std::string_view name, std::string_view value) {
  std::string text = fmt::format(" -c {}=", name);
  for (const char c : value) {
    if (c == ' ' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

/// The rows of a command tag, `UPDATE 7`; nullopt for other statements.
std::optional<std::size_t> rows_of(std::string_view tag) {
  const bool writes = tag.starts_with("UPDATE") || tag.starts_with("DELETE") ||
                      tag.starts_with("INSERT") || tag.starts_with("MERGE");
  if (!writes) return std::nullopt;
  const std::string_view digits = tag.substr(tag.rfind(' ') + 1);
  std::size_t rows = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), rows);
  return rows;
}

bool ends_a_transaction(std::string_view sql) {
  const auto statements = runner::split(sql).statements;
  return std::ranges::any_of(statements, [](const runner::Statement& statement) {
    return runner::needs_of(statement.sql).transaction_control.has_value();
  });
}

class Application {
 public:
  Application(const arena::Address& address, const std::vector<File>& files, const Sent& sent,
              const ApplyOptions& options)
      : address_(address), files_(files), sent_(sent), options_(options) {
    applied_.rows.resize(files.size());
  }

  Applied run() {
    open();
    for (std::size_t file = 0; file < files_.size(); ++file) {
      if (!run_guarded(file)) return std::move(applied_);
    }
    return std::move(applied_);
  }

 private:
  void open();
  std::unique_ptr<runner::Session> connect() const;
  void set_up_beside();
  static void set_up(runner::Session& session, const std::vector<OwnStatement>& statements);
  bool run_guarded(std::size_t file);
  void run_file(std::size_t file);
  std::size_t end_of_transaction(std::size_t first) const;
  void roll_back_once(std::size_t first);
  void run_statements(std::size_t file, bool by_statement);
  void note_rows(std::size_t file, const std::vector<runner::Result>& results);
  void count_table(std::size_t file);
  void finish();
  Framing framing_of(std::size_t file) const;

  const arena::Address& address_;
  const std::vector<File>& files_;
  const Sent& sent_;
  const ApplyOptions& options_;
  std::unique_ptr<runner::Session> session_;
  bool in_transaction_ = false;  ///< one that we began
  Applied applied_;
};

/// As the connection that sends the files is made.
std::unique_ptr<runner::Session> Application::connect() const {
  std::string startup;
  for (const auto& [name, value] : sent_.startup) {
    startup += name == "options" ? " " + value : option(name, value);
  }
  const bool is_other_role = !sent_.user.empty() && sent_.user != address_.user();
  if (is_other_role) startup += option("role", sent_.user);  // the owner of what it creates
  if (options_.calibrates) startup += option("TimeZone", "Pacific/Chatham");
  const arena::Address address = startup.empty() ? address_ : address_.with("options", startup);
  auto session = runner::connect_postgres(
      address.conninfo(),
      {.application_name = options_.calibrates ? "gauntlet calibration" : "gauntlet truth"});
  session->send(fmt::format("SET statement_timeout = {}", options_.statement_timeout.count()));
  return session;
}

/// What other connections of the runner made by then, under their own settings.
void Application::set_up_beside() {
  std::map<std::size_t, std::vector<OwnStatement>> others;
  for (const OwnStatement& statement : sent_.session_setup)
    if (statement.session != sent_.session) others[statement.session].push_back(statement);
  for (const auto& [number, statements] : others) set_up(*connect(), statements);
}

void Application::open() {
  if (session_ == nullptr) set_up_beside();
  session_ = connect();
  std::vector<OwnStatement> own = sent_.session_setup;
  std::erase_if(own, [&](const OwnStatement& each) { return each.session != sent_.session; });
  set_up(*session_, own);
}

/// A setting that fails here failed for the runner's own reasons (its lock, its tracker's rows).
void Application::set_up(runner::Session& session, const std::vector<OwnStatement>& statements) {
  for (const OwnStatement& statement : statements) {
    const bool guarded = session.transaction_status() == runner::TransactionStatus::in_transaction;
    try {
      if (guarded) session.send("SAVEPOINT gauntlet_setup");
      if (statement.parameters.empty()) {
        session.send(statement.sql);
      } else {
        session.query(statement.sql, statement.parameters);
      }
      if (guarded) session.send("RELEASE SAVEPOINT gauntlet_setup");
    } catch (const runner::SqlError& error) {
      if (error.connection_lost()) throw;
      if (guarded) session.send("ROLLBACK TO SAVEPOINT gauntlet_setup");
    }
  }
}

Framing Application::framing_of(std::size_t file) const {
  if (sent_.files[file].framing) return *sent_.files[file].framing;
  return {.transaction = files_[file].in_transaction ? Transaction::own : Transaction::none,
          .by_statement = files_[file].by_statement};
}

bool Application::run_guarded(std::size_t file) {
  try {
    run_file(file);
    return true;
  } catch (const runner::SqlError& error) {
    applied_.said = error.said();
    applied_.why = error.said().message + error.said().code_text();
  } catch (const runner::Error& error) {
    applied_.why = error.message();
  }
  applied_.failed = file;
  return false;
}

/// Behind the last file of the transaction that begins with `first`.
std::size_t Application::end_of_transaction(std::size_t first) const {
  std::size_t end = first + 1;
  while (end < files_.size() && framing_of(end).transaction == Transaction::shared) ++end;
  return end;
}

/// A body that is rolled back and sent again, after a lock timeout or a deadlock, finds every
/// sequence moved on. What cannot be tried in a transaction is not.
void Application::roll_back_once(std::size_t first) {
  const std::size_t end = end_of_transaction(first);
  for (std::size_t file = first; file < end; ++file)
    if (ends_a_transaction(files_[file].sql)) return;
  try {
    session_->send("BEGIN");
    set_up(*session_, sent_.transaction_setup);
    for (std::size_t file = first; file < end; ++file) session_->send(files_[file].sql);
  } catch (const runner::SqlError& error) {
    if (error.connection_lost()) throw;
  }
  session_->send("ROLLBACK");
}

void Application::run_file(std::size_t file) {
  const Framing framing = framing_of(file);
  const bool goes_on = framing.transaction == Transaction::shared && in_transaction_;
  if (framing.new_session && !in_transaction_) open();
  const bool may_be_repeated = framing.transaction != Transaction::none || !framing.by_statement;
  if (options_.calibrates && !goes_on && may_be_repeated) roll_back_once(file);
  if (!goes_on && framing.transaction != Transaction::none) {
    session_->send("BEGIN");
    in_transaction_ = true;
    set_up(*session_, sent_.transaction_setup);
  }
  run_statements(file, framing.by_statement);
  const bool is_last = file + 1 == files_.size();
  if (is_last || framing_of(file + 1).transaction != Transaction::shared) finish();
}

void Application::run_statements(std::size_t file, bool by_statement) {
  if (!by_statement) {
    note_rows(file, session_->send(files_[file].sql));
    return;
  }
  for (const std::string_view statement : statements_of(files_[file].sql))
    note_rows(file, session_->send(statement));
}

void Application::note_rows(std::size_t file, const std::vector<runner::Result>& results) {
  RowsChanged& rows = applied_.rows[file];
  for (const runner::Result& result : results) {
    if (const auto changed = rows_of(result.tag)) {
      rows.writes_rows = true;
      rows.changed += *changed;
    }
  }
  if (rows.writes_rows && rows.changed == 0) count_table(file);
}

/// How many rows the file's first such statement could have changed; nothing if that cannot be
/// read.
void Application::count_table(std::size_t file) {
  const bool usable = session_->transaction_status() == runner::TransactionStatus::in_transaction ||
                      session_->transaction_status() == runner::TransactionStatus::idle;
  if (!usable || applied_.rows[file].of) return;
  for (const std::string_view statement : statements_of(files_[file].sql)) {
    const std::string text = sql::tokens_of_statement(statement);
    const bool writes =
        text.size() > 6 && rows_of([&] {
          std::string word = text.substr(0, 6);
          std::ranges::transform(word, word.begin(), [](char c) { return c & ~0x20; });
          return word + " 0";
        }());
    if (!writes) continue;
    const auto found = session_->query(
        "SELECT c.oid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_class c "
        "WHERE c.relname = $1 AND c.relkind IN ('r', 'p') LIMIT 1",
        {target_of(statement)});
    if (found.rows.empty()) return;
    const auto count = session_->query(
        fmt::format("SELECT pg_catalog.count(*) FROM {}", found.rows[0][0].value_or("")));
    applied_.rows[file].of = std::stoull(count.rows.at(0).at(0).value_or("0"));
    return;
  }
}

/// Ends the transaction that is open, and sends what the runner sends between two files.
void Application::finish() {
  if (in_transaction_) {
    in_transaction_ = false;
    session_->send("COMMIT");
  } else if (session_->transaction_status() != runner::TransactionStatus::idle) {
    throw runner::Error("transaction-left-open", "a file leaves its transaction open");
  }
  if (sent_.was_watched) {
    set_up(*session_, sent_.between_files);
  } else {
    session_->send(fmt::format("RESET SESSION AUTHORIZATION;RESET ALL;SET statement_timeout = {}",
                               options_.statement_timeout.count()));
  }
}

}  // namespace

void move_counters(runner::Session& session) {
  for (int i = 0; i < 5; ++i) {
    session.send("CREATE TEMP TABLE gauntlet_counter(i int)");
    session.send("DROP TABLE pg_temp.gauntlet_counter");
  }
}

Applied apply_plainly(const arena::Address& address, const std::vector<File>& files,
                      const Sent& sent, const ApplyOptions& options) {
  return Application(address, files, sent, options).run();
}

}  // namespace gauntlet::truth
