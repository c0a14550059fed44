#include "harness/formats/templates.h"

#include "runner/sql/lexer.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace gauntlet::formats {
namespace {

constexpr std::size_t shown_max = 60;

bool is_symbol_of(const std::optional<runner::Token>& token, char symbol) {
  return token && token->kind == runner::Token::Kind::symbol && token->text.front() == symbol;
}

std::string shown(std::string_view text, std::string_view end) {
  const std::size_t close = text.find(end);
  std::string words(
      text.substr(0, close == std::string_view::npos ? shown_max : close + end.size()));
  if (words.size() > shown_max) words = words.substr(0, shown_max) + " …";
  std::ranges::replace(words, '\n', ' ');
  return words;
}

/// `'/* TEMPLATE: schema */jobs'`: a mark that its tool replaces in the text before it is sent. As
/// a comment it leaves the statement whole, inside a string constant it does not.
std::string marked_comment_in(std::string_view sql) {
  constexpr std::string_view marks[] = {"'/* TEMPLATE", "'/* template", "'/*TEMPLATE"};
  for (const std::string_view mark : marks) {
    const std::size_t at = sql.find(mark);
    if (at != std::string_view::npos) return shown(sql.substr(at + 1), "*/");
  }
  return {};
}

}  // namespace

std::string template_in(std::string_view sql) {
  runner::Lexer lexer(sql);
  std::optional<runner::Token> earlier, before;
  std::size_t brackets = 0;
  while (auto token = lexer.next()) {
    if (is_symbol_of(token, '[')) ++brackets;
    if (is_symbol_of(token, ']') && brackets > 0) --brackets;
    const bool is_next_to_it = before && before->end() == token->offset;
    if (is_next_to_it && is_symbol_of(token, '{')) {
      if (is_symbol_of(before, '{')) return shown(sql.substr(before->offset), "}}");
      if (is_symbol_of(before, '$')) return shown(sql.substr(before->offset), "}");
    }
    // `::` is a cast, `[1:n]` a slice.
    const bool is_cast = is_symbol_of(earlier, ':') && earlier->end() == before->offset;
    const bool is_name = token->kind == runner::Token::Kind::word ||
                         token->kind == runner::Token::Kind::text ||
                         token->kind == runner::Token::Kind::quoted;
    if (is_next_to_it && is_symbol_of(before, ':') && !is_cast && is_name && brackets == 0)
      return ":" + std::string(token->text);
    earlier = std::exchange(before, token);
  }
  return marked_comment_in(sql);
}

}  // namespace gauntlet::formats
