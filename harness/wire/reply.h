// What a server answered to a request: which statements completed, with what tag and first rows,
// what failed and where, and whether a transaction stands open afterwards. Values; no effects.
#pragma once

#include "harness/wire/request.h"
#include "harness/wire/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::wire {

/// An ErrorResponse or a NoticeResponse. Texts are cut at `server_text_max` bytes.
/// Source: PostgreSQL manual, "Error and Notice Message Fields".
struct ServerMessage {
  std::string severity = {};  ///< never translated: ERROR, FATAL, PANIC, NOTICE
  std::string sqlstate = {};
  std::string text = {}, detail = {}, hint = {}, where = {};
  std::size_t position = 0;  ///< in characters from 1, of what the client wrote; 0: not given
};

inline constexpr std::size_t server_text_max = 4096;

/// One statement that completed. Its first rows are kept, so that the value of a
/// `pg_try_advisory_lock` is seen; the others are counted.
struct StatementResult {
  std::string tag = {};  ///< `INSERT 0 1`; empty for an empty query and a suspended portal
  bool suspended = false;
  std::uint64_t rows = 0;
  std::vector<std::string> columns = {};
  std::vector<std::vector<Value>> first_rows = {};
};

inline constexpr std::size_t first_rows_max = 2, results_max = 64, notices_max = 16;

/// `I`, `T` or `E` of ReadyForQuery: idle, in a transaction, in a failed one.
enum class TransactionStatus : char { idle = 'I', open = 'T', failed = 'E' };

struct Reply {
  enum class End {
    done,
    failed,   ///< `error` says why; what completed before it is in `results`
    skipped,  ///< the server passed over it on its way to a Sync, after an error before it
    lost,     ///< the connection ended first: what became of it nobody said
  };

  std::uint64_t request = 0;  ///< its id
  End end = End::done;
  std::size_t completed = 0;                  ///< statements; the failing one is the next
  std::vector<StatementResult> results = {};  ///< of the first `results_max`
  std::optional<ServerMessage> error = {};
  std::shared_ptr<const Statement> failing = {};  ///< where it is known which statement failed
  std::vector<ServerMessage> notices = {};        ///< the first `notices_max`
  /// Where ReadyForQuery ended it.
  std::optional<TransactionStatus> status = {};
};

}  // namespace gauntlet::wire
