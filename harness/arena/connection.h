// The harness's own sessions: create, drop, query. Every connect and every reply is bounded.
// A connection belongs to one thread at a time.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/row.h"
#include "runner/values/error.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {
class Session;
struct Result;
}  // namespace gauntlet::runner

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

class Connection {
 public:
  using Parameters = std::vector<std::optional<std::string>>;

  struct Limits {
    std::chrono::seconds connect{10};
    std::chrono::seconds statement{300};  ///< of the server's work, and of the wait for a reply
    std::string application_name = "gauntlet";
  };

  /// Throws: Error `connect-failed`, with the server's words and no password.
  Connection(const Address& address, const Limits& limits);
  explicit Connection(const Address& address) : Connection(address, Limits{}) {}
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;

  /// One statement with parameters `$1` …; rows of the result. Throws: StatementError.
  std::vector<Row> ask(const std::string& sql, const Parameters& parameters = {});
  /// The first column of the first row; empty text for no row or null.
  std::string ask_one(const std::string& sql, const Parameters& parameters = {});

  struct Table {
    std::vector<std::string> columns = {};
    std::vector<Row> rows = {};
  };
  /// As ask(), with the columns' names.
  Table ask_table(const std::string& sql, const Parameters& parameters = {});

  /// One or more statements; rows of the last. Throws: StatementError.
  std::vector<Row> run(const std::string& sql);

  /// Returns after `patience`, or at once when the server hangs up.
  void pause(std::chrono::milliseconds patience);

  bool is_lost() const;
  int server_version() const { return server_version_; }  ///< 150020 for 15.20
  int backend_pid() const;
  std::string literal(std::string_view text) const;
  std::string identifier(std::string_view name) const;

 private:
  template <typename Send>
  auto sent(const Send& send);

  std::string where_;
  std::unique_ptr<runner::Session> session_;
  int server_version_ = 0;
};

}  // namespace gauntlet::arena
