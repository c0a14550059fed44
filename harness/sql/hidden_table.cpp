#include "harness/sql/hidden_table.h"

#include "harness/sql/edit.h"
#include "harness/sql/statement.h"
#include "harness/sql/tokens.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace gauntlet::sql {

namespace {

using runner::Token;

/// Past a table's name that begins at `at`: `public . "t"`; the last part's position in `last`.
std::size_t end_of_name(const std::vector<Token>& tokens, std::size_t at, std::size_t end,
                        std::size_t& last) {
  last = at;
  while (at + 2 < end && is_symbol(tokens[at + 1], '.')) {
    at += 2;
    last = at;
  }
  return at + 1;
}

bool may_be_alias(const std::vector<Token>& tokens, std::size_t at, std::size_t end) {
  constexpr std::string_view keywords[] = {"WHERE", "ORDER", "GROUP", "LIMIT",   "FOR",   "JOIN",
                                           "LEFT",  "INNER", "UNION", "OFFSET",  "ON",    "HAVING",
                                           "FULL",  "RIGHT", "CROSS", "NATURAL", "FETCH", "USING"};
  if (at >= end) return false;
  const Token& token = tokens[at];
  if (token.kind == Token::Kind::quoted) return true;
  return token.kind == Token::Kind::word &&
         std::ranges::none_of(keywords, [&](auto word) { return runner::is_word(token, word); });
}

}  // namespace

std::optional<std::string> with_table_hidden(std::string_view sql, std::string_view table) {
  const std::string wanted = bare(table);
  std::vector<SqlEdit> edits;
  const auto tokens = tokens_of(sql);
  for (const auto [first, last] : statement_tokens(tokens)) {
    if (!runner::is_word(tokens[first], "SELECT") && !runner::is_word(tokens[first], "WITH"))
      continue;
    for (std::size_t at = first; at + 1 < last; ++at) {
      if (!runner::is_word(tokens[at], "FROM") && !runner::is_word(tokens[at], "JOIN")) continue;
      std::size_t name = at + 1;
      const std::size_t end = end_of_name(tokens, at + 1, last, name);
      if (identifier_of(tokens[name]) != wanted) continue;
      const std::size_t from = tokens[at + 1].offset, to = tokens[end - 1].end();
      const std::string written(sql.substr(from, to - from));
      std::string text = "(SELECT * FROM " + written + " WHERE false)";
      if (!may_be_alias(tokens, end, last)) text += " AS \"" + wanted + "\"";
      edits.push_back({from, to - from, std::move(text)});
    }
  }
  if (edits.empty()) return std::nullopt;
  return edited(sql, std::move(edits)).sql;
}

}  // namespace gauntlet::sql
