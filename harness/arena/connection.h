// The arena's own sessions: create, drop, ask. Every connect and every statement is bounded.
// A connection belongs to one thread at a time.
#pragma once

#include "harness/arena/address.h"
#include "runner/values/error.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;

namespace gauntlet::arena {

/// A statement that the server refused. Without SQLSTATE the connection itself was lost.
class StatementError : public runner::Error {
 public:
  StatementError(std::string sqlstate, std::string message, std::string where)
      : Error("statement-failed", std::move(message), std::move(where)),
        sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

using Row = std::vector<std::optional<std::string>>;

class Connection {
 public:
  struct Limits {
    std::chrono::seconds connect{10};
    std::chrono::seconds statement{300};
  };

  /// Throws: Error `connect-failed`, with the server's words and no password.
  explicit Connection(const Address& address, Limits limits);
  explicit Connection(const Address& address) : Connection(address, Limits{}) {}

  /// One statement; with parameters `$1` … it must be a single one.
  /// Throws: StatementError.
  std::vector<Row> ask(const std::string& sql,
                       const std::vector<std::optional<std::string>>& parameters = {});
  /// The first column of the first row; empty text for no row or null.
  std::string ask_one(const std::string& sql,
                      const std::vector<std::optional<std::string>>& parameters = {});
  /// One or more statements, results ignored.
  void run(const std::string& sql);
  /// All bytes of a `COPY … TO STDOUT`. Throws: StatementError.
  std::string copy_out(const std::string& sql);
  /// `data` into a `COPY … FROM STDIN`. Throws: StatementError.
  void copy_in(const std::string& sql, std::string_view data);

  bool is_lost() const;
  int server_version() const;  ///< 150020 for 15.20
  int backend_pid() const;
  std::string literal(std::string_view text) const;
  std::string identifier(std::string_view name) const;

 private:
  void finish_copy();

  std::string where_;
  std::unique_ptr<pg_conn, void (*)(pg_conn*)> handle_;
};

}  // namespace gauntlet::arena
