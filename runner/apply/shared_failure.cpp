#include "runner/apply/shared_failure.h"

#include "runner/values/own_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace gauntlet::runner {

namespace {

using std::chrono::milliseconds;

// What the file's own text brings about without the server's having to say so.
bool is_refused_text(const Error& error) {
  constexpr std::array<std::string_view, 5> codes{"copy-from-stdin", "open-transaction", "nul-byte",
                                                  "transaction-control", "needs-no-transaction"};
  return std::ranges::find(codes, error.code()) != codes.end();
}

milliseconds statement_timeout(const Applying& applying) {
  if (applying.settings.statement_timeout.count() > 0) return applying.settings.statement_timeout;
  const std::string statement = applying.session.dialect().statement_timeout_of_session();
  if (statement.empty()) return milliseconds(0);
  const Result result = query_own(applying.session, statement, 1);
  const std::string text = result.rows.empty() ? "" : result.rows.front()[0].value_or("");
  milliseconds::rep number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return milliseconds(number);
}

bool ran_into_its_timeout(const Applying& applying, milliseconds ran) {
  try {
    const milliseconds limit = statement_timeout(applying);
    return limit.count() > 0 && ran >= limit;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

bool is_shared(const Applying& applying, const Error& error, milliseconds ran) {
  const auto* refused = dynamic_cast<const SqlError*>(&error);
  if (refused == nullptr) return is_refused_text(error);
  if (refused->connection_lost() || error.code() != "migration-failed") return false;
  const SqlDialect& dialect = applying.session.dialect();
  if (dialect.is_cancelled(*refused)) return ran_into_its_timeout(applying, ran);
  return dialect.is_the_bytes_fault(*refused);
}

}  // namespace gauntlet::runner
