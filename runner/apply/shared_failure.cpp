#include "runner/apply/shared_failure.h"

#include "runner/values/own_query.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gauntlet::runner {

namespace {

// What the file's own text brings about without the server's having to say so.
bool is_refused_text(const Error& error) {
  constexpr std::array<std::string_view, 5> codes{"copy-from-stdin", "open-transaction", "nul-byte",
                                                  "transaction-control", "needs-no-transaction"};
  return std::ranges::find(codes, error.code()) != codes.end();
}

// A statement that ran for its statement_timeout, and one that somebody cancelled, have the same
// SQLSTATE, and one message holds many statements, so no clock here can tell the two apart. The
// server raises them at two places: a timeout is provoked, and the places are compared.
bool ran_into_its_timeout(Session& session, const SqlError& error) {
  const std::string sample = session.dialect().statement_timeout_sample();
  if (sample.empty() || error.said().raised_at.empty()) return false;
  try {
    send_own(session, message_of(Purpose::ask, sample));
  } catch (const SqlError& timeout) {
    if (!timeout.connection_lost()) roll_back(session);
    return timeout.said().raised_at == error.said().raised_at;
  }
  return false;
}

}  // namespace

bool is_shared(Session& session, const Error& error) {
  const auto* refused = dynamic_cast<const SqlError*>(&error);
  if (refused == nullptr) return is_refused_text(error);
  if (refused->connection_lost() || error.code() != "migration-failed") return false;
  const SqlDialect& dialect = session.dialect();
  if (dialect.kind_of(*refused) == ErrorKind::cancelled)
    return ran_into_its_timeout(session, *refused);
  return dialect.is_the_bytes_fault(*refused);
}

}  // namespace gauntlet::runner
