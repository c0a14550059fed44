// Queries of the runner's own: the tracker, the catalogue, probes. Each is answered within 20 s,
// and the shape of its reply is checked here, where it enters. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// Nothing of ours reads much; a server that needs longer is stuck or is no PostgreSQL.
constexpr std::chrono::seconds own_query_max{20};

/// Sends a message that holds no statement of a migration. Throws: as Session::send(). Without an
/// answer in time SqlError `no-reply`, which names the sessions that hold locks on its tables; or
/// `connection-lost`, if the server does not cancel the query either.
std::vector<Result> send_own(Session& session, const Message& message,
                             std::chrono::milliseconds reply_max = own_query_max);

/// Whether an error says that the answer did not come in time; an open transaction was rolled back.
bool is_overdue(const SqlError& error);

/// As send_own(); the result of the last statement, each row with `columns` columns.
/// Throws: Error `unexpected-reply` for another shape.
Result query_own(Session& session, const Message& message, std::size_t columns);

/// As query_own(), for a statement that always has one row. A null is empty text.
std::string query_own_value(Session& session, const Message& message);

/// The result at `index`, each row with `columns` columns.
/// Throws: Error `unexpected-reply` for fewer results or another shape.
const Result& result_at(const std::vector<Result>& results, std::size_t index, std::size_t columns);

/// As result_at(), counted from the end: 0 is the last.
const Result& result_from_end(const std::vector<Result>& results, std::size_t from_end,
                              std::size_t columns);

/// Throws: Error `unexpected-reply`.
void require_columns(const Result& result, std::size_t columns);

}  // namespace gauntlet::runner
