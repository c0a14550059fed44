#include "runner/values/own_query.h"

#include "runner/values/table_locks.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

[[noreturn]] void throw_unexpected(const std::string& what) {
  throw Error("unexpected-reply",
              "the server's reply is not one of PostgreSQL to this query: " + what, {},
              "see what answers at that address: a proxy, a pooler, another program");
}

// The session lives, and its query was cancelled: what was in its way may still be.
SqlError overdue_with_holders(Session& session, const Message& message, const SqlError& error) {
  roll_back(session);
  const std::string holders = holders_of_tables(session, message.text());
  if (holders.empty()) return error;
  return {Error(error.code(), error.message(), "held by: " + holders,
                "wait for that session or end it, then run this again"),
          error.said(), error.statements_completed()};
}

}  // namespace

void require_columns(const Result& result, std::size_t columns) {
  const bool is_shaped = result.columns.size() == columns &&
                         std::all_of(result.rows.begin(), result.rows.end(),
                                     [&](const auto& row) { return row.size() == columns; });
  if (is_shaped) return;
  throw_unexpected(
      fmt::format("{} columns, where {} were asked for", result.columns.size(), columns));
}

const Result& result_at(const std::vector<Result>& results, std::size_t index,
                        std::size_t columns) {
  if (index >= results.size()) {
    throw_unexpected(
        fmt::format("{} results, where at least {} were asked for", results.size(), index + 1));
  }
  require_columns(results[index], columns);
  return results[index];
}

const Result& result_from_end(const std::vector<Result>& results, std::size_t from_end,
                              std::size_t columns) {
  if (from_end < results.size()) return result_at(results, results.size() - 1 - from_end, columns);
  return result_at(results, std::max(from_end, results.size()), columns);
}

std::vector<Result> send_own(Session& session, const Message& message,
                             std::chrono::milliseconds reply_max) {
  const LimitedWhile within(session, [&](StatementLimits& limits) {
    limits.reply = std::min(limits.reply.value_or(reply_max), reply_max);
  });
  try {
    return session.send_message(message);
  } catch (const SqlError& error) {
    if (!is_overdue(error)) throw;
    throw overdue_with_holders(session, message, error);
  }
}

bool is_overdue(const SqlError& error) { return error.code() == "no-reply"; }

Result query_own(Session& session, const Message& message, std::size_t columns) {
  return result_from_end(send_own(session, message), 0, columns);
}

std::string query_own_value(Session& session, const Message& message) {
  const Result result = query_own(session, message, 1);
  if (result.rows.size() != 1) {
    throw_unexpected(fmt::format("{} rows, where one was asked for", result.rows.size()));
  }
  return result.rows.front().front().value_or("");
}

}  // namespace gauntlet::runner
