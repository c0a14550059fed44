// SQLite through SQLiteCpp, which owns the connection, and the library's own functions where it has
// none: the tail of a prepared text, the offset of an error.
#include "runner/sqlite/session_sqlite.h"

#include "runner/sql/lexer.h"
#include "runner/sql/statement_sqlite.h"
#include "runner/sqlite/sqlite_children.h"
#include "runner/sqlite/sqlite_codes.h"
#include "runner/sqlite/sqlite_waits.h"
#include "runner/values/migration.h"

#include <cctype>
#include <chrono>
#include <utility>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;

constexpr const char* drop_fix =
    "if the file rebuilds the table, put `-- gauntlet: rebuild` on its first line; if the rows "
    "that "
    "refer to it are to go, DELETE them before the DROP TABLE";

struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// The first word of a statement, in upper case: what stands for a command tag.
std::string tag_of(const char* sql) {
  const char* end = sql;
  while (std::isalpha(static_cast<unsigned char>(*end)) != 0) ++end;
  return upper({sql, end});
}

class SqliteSession final : public Session {
 public:
  SqliteSession(const std::string& file, int flags, const SqlDialect& dialect)
      : database_(file, flags), dialect_(dialect), waits_(handle()) {
    sqlite3_extended_result_codes(handle(), 1);
    send("PRAGMA foreign_keys = ON");
  }

  Engine engine() const override { return Engine::sqlite; }
  const SqlDialect& dialect() const override { return dialect_; }

  std::vector<Result> send(std::string_view given) override {
    refuse_nul(given);
    // Ended by a NUL byte: SQLite would copy the rest of any other text at each statement.
    const std::string message(given);
    std::vector<Result> results;
    std::size_t at = start_of_statement_sqlite(message);
    while (at < message.size()) {
      const char* tail = nullptr;
      const Prepared statement = prepare(message, at, &tail, results.size());
      if (statement) results.push_back(run(statement.get(), message, at, results.size()));
      const auto passed = static_cast<std::size_t>(tail - message.data());
      at = passed + start_of_statement_sqlite(std::string_view(message).substr(passed));
    }
    return results;
  }

  Result query(std::string_view given,
               const std::vector<std::optional<std::string>>& parameters) override {
    refuse_nul(given);
    const std::string text(given);
    const char* tail = nullptr;
    const std::size_t start = start_of_statement_sqlite(text);
    const Prepared statement = prepare(text, start, &tail, 0);
    if (!statement) return {};
    for (std::size_t number = 1; number <= parameters.size(); ++number) {
      const auto& value = parameters[number - 1];
      const int index =
          sqlite3_bind_parameter_index(statement.get(), fmt::format("${}", number).c_str());
      if (index == 0 || !value) continue;  // what is not bound is null
      sqlite3_bind_text64(statement.get(), index, value->data(), value->size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8);
    }
    return run(statement.get(), text, start, 0);
  }

  TransactionStatus transaction_status() const override {
    return sqlite3_get_autocommit(handle()) != 0 ? TransactionStatus::idle
                                                 : TransactionStatus::in_transaction;
  }

  void interrupt_with(int fd) override { waits_.interrupt_with(fd); }
  StatementLimits limit(const StatementLimits& limits) override { return waits_.limit(limits); }
  int backend_pid() const override { return getpid(); }

  // Nobody notifies here: this is how a waiter lets time pass.
  std::optional<std::string> wait_for_notification(milliseconds patience,
                                                   int interrupt_fd) override {
    becomes_readable(interrupt_fd, patience);
    return std::nullopt;
  }

  std::string literal(std::string_view text) const override { return quoted(text, '\''); }
  std::string identifier(std::string_view name) const override { return quoted(name, '"'); }

 private:
  sqlite3* handle() const { return database_.getHandle(); }

  static void refuse_nul(std::string_view text) {
    if (text.find('\0') == std::string_view::npos) return;
    throw Error("nul-byte", "the SQL holds a NUL byte, where SQLite would silently stop", {},
                "remove the NUL byte");
  }

  static std::string quoted(std::string_view text, char quote) {
    refuse_nul(text);
    return quoted_by(quote, text);
  }

  Prepared prepare(const std::string& message, std::size_t at, const char** tail,
                   std::size_t completed) {
    waits_.begin();
    sqlite3_stmt* made = nullptr;
    const int code = sqlite3_prepare_v2(handle(), message.c_str() + at, -1, &made, tail);
    Prepared statement(made);
    if (code != SQLITE_OK) throw_failure(message, at, completed);
    return statement;
  }

  Result run(sqlite3_stmt* statement, const std::string& message, std::size_t at,
             std::size_t completed) {
    const auto watched = watch_.watch(handle(), sqlite3_sql(statement));
    if (!watched) return step_through(statement, message, at, completed);
    if (!watched->begin()) throw_failure(message, at, completed);
    Result result = step_through(statement, message, at, completed);
    const std::string lost = watched->lost();
    if (!lost.empty()) throw_lost(lost, message, at, completed);
    if (!watched->keep()) throw_failure(message, at, completed);
    return result;
  }

