// The tokens of SQL text as SQLite has them: SQLite manual, "SQL Language Expressions", and
// tokenize.c. Pure; any thread may call.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace gauntlet::runner {

struct SqliteToken {
  /// A quoted one is a string or a name, also `[a name]` and a name in backquotes.
  enum class Kind { word, quoted, symbol, semicolon, unfinished };
  Kind kind;
  std::size_t offset, end;  ///< bytes of the text
};

/// Walks over a text that outlives it. Never throws for any text.
class SqliteLexer {
 public:
  explicit SqliteLexer(std::string_view sql) : sql_(sql) {}

  /// Passes over white space and comments; one that does not end is a comment to the end. nullopt
  /// at the end.
  std::optional<SqliteToken> next();

 private:
  void pass_over_space();
  SqliteToken quoted(std::size_t start, char quote);
  SqliteToken token(SqliteToken::Kind kind, std::size_t start, std::size_t end);

  std::string_view sql_;
  std::size_t at_ = 0;
};

}  // namespace gauntlet::runner
