#include "runner/sql/lexer.h"
#include "runner/sql/statement.h"

#include <algorithm>

namespace gauntlet::runner {

std::optional<std::string> directive_in(std::string_view comment) {
  constexpr std::string_view blanks = " \t";
  constexpr std::string_view prefix = "GAUNTLET:";
  if (!comment.starts_with("--")) return std::nullopt;
  comment.remove_prefix(std::min(comment.find_first_not_of(blanks, 2), comment.size()));
  if (upper(comment.substr(0, prefix.size())) != prefix) return std::nullopt;
  comment.remove_prefix(std::min(comment.find_first_not_of(blanks, prefix.size()), comment.size()));
  return std::string(comment.substr(0, comment.find_last_not_of(blanks) + 1));
}

Directives directives_of(std::string_view sql) {
  Directives directives;
  Lexer lexer(sql);
  for (auto token = lexer.next(); token && token->kind == Token::Kind::comment;
       token = lexer.next()) {
    const auto directive = directive_in(token->text);
    if (!directive) continue;
    if (*directive == no_transaction_directive) {
      directives.no_transaction = true;
    } else if (*directive == rebuild_directive) {
      directives.rebuild = true;
    } else {
      directives.unknown.push_back(*directive);
    }
  }
  return directives;
}

}  // namespace gauntlet::runner
