#include "runner/sql/lexer_sqlite.h"

#include <algorithm>
#include <cctype>

namespace gauntlet::runner {

namespace {

bool is_name_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' || byte == '$' ||
         static_cast<unsigned char>(byte) >= 0x80U;
}

}  // namespace

std::optional<SqliteToken> SqliteLexer::next() {
  pass_over_space();
  if (at_ >= sql_.size()) return std::nullopt;
  const std::size_t start = at_;
  const char first = sql_[at_];
  if (first == ';') return token(SqliteToken::Kind::semicolon, start, start + 1);
  if (first == '\'' || first == '"' || first == '`') return quoted(start, first);
  if (first == '[') return quoted(start, ']');
  if (!is_name_byte(first)) return token(SqliteToken::Kind::symbol, start, start + 1);
  std::size_t end = start;
  while (end < sql_.size() && is_name_byte(sql_[end])) ++end;
  return token(SqliteToken::Kind::word, start, end);
}

void SqliteLexer::pass_over_space() {
  while (at_ < sql_.size()) {
    const std::string_view pair = sql_.substr(at_, 2);
    if (std::isspace(static_cast<unsigned char>(sql_[at_])) != 0) {
      ++at_;
    } else if (pair == "--") {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    } else if (pair == "/*") {
      const std::size_t end = sql_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? sql_.size() : end + 2;
    } else {
      return;
    }
  }
}

// A doubled quote makes two tokens side by side, which divides no statement.
SqliteToken SqliteLexer::quoted(std::size_t start, char quote) {
  const std::size_t close = sql_.find(quote, start + 1);
  if (close == std::string_view::npos) {
    return token(SqliteToken::Kind::unfinished, start, sql_.size());
  }
  return token(SqliteToken::Kind::quoted, start, close + 1);
}

SqliteToken SqliteLexer::token(SqliteToken::Kind kind, std::size_t start, std::size_t end) {
  at_ = end;
  return {kind, start, end};
}

}  // namespace gauntlet::runner
