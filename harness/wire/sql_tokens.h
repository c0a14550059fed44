// A text's tokens without its comments, and where its statements are among them. Pure.
#pragma once

#include "runner/sql/lexer.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

/// They refer to `sql`.
inline std::vector<runner::Token> sql_tokens(std::string_view sql) {
  std::vector<runner::Token> tokens;
  runner::Lexer lexer(sql);
  while (const auto token = lexer.next())
    if (token->kind != runner::Token::Kind::comment) tokens.push_back(*token);
  return tokens;
}

inline bool is_symbol(const runner::Token& token, char symbol) {
  return token.kind == runner::Token::Kind::symbol && token.text[0] == symbol;
}

/// Tokens [first, last) of one statement, its semicolon aside; never empty.
struct StatementTokens {
  std::size_t first = 0, last = 0;
};

inline std::vector<StatementTokens> sql_statements(const std::vector<runner::Token>& tokens) {
  std::vector<StatementTokens> statements;
  std::size_t first = 0;
  for (std::size_t i = 0; i <= tokens.size(); ++i) {
    if (i < tokens.size() && tokens[i].kind != runner::Token::Kind::semicolon) continue;
    if (i > first) statements.push_back({first, i});
    first = i + 1;
  }
  return statements;
}

}  // namespace gauntlet::wire
