#include "runner/values/session.h"

#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

Error in_the_servers_words(const ServerMessage& said, std::string where, std::string fix) {
  const bool lost = said.sqlstate.empty() && said.sqlite_code.empty();
  std::string code = lost ? "connection-lost" : "statement-failed";
  return {std::move(code), to_string(said), std::move(where), std::move(fix)};
}

}  // namespace

std::string to_string(const ServerMessage& said) {
  std::string text = said.message + said.code_text();
  if (!said.detail.empty()) text += "\n  detail: " + said.detail;
  if (!said.hint.empty()) text += "\n  hint: " + said.hint;
  if (!said.context.empty()) text += "\n  context: " + said.context;
  return text;
}

std::string ServerMessage::code_text() const {
  if (!sqlstate.empty()) return fmt::format(" (SQLSTATE {})", sqlstate);
  return sqlite_code.empty() ? "" : fmt::format(" ({})", sqlite_code);
}

SqlError::SqlError(ServerMessage said, std::size_t statements_completed, std::string where,
                   std::string fix)
    : Error(in_the_servers_words(said, std::move(where), std::move(fix))),
      said_(std::move(said)),
      statements_completed_(statements_completed) {}

SqlError::SqlError(const Error& told, ServerMessage said, std::size_t statements_completed)
    : Error(told), said_(std::move(said)), statements_completed_(statements_completed) {}

std::vector<Result> send_body(Session& session, const Message& message) {
  const LimitedWhile dropping(
      session, [](StatementLimits& limits) { limits.rows = StatementLimits::Rows::dropped; });
  return session.send_message(message);
}

void refuse_unless_idle(const Session& session) {
  const TransactionStatus status = session.transaction_status();
  if (status == TransactionStatus::idle || status == TransactionStatus::unknown) return;
  throw Error("session-not-idle", "the session that was lent has a transaction open already", {},
              "commit it or roll it back before the session is lent; nothing was done in it");
}

void roll_back(Session& session) {
  const TransactionStatus status = session.transaction_status();
  if (status == TransactionStatus::in_error || status == TransactionStatus::in_transaction) {
    session.send_message(message_of(Purpose::roll_back, "ROLLBACK"));
  }
}

}  // namespace gauntlet::runner
