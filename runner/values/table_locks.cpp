#include "runner/values/table_locks.h"

#include "runner/sql/lexer.h"

#include <chrono>
#include <vector>

namespace gauntlet::runner {

namespace {

constexpr std::chrono::milliseconds patience{2'000};

std::vector<Result> ask(Session& session, const std::string& statement) {
  const LimitedWhile within(session, [](StatementLimits& limits) { limits.reply = patience; });
  try {
    return session.send(statement);
  } catch (const SqlError&) {
    return {};
  }
}

}  // namespace

std::string holders_of_tables(Session& session, std::string_view sql) {
  const std::string statement = session.dialect().lock_holders();
  if (statement.empty()) return {};
  const std::string lowered = lower(sql);
  std::string text;
  for (const Result& result : ask(session, statement)) {
    for (const auto& row : result.rows) {
      if (row.size() != 2 || !mentions(lowered, row[0].value_or(""))) continue;
      text += (text.empty() ? "" : "; ") + row[1].value_or("");
    }
  }
  return text;
}

}  // namespace gauntlet::runner
