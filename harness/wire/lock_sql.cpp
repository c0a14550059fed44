#include "harness/wire/lock_sql.h"

#include "harness/wire/sql_tokens.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gauntlet::wire {
namespace {

using runner::Token;

/// The exclusive ones; each has a `_shared` twin.
constexpr std::array exclusive_functions = {
    "pg_advisory_lock",   "pg_advisory_xact_lock",     "pg_try_advisory_lock",
    "pg_advisory_unlock", "pg_try_advisory_xact_lock",
};

bool is_advisory(std::string_view function) {
  if (function.ends_with("_shared")) function.remove_suffix(std::string_view("_shared").size());
  return std::find(exclusive_functions.begin(), exclusive_functions.end(), function) !=
         exclusive_functions.end();
}

std::string lower(std::string_view word) {
  std::string result(word);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// The name that a token calls a function by; empty for what is none.
std::string name_of(const Token& token) {
  if (token.kind == Token::Kind::word) return lower(token.text);
  const bool plain = token.kind == Token::Kind::quoted && token.text.starts_with('"');
  return plain ? std::string(token.text.substr(1, token.text.size() - 2)) : std::string();
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

std::optional<EditedSql> edited_if_any(std::string_view sql, std::vector<SqlEdit> edits) {
  if (edits.empty()) return std::nullopt;
  return edited(sql, std::move(edits));
}

/// The edit that makes the LOCK statement of tokens [first, last) take a weak lock.
SqlEdit weak_lock(const std::vector<Token>& tokens, std::size_t first, std::size_t last) {
  std::size_t in = first;
  while (in < last && !is_word(tokens[in], "IN")) ++in;
  std::size_t mode = in;
  while (mode < last && !is_word(tokens[mode], "MODE")) ++mode;
  if (mode < last)
    return {tokens[in].end(), tokens[mode].offset - tokens[in].end(), " ACCESS SHARE "};
  // Without a mode it would be ACCESS EXCLUSIVE; NOWAIT may stand last.
  const auto before = is_word(tokens[last - 1], "NOWAIT") ? last - 2 : last - 1;
  return {tokens[before].end(), 0, " IN ACCESS SHARE MODE"};
}

/// How many tokens at `at` say which rows are locked: `FOR NO KEY UPDATE`; 0 where none do.
std::size_t row_lock_words(const std::vector<Token>& tokens, std::size_t at, std::size_t last) {
  constexpr std::array<std::array<std::string_view, 4>, 4> clauses = {{
      {"FOR", "UPDATE", "", ""},
      {"FOR", "SHARE", "", ""},
      {"FOR", "KEY", "SHARE", ""},
      {"FOR", "NO", "KEY", "UPDATE"},
  }};
  for (const auto& clause : clauses) {
    std::size_t count = 0;
    while (count < clause.size() && !clause[count].empty() && at + count < last &&
           is_word(tokens[at + count], clause[count]))
      ++count;
    if (count == clause.size() || clause[count].empty()) return count;
  }
  return 0;
}

/// Past the clause that starts at `at`: its words, OF with names, NOWAIT or SKIP LOCKED.
std::size_t end_of_row_lock(const std::vector<Token>& tokens, std::size_t at, std::size_t last) {
  at += row_lock_words(tokens, at, last);
  if (at < last && is_word(tokens[at], "OF")) {
    do {
      at += 2;
    } while (at < last && (is_symbol(tokens[at], ',') || is_symbol(tokens[at], '.')));
  }
  if (at < last && is_word(tokens[at], "NOWAIT")) return at + 1;
  if (at + 1 < last && is_word(tokens[at], "SKIP") && is_word(tokens[at + 1], "LOCKED"))
    return at + 2;
  return std::min(at, last);
}

}  // namespace

std::vector<AdvisoryCall> advisory_calls(std::string_view sql) {
  std::vector<AdvisoryCall> calls;
  const auto tokens = sql_tokens(sql);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    auto name = name_of(tokens[i]);
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

std::optional<EditedSql> with_shared_advisory_locks(std::string_view sql) {
  std::vector<SqlEdit> edits;
  std::vector<ColumnName> columns;
  for (const auto& call : advisory_calls(sql)) {
    if (call.shared()) continue;
    edits.push_back({call.offset, call.length, call.function + "_shared"});
    columns.push_back({call.function + "_shared", call.function});
  }
  auto result = edited_if_any(sql, std::move(edits));
  if (result) result->columns = std::move(columns);
  return result;
}

std::optional<EditedSql> with_weak_table_locks(std::string_view sql) {
  std::vector<SqlEdit> edits;
  const auto tokens = sql_tokens(sql);
  for (const auto [first, last] : sql_statements(tokens))
    if (is_word(tokens[first], "LOCK") && last > first + 1)
      edits.push_back(weak_lock(tokens, first, last));
  return edited_if_any(sql, std::move(edits));
}

std::optional<EditedSql> without_row_locks(std::string_view sql) {
  std::vector<SqlEdit> edits;
  const auto tokens = sql_tokens(sql);
  for (const auto [first, last] : sql_statements(tokens)) {
    if (is_word(tokens[first], "CREATE") || is_word(tokens[first], "ALTER")) continue;
    for (std::size_t at = first; at < last; ++at) {
      if (row_lock_words(tokens, at, last) == 0) continue;
      const auto end = end_of_row_lock(tokens, at, last);
      edits.push_back({tokens[at].offset, tokens[end - 1].end() - tokens[at].offset, ""});
      at = end - 1;
    }
  }
  return edited_if_any(sql, std::move(edits));
}

}  // namespace gauntlet::wire
