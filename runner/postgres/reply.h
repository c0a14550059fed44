// What the server sends back to one message: libpq's results become ours, as they come in. Belongs
// to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <cstddef>
#include <optional>
#include <vector>

struct pg_result;  // libpq's PGresult

namespace gauntlet::runner {

/// What an error or a notice says.
ServerMessage server_message_of(const pg_result* result);

class Reply {
 public:
  explicit Reply(StatementLimits::Rows rows) : rows_(rows) {}

  /// Takes a result that holds rows or ends a statement, or an error: the first is the cause, and
  /// what follows it (the connection's own end) is not. Returns how many bytes of rows were kept.
  std::size_t add(const pg_result* received);

  bool keeps_rows() const { return rows_ == StatementLimits::Rows::kept; }
  const std::optional<ServerMessage>& error() const { return error_; }
  std::size_t completed() const { return results_.size(); }
  std::vector<Result> take_results() { return std::move(results_); }

 private:
  std::size_t grow(const pg_result* received);

  StatementLimits::Rows rows_;
  std::vector<Result> results_;
  std::optional<Result> growing_;  // of the statement whose rows are coming in
  std::optional<ServerMessage> error_;
};

}  // namespace gauntlet::runner
