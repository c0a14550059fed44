#include "harness/sql/lock_edits.h"

#include "harness/sql/advisory_calls.h"
#include "harness/sql/tokens.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gauntlet::sql {
namespace {

using runner::Token;

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

/// The token that opens the arguments of a call whose name ends at byte `end`.
std::size_t opening_after(const std::vector<Token>& tokens, std::size_t end) {
  std::size_t at = 0;
  while (at < tokens.size() && (tokens[at].offset < end || !is_symbol(tokens[at], '('))) ++at;
  return at;
}

/// The bytes of the last argument of the call whose bracket is the token `open`: first and end.
std::pair<std::size_t, std::size_t> last_argument(const std::vector<Token>& tokens,
                                                  std::size_t open) {
  std::size_t depth = 0, first = open + 1;
  for (std::size_t at = open; at < tokens.size(); ++at) {
    if (is_symbol(tokens[at], '(')) ++depth;
    if (is_symbol(tokens[at], ',') && depth == 1) first = at + 1;
    if (is_symbol(tokens[at], ')') && --depth == 0) {
      if (first == at) break;
      return {tokens[first].offset, tokens[at - 1].end()};
    }
  }
  return {0, 0};
}

}  // namespace

std::optional<EditedSql> with_kept_advisory_locks(std::string_view sql) {
  std::vector<SqlEdit> edits;
  std::vector<ColumnName> columns;
  const auto tokens = tokens_of(sql);
  for (const auto& call : advisory_calls(sql)) {
    if (!call.releases()) continue;
    if (call.releases_all()) {
      // It returns nothing, and so does this one, of a key that nobody else has.
      const std::size_t open = opening_after(tokens, call.offset + call.length);
      if (open >= tokens.size()) continue;  // DISCARD ALL
      edits.push_back({call.offset, tokens[open].end() - call.offset,
                       "pg_advisory_lock_shared(6148914691236517205"});
      columns.push_back({"pg_advisory_lock_shared", call.function});
      continue;
    }
    // In the mode in which it is held: another mode is refused while somebody waits for the lock.
    const char* kept = call.shared() ? "pg_try_advisory_lock_shared" : "pg_try_advisory_lock";
    edits.push_back({call.offset, call.length, kept});
    columns.push_back({kept, call.function});
  }
  auto result = edited_if_any(sql, std::move(edits));
  if (result) result->columns = std::move(columns);
  return result;
}

std::optional<EditedSql> with_other_advisory_keys(std::string_view sql, int salt) {
  std::vector<SqlEdit> edits;
  const auto tokens = tokens_of(sql);
  for (const auto& call : advisory_calls(sql)) {
    if (call.releases_all()) continue;
    const auto [first, end] =
        last_argument(tokens, opening_after(tokens, call.offset + call.length));
    if (end == 0) continue;
    // Two keys are two int, one is a bigint.
    const std::string_view type = call.arguments.size() > 1 ? "4" : "8";
    edits.push_back({first, end - first,
                     "((" + std::string(sql.substr(first, end - first)) + ")::pg_catalog.int" +
                         std::string(type) + " # " + std::to_string(salt) + ")"});
  }
  return edited_if_any(sql, std::move(edits));
}

std::optional<EditedSql> with_shared_advisory_locks(std::string_view sql) {
  std::vector<SqlEdit> edits;
  std::vector<ColumnName> columns;
  for (const auto& call : advisory_calls(sql)) {
    if (call.shared() || call.releases_all()) continue;
    edits.push_back({call.offset, call.length, call.function + "_shared"});
    columns.push_back({call.function + "_shared", call.function});
  }
  auto result = edited_if_any(sql, std::move(edits));
  if (result) result->columns = std::move(columns);
  return result;
}

std::optional<EditedSql> with_weak_table_locks(std::string_view sql) {
  std::vector<SqlEdit> edits;
  const auto tokens = tokens_of(sql);
  for (const auto [first, last] : statement_tokens(tokens))
    if (is_word(tokens[first], "LOCK") && last > first + 1)
      edits.push_back(weak_lock(tokens, first, last));
  return edited_if_any(sql, std::move(edits));
}

std::optional<EditedSql> without_row_locks(std::string_view sql) {
  std::vector<SqlEdit> edits;
  const auto tokens = tokens_of(sql);
  for (const auto [first, last] : statement_tokens(tokens)) {
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

}  // namespace gauntlet::sql
