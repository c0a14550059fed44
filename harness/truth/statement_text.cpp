#include "harness/truth/statement_text.h"

#include "harness/sql/which_file.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::truth {

namespace {

using runner::Token;

std::vector<Token> counting_tokens(std::string_view sql) {
  std::vector<Token> tokens;
  runner::Lexer lexer(sql);
  while (const auto token = lexer.next()) {
    const bool counts =
        token->kind != Token::Kind::comment && token->kind != Token::Kind::semicolon;
    if (counts) tokens.push_back(*token);
  }
  return tokens;
}

template <std::size_t size>
bool is_any(const Token& token, const std::array<std::string_view, size>& words) {
  return token.kind == Token::Kind::word &&
         std::ranges::find(words, runner::upper(token.text)) != words.end();
}

bool is_aside(std::string_view statement) {
  constexpr std::array<std::string_view, 8> names = {
      "client_encoding",      "statement_timeout",
      "lock_timeout",         "idle_in_transaction_session_timeout",
      "idle_session_timeout", "transaction_timeout",
      "application_name",     "client_connection_check_interval"};
  return std::ranges::any_of(names, [&](auto name) { return mentions(statement, name); });
}

/// SET NAMES is the standard's way to say client_encoding.
StatementKind kind_of_setting(std::string_view statement, const std::vector<Token>& tokens) {
  const bool says_names = tokens.size() > 1 && runner::is_word(tokens[1], "NAMES");
  if (says_names || is_aside(statement)) return StatementKind::aside;
  return is_twisting(statement) ? StatementKind::twisting : StatementKind::setting;
}

std::string bare_name(const Token& token) {
  if (token.kind == Token::Kind::quoted)
    return runner::lower(token.text.substr(1, token.text.size() > 1 ? token.text.size() - 2 : 0));
  return runner::lower(token.text);
}

bool is_name(const Token& token) {
  return token.kind == Token::Kind::word || token.kind == Token::Kind::quoted;
}

}  // namespace

std::vector<std::string_view> statements_of(std::string_view sql) {
  std::vector<std::string_view> statements;
  for (const runner::Statement& statement : runner::split(sql).statements) {
    if (!counting_tokens(statement.sql).empty()) statements.push_back(statement.sql);
  }
  return statements;
}

StatementKind kind_of(std::string_view statement) {
  constexpr std::array<std::string_view, 2> begins = {"BEGIN", "START"};
  constexpr std::array<std::string_view, 4> ends = {"COMMIT", "END", "ROLLBACK", "ABORT"};
  constexpr std::array<std::string_view, 3> settings = {"SET", "RESET", "DISCARD"};
  constexpr std::array<std::string_view, 17> writes = {
      "CREATE", "ALTER",   "DROP",    "INSERT", "UPDATE", "DELETE",  "MERGE",   "TRUNCATE", "GRANT",
      "REVOKE", "COMMENT", "REINDEX", "DO",     "CALL",   "REFRESH", "CLUSTER", "WITH"};
  const std::vector<Token> tokens = counting_tokens(statement);
  if (tokens.empty()) return StatementKind::other;
  const Token& first = tokens.front();
  if (is_any(first, begins)) return StatementKind::begin;
  if (is_any(first, ends)) {
    const bool to_savepoint = std::ranges::any_of(
        tokens, [](const Token& token) { return runner::is_word(token, "TO"); });
    return to_savepoint ? StatementKind::other : StatementKind::end;
  }
  const bool is_setting =
      is_any(first, settings) ||
      (runner::is_word(first, "SELECT") && tokens.size() < 20 && mentions(statement, "set_config"));
  if (is_setting) return kind_of_setting(statement, tokens);
  const bool is_groundwork =
      runner::is_word(first, "CREATE") && tokens.size() > 1 &&
      (runner::is_word(tokens[1], "SCHEMA") || runner::is_word(tokens[1], "EXTENSION"));
  if (is_groundwork) return StatementKind::groundwork;
  return is_any(first, writes) ? StatementKind::write : StatementKind::other;
}

