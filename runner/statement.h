// SQL text seen through libpg_query: where its statements begin and what they need. Pure.
// libpg_query keeps thread-local state; any thread may call.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// One statement of a script. Offsets are BYTES from the start of the script's sql().
struct Statement {
  std::string_view sql;    ///< without surrounding white space, comments before it kept out, no `;`
  std::size_t offset = 0;  ///< of the statement's first byte
};

/// How sure the splitting is.
enum class SplitBy {
  parser,   ///< libpg_query's grammar took the whole script
  scanner,  ///< its grammar did not (newer syntax, or an error): split at the scanner's semicolons
  neither,  ///< even the scanner stopped (an open quote or comment): one statement, the whole script
};

struct Split {
  std::vector<Statement> statements;  ///< empty for an empty or comment-only script
  SplitBy by = SplitBy::parser;
};

/// Never throws for any text; memory stays below ten times the text's size.
Split split(std::string_view sql);

/// What one statement asks of whoever sends it.
struct StatementNeeds {
  /// Set if the server refuses it inside a transaction block: its words, `CREATE INDEX CONCURRENTLY`.
  std::optional<std::string> no_transaction;
  /// Set if it starts or ends a transaction itself: `BEGIN`, `COMMIT` … (savepoints do not).
  std::optional<std::string> transaction_control;
  bool copies_from_stdin = false;
  bool is_savepoint = false;
  /// The statement could not be parsed: the above was told from its first words alone.
  bool guessed = false;
};

StatementNeeds needs_of(std::string_view statement);

/// The parse tree of one statement as libpg_query's JSON text; nullopt if its grammar refuses it or the
/// text is longer than `parse_bytes_max` (a huge INSERT would cost twenty times its size).
constexpr std::size_t parse_bytes_max = 1U << 20U;
std::optional<std::string> parse_to_json(std::string_view statement);

/// The header comment `-- gauntlet: no-transaction`. A header is the comment lines before the first
/// statement; a line that starts with `-- gauntlet:` and says anything else is `unknown`.
struct Directives {
  bool no_transaction = false;
  std::vector<std::string> unknown;
};
Directives directives_of(std::string_view sql);

}  // namespace gauntlet::runner
