// A read-only session of our own.
// A reader belongs to one thread at a time.
#pragma once

#include "harness/arena/connection.h"
#include "runner/values/error.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::observe {

using arena::Row;
using Rows = std::vector<Row>;

/// What the server refused. Without SQLSTATE the connection itself was lost.
class ReadError : public runner::Error {
 public:
  ReadError(std::string sqlstate, std::string message, std::string where);
  const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  std::string sqlstate_;
};

class Reader {
 public:
  /// Connects within 10 s. Every transaction is read only; every statement ends within two minutes
  /// and waits at most 10 s for a lock.
  /// Throws: Error `connect-failed`.
  explicit Reader(const arena::Address& address);

  /// Values as text that no setting of server, database or role changes; names come qualified.
  void use_fixed_formats();

  /// One or more statements; rows of the last. Throws: ReadError.
  Rows ask(const std::string& sql);

  using Table = arena::Connection::Table;
  /// Text that somebody else wrote: refused unless it is one statement. Throws: ReadError.
  Table ask_foreign(const std::string& sql);

  /// Returns after `patience`, or at once when the server hangs up.
  void pause(std::chrono::milliseconds patience);

 private:
  template <typename Execute>
  auto execute(const Execute& execute);

  std::string where_;
  arena::Connection connection_;
};

/// The text of a value that the statement never leaves null. Throws: Error `unexpected-reply`.
const std::string& text_of(const std::optional<std::string>& value);

}  // namespace gauntlet::observe