Target qualified_target_of(std::string_view statement) {
  constexpr std::array<std::string_view, 41> passed_over = {
      "CREATE",       "ALTER",    "DROP",         "INSERT",    "UPDATE",  "DELETE",    "MERGE",
      "INTO",         "FROM",     "TABLE",        "INDEX",     "UNIQUE",  "IF",        "NOT",
      "EXISTS",       "ONLY",     "OR",           "REPLACE",   "VIEW",    "TYPE",      "TEMP",
      "TEMPORARY",    "UNLOGGED", "MATERIALIZED", "SEQUENCE",  "TRIGGER", "FUNCTION",  "PROCEDURE",
      "DOMAIN",       "SCHEMA",   "EXTENSION",    "TRUNCATE",  "COMMENT", "ON",        "COLUMN",
      "CONCURRENTLY", "POLICY",   "RULE",         "AGGREGATE", "REFRESH", "CONSTRAINT"};
  const std::vector<Token> tokens = counting_tokens(statement);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (is_any(tokens[at], passed_over)) continue;
    if (!is_name(tokens[at])) return {};
    Target target{.name = bare_name(tokens[at])};
    while (at + 2 < tokens.size() && tokens[at + 1].text == "." && is_name(tokens[at + 2])) {
      at += 2;
      target = {.schema = std::move(target.name), .name = bare_name(tokens[at])};
    }
    return target;
  }
  return {};
}

bool mentions(std::string_view text, std::string_view name) {
  const auto is_part = [](char c) {
    return c == '_' || c == '$' || std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
  };
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  if (name.empty()) return false;
  for (auto from = text.begin();;) {
    const auto found = std::search(from, text.end(), name.begin(), name.end(), same);
    if (found == text.end()) return false;
    const auto end = found + static_cast<std::ptrdiff_t>(name.size());
    const bool starts = found == text.begin() || !is_part(*(found - 1));
    if (starts && (end == text.end() || !is_part(*end))) return true;
    from = found + 1;
  }
}

bool is_twisting(std::string_view words) {
  const auto sets = [&](std::string_view name, std::initializer_list<std::string_view> values) {
    return mentions(words, name) && std::ranges::any_of(values, [&](std::string_view value) {
             return mentions(words, value);
           });
  };
  return sets("session_replication_role", {"replica", "local"}) ||
         sets("standard_conforming_strings", {"off", "false", "no", "0"});
}

namespace {

constexpr std::size_t bytes_max = 80;

bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::string from_difference(std::string_view of, std::string_view other) {
  constexpr std::size_t before = 30;
  const auto [here, there] = std::ranges::mismatch(of, other);
  auto from = static_cast<std::size_t>(here - of.begin());
  from -= std::min(from, before);
  while (from > 0 && is_inside_character(of[from])) --from;
  std::string text = from > 0 ? "…" : "";
  for (std::size_t at = from; at < of.size(); ++at) {
    if (text.size() >= bytes_max && !is_inside_character(of[at])) return text + "…";
    const char c = of[at];
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) {
      text += c == '\n'   ? "\\n"
              : c == '\r' ? "\\r"
              : c == '\t' ? "\\t"
                          : fmt::format("\\x{:02x}", c);
    } else {
      text += c;
    }
  }
  return text;
}

std::string shortened(std::string_view statement) {
  std::string text;
  for (const char c : statement) {
    const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!is_blank) text += c;
    if (is_blank && !text.empty() && text.back() != ' ') text += ' ';
  }
  if (text.size() <= bytes_max) return text;
  text.resize(bytes_max);
  while (!text.empty() && is_inside_character(text.back())) text.pop_back();
  if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0U) text.pop_back();
  return text + "…";
}

}  // namespace gauntlet::truth
