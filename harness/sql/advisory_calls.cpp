#include "harness/sql/advisory_calls.h"

#include "harness/sql/tokens.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gauntlet::sql {
namespace {

using runner::Token;

bool is_advisory(std::string_view function) {
  constexpr std::array functions = {
      "pg_advisory_lock",   "pg_advisory_xact_lock",     "pg_try_advisory_lock",
      "pg_advisory_unlock", "pg_try_advisory_xact_lock", "pg_advisory_unlock_all",
  };
  if (function.ends_with("_shared")) function.remove_suffix(std::string_view("_shared").size());
  return std::find(functions.begin(), functions.end(), function) != functions.end();
}

/// What stands between the brackets, the first of which is token `at`.
std::vector<std::string> arguments_at(std::string_view sql, const std::vector<Token>& tokens,
                                      std::size_t at) {
  std::vector<std::string> arguments;
  std::size_t depth = 0, starts = 0, ends = 0;
  const auto keep = [&] {
    if (ends > starts) arguments.emplace_back(sql.substr(starts, ends - starts));
  };
  for (; at < tokens.size(); ++at) {
    const auto& token = tokens[at];
    const bool opens = is_symbol(token, '('), closes = is_symbol(token, ')');
    if (closes && depth == 1) break;
    depth = depth + (opens ? 1U : 0U) - (closes ? 1U : 0U);
    if ((opens && depth == 1) || (is_symbol(token, ',') && depth == 1)) {
      keep();
      starts = ends = token.end();
    } else {
      if (starts == ends) starts = token.offset;
      ends = token.end();
    }
  }
  keep();
  return arguments;
}

/// `$2` becomes what was bound to it.
std::string with_parameter(std::string_view text,
                           const std::vector<std::optional<std::string>>& parameters) {
  if (text.starts_with('$')) {
    std::size_t number = 0;
    std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (number >= 1 && number <= parameters.size()) return parameters[number - 1].value_or("null");
  }
  return std::string(text);
}

}  // namespace

std::string AdvisoryCall::key(const std::vector<std::optional<std::string>>& parameters) const {
  std::string text;
  for (const std::string& argument : arguments) {
    if (!text.empty()) text += ',';
    for (const Token& token : tokens_of(argument)) text += with_parameter(token.text, parameters);
  }
  return text;
}

std::vector<AdvisoryCall> advisory_calls(std::string_view sql) {
  std::vector<AdvisoryCall> calls;
  const auto tokens = tokens_of(sql);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (runner::is_word(tokens[i], "DISCARD") && runner::is_word(tokens[i + 1], "ALL"))
      calls.push_back({.offset = tokens[i].offset, .function = "pg_advisory_unlock_all"});
    auto name = identifier_of(tokens[i]);
    if (!is_symbol(tokens[i + 1], '(') || !is_advisory(name)) continue;
    const bool quoted = tokens[i].kind == Token::Kind::quoted;
    const auto length = name.size();
    calls.push_back({.offset = tokens[i].offset + (quoted ? 1U : 0U),
                     .length = length,
                     .function = std::move(name),
                     .arguments = arguments_at(sql, tokens, i + 1),
                     .quoted = quoted});
  }
  return calls;
}

}  // namespace gauntlet::sql
