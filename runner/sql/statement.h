// SQL text taken apart: statements, what they need, and the header's directives. Each engine has a
// front of its own: statement_postgres.h, statement_sqlite.h. Pure; any thread may call.
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
  scanner,  ///< it did not (newer syntax, an error, longer than `parse_bytes_max`): split as psql
            ///< does
  neither,  ///< even the scanner stopped (an open quote or comment): one statement, the whole
            ///< script
};

struct Split {
  std::vector<Statement> statements = {};  ///< empty for an empty or comment-only script
  SplitBy by = SplitBy::parser;
  /// Commands that only psql understands (`\connect`, also `\gexec` at a line's end), outside
  /// quotes: where their backslashes are, in bytes. What is left of their lines, and the data lines
  /// after a COPY FROM STDIN, are no part of the statements beside them.
  std::vector<std::size_t> psql_commands = {};
};

/// What one statement asks of whoever sends it.
struct StatementNeeds {
  /// Set if the server refuses it inside a transaction block: its words, `CREATE INDEX
  /// CONCURRENTLY`.
  std::optional<std::string> no_transaction;
  /// What takes its place inside a transaction: `-- gauntlet: rebuild` …; empty if nothing does.
  std::string instead = {};
  /// Set if it starts or ends a transaction itself: `BEGIN`, `COMMIT` … (savepoints do not).
  std::optional<std::string> transaction_control;
  bool copies_from_stdin = false;
  bool is_savepoint = false;
  /// A CALL, or a DO whose body says COMMIT or ROLLBACK. Where it does end a transaction, it must
  /// be one that no BEGIN and no other statement has begun.
  bool may_end_transaction = false;
  /// The statement could not be parsed: the above was told from its first words alone.
  bool guessed = false;

  /// Whether a runner's own BEGIN before it, and COMMIT behind, would make it fail, or do something
  /// else. `lone`: it is all that its file says.
  bool refuses_a_frame(bool lone) const {
    return no_transaction || transaction_control || (lone && may_end_transaction);
  }
};

/// The header comments `-- gauntlet: no-transaction` and `-- gauntlet: rebuild`. A header is the
/// comment lines before the first statement; a line that starts with `-- gauntlet:` and says
/// anything else is `unknown`.
struct Directives {
  bool no_transaction = false;
  bool rebuild = false;  ///< SQLite: foreign keys are off around the transaction of the file
  std::vector<std::string> unknown;
};
Directives directives_of(std::string_view sql);

/// What the comment `-- gauntlet: …` says; nullopt for any other comment.
std::optional<std::string> directive_in(std::string_view comment);
constexpr std::string_view no_transaction_directive = "no-transaction";
constexpr std::string_view rebuild_directive = "rebuild";

}  // namespace gauntlet::runner
