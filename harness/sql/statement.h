// What one statement's text says that it does: its verb, and the tables that it names. Pure.
// A text tells no more than that: what a function or a view does is not seen.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::sql {

struct Statement {
  enum class Verb { read, insert, update, remove, define, begin, commit, rollback, lock, other };

  Verb verb = Verb::other;
  std::string text = {};  ///< on one line, comments kept out
  std::vector<std::string> reads = {}, writes = {}, defines = {};  ///< tables, in lower case
  std::string lock_mode = {};  ///< of LOCK TABLE; `FOR UPDATE` of a SELECT
  bool waits = true;           ///< for the lock: neither NOWAIT nor SKIP LOCKED
};

/// The statements of a message, in order.
std::vector<Statement> statements_of(std::string_view sql);

/// Without a schema and quotes: what two spellings of one table share.
std::string bare(std::string_view table);

}  // namespace gauntlet::sql
