#include "harness/sql/tokens.h"

#include "harness/sql/text.h"

namespace gauntlet::sql {

using runner::Token;

std::vector<Token> tokens_of(std::string_view sql, std::size_t max) {
  std::vector<Token> tokens;
  runner::Lexer lexer(sql);
  while (tokens.size() < max) {
    const auto token = lexer.next();
    if (!token) break;
    if (token->kind != Token::Kind::comment) tokens.push_back(*token);
  }
  return tokens;
}

std::string identifier_of(const Token& token) {
  if (token.kind == Token::Kind::word) return lower(token.text);
  const bool is_quoted = token.kind == Token::Kind::quoted && token.text.starts_with('"');
  return is_quoted ? std::string(token.text.substr(1, token.text.size() - 2)) : std::string();
}

bool has_words(std::string_view sql, std::initializer_list<std::string_view> words) {
  runner::Lexer lexer(sql);
  auto wanted = words.begin();
  while (const auto token = lexer.next()) {
    if (token->kind == Token::Kind::comment) continue;
    wanted = runner::is_word(*token, *wanted) ? wanted + 1 : words.begin();
    if (wanted == words.end()) return true;
  }
  return false;
}

bool starts_with_word(std::string_view sql, std::string_view word) {
  const auto first = tokens_of(sql, 1);
  return !first.empty() && runner::is_word(first.front(), word);
}

std::vector<StatementTokens> statement_tokens(const std::vector<Token>& tokens) {
  std::vector<StatementTokens> statements;
  std::size_t first = 0;
  for (std::size_t i = 0; i <= tokens.size(); ++i) {
    if (i < tokens.size() && tokens[i].kind != Token::Kind::semicolon) continue;
    if (i > first) statements.push_back({first, i});
    first = i + 1;
  }
  return statements;
}

}  // namespace gauntlet::sql
