// A text's tokens without its comments, and where its statements are among them. Pure.
#pragma once

#include "runner/sql/lexer.h"

#include <cstddef>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::sql {

/// At most `max` of them. They refer to `sql`.
std::vector<runner::Token> tokens_of(std::string_view sql,
                                     std::size_t max = std::numeric_limits<std::size_t>::max());

inline bool is_symbol(const runner::Token& token, char symbol) {
  return token.kind == runner::Token::Kind::symbol && token.text[0] == symbol;
}

/// The identifier that a word or a quoted name stands for, folded as PostgreSQL folds it; empty for
/// any other token.
std::string identifier_of(const runner::Token& token);

/// Do these words (given in upper case) follow one another, outside quotes and comments?
bool has_words(std::string_view sql, std::initializer_list<std::string_view> words);
bool starts_with_word(std::string_view sql, std::string_view word);

/// Tokens [first, last) of one statement, its semicolon aside; never empty.
struct StatementTokens {
  std::size_t first = 0, last = 0;
};

std::vector<StatementTokens> statement_tokens(const std::vector<runner::Token>& tokens);

}  // namespace gauntlet::sql