  Result step_through(sqlite3_stmt* statement, const std::string& message, std::size_t at,
                      std::size_t completed) {
    Result result{.columns = {}, .rows = {}, .tag = tag_of(message.data() + at)};
    const int columns = sqlite3_column_count(statement);
    for (int column = 0; column < columns; ++column) {
      result.columns.emplace_back(sqlite3_column_name(statement, column));
    }
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      if (waits_.limits().rows == StatementLimits::Rows::dropped) continue;
      auto& values = result.rows.emplace_back();
      for (int column = 0; column < columns; ++column)
        values.push_back(value_of(statement, column));
    }
    if (code != SQLITE_DONE) throw_failure(message, at, completed);
    return result;
  }

  static std::optional<std::string> value_of(sqlite3_stmt* statement, int column) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) return std::nullopt;
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const auto count = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return bytes == nullptr ? std::string() : std::string(bytes, count);
  }

  // A statement is one position's: where its error is, or else where it starts.
  [[noreturn]] void throw_failure(std::string_view message, std::size_t at, std::size_t completed) {
    const int code = sqlite3_extended_errcode(handle());
    const bool given_up = (code & 0xff) == SQLITE_INTERRUPT || (code & 0xff) == SQLITE_BUSY;
    if (waits_.stopped() == SqliteWaits::Stopped::by_interrupt && given_up) {
      waits_.interrupt_with(-1);
      throw Error("interrupted", "interrupted while a statement ran; it was cancelled");
    }
    const int offset = sqlite3_error_offset(handle());
    const std::size_t byte = at + (offset > 0 ? static_cast<std::size_t>(offset) : 0);
    ServerMessage said{.message = sqlite3_errmsg(handle()),
                       .position = characters_in(message.substr(0, byte)) + 1,
                       .sqlite_code = sqlite_code_name(code)};
    std::string fix = sqlite_advice(code);
    if (code == SQLITE_CONSTRAINT_FOREIGNKEY && tag_of(message.data() + at) == "DROP") {
      fix = drop_fix;
    }
    if ((code & 0xff) == SQLITE_BUSY) said.message += ": another connection holds its lock";
    if (waits_.stopped() == SqliteWaits::Stopped::by_time && given_up) {
      said.message = "the statement ran longer than it may";
      fix = "see what held it up, or allow more time with --statement-timeout";
    }
    throw SqlError(std::move(said), completed, database_.getFilename(), std::move(fix));
  }

  [[noreturn]] void throw_lost(const std::string& lost, std::string_view message, std::size_t at,
                               std::size_t completed) const {
    const bool drop = tag_of(message.data() + at) == "DROP";
    ServerMessage said{.message = fmt::format("{} would delete or empty {} through foreign keys",
                                              drop ? "DROP TABLE" : "REPLACE", lost),
                       .position = characters_in(message.substr(0, at)) + 1,
                       .sqlite_code = sqlite_code_name(SQLITE_CONSTRAINT_FOREIGNKEY)};
    throw SqlError(std::move(said), completed, database_.getFilename(),
                   drop ? drop_fix
                        : "write INSERT … ON CONFLICT DO UPDATE, which keeps the row; if those "
                          "rows are to go, DELETE them first");
  }

  mutable SQLite::Database database_;
  const SqlDialect& dialect_;
  ChildWatch watch_;
  SqliteWaits waits_;
};

std::string uri_of(const std::filesystem::path& file, std::string_view options) {
  std::string uri = "file:";
  for (const char byte : file.string()) {
    if (byte == '%' || byte == '?' || byte == '#') {
      uri += fmt::format("%{:02X}", byte);
    } else {
      uri += byte;
    }
  }
  return uri.append(options);
}

std::string why_not(const std::filesystem::path& file, const SQLite::Exception& error) {
  std::error_code ignored;
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (std::filesystem::is_directory(file, ignored)) return "it is a folder";
  if (!std::filesystem::is_directory(folder, ignored)) {
    return fmt::format("there is no folder {}", folder.string());
  }
  return error.what();
}

}  // namespace

std::unique_ptr<Session> open_sqlite(const std::filesystem::path& file, SqliteAccess access,
                                     const SqlDialect& dialect) {
  const auto open = [&](const std::string& name, int flags) {
    return std::make_unique<SqliteSession>(name, flags, dialect);
  };
  const int read = SQLite::OPEN_READONLY | SQLite::OPEN_URI;
  try {
    switch (access) {
      case SqliteAccess::create:
        return open(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      case SqliteAccess::write:
        return open(file.string(), SQLite::OPEN_READWRITE);
      case SqliteAccess::read:
        return open(uri_of(file, "?mode=ro"), read);
      case SqliteAccess::read_with_shm:
        return open(uri_of(file, "?mode=ro&readonly_shm=1"), read);
      case SqliteAccess::read_still:
        return open(uri_of(file, "?immutable=1"), read);
    }
  } catch (const SQLite::Exception& error) {
    throw Error("connect-failed", "the file cannot be opened: " + why_not(file, error),
                file.string(), "check the path, and the rights on the file and its folder");
  }
  return nullptr;
}

std::filesystem::path sqlite_file_of(const std::string& database) {
  std::string path = database.substr(database.find(':') + 1);
  if (path.empty() || path == ":memory:" || path.starts_with("//")) {
    throw Error("connect-failed", "the database URL names no file", database,
                "write sqlite:PATH, the path relative or from /");
  }
  return path;
}

Error no_such_file(const std::filesystem::path& file) {
  return {"no-such-database", "there is no such file", file.string(),
          "check --database; `gauntlet-migrate up` creates it"};
}

}  // namespace gauntlet::runner
