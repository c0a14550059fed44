#include "runner/sql/lexer.h"

#include <algorithm>

namespace gauntlet::runner {
namespace {

constexpr std::string_view white_space = " \t\n\r\f\v";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80U;
}

bool continues_tag(char c) { return starts_word(c) || is_digit(c); }
bool continues_word(char c) { return continues_tag(c) || c == '$'; }
bool continues_number(char c) { return continues_tag(c) || c == '.'; }

template <typename Predicate>
std::size_t skip_while(std::string_view sql, std::size_t at, Predicate predicate) {
  while (at < sql.size() && predicate(sql[at])) ++at;
  return at;
}

std::size_t end_or(std::size_t found, std::string_view sql) {
  return found == std::string_view::npos ? sql.size() : found;
}

/// The end of a comment that nests; npos if it is never closed.
std::size_t end_of_block_comment(std::string_view sql, std::size_t at) {
  std::size_t depth = 1;
  at += 2;
  while (depth > 0) {
    at = sql.find_first_of("*/", at);
    if (at == std::string_view::npos) return at;
    const auto pair = sql.substr(at, 2);
    if (pair == "/*") ++depth;
    if (pair == "*/") --depth;
    at += pair == "/*" || pair == "*/" ? 2U : 1U;
  }
  return at;
}

/// The end of `$tag$ … $tag$`; npos if it is never closed, `at` if none starts here.
std::size_t end_of_dollar_quote(std::string_view sql, std::size_t at) {
  std::size_t tag_end = at + 1;
  if (tag_end < sql.size() && starts_word(sql[tag_end]))
    tag_end = skip_while(sql, tag_end, continues_tag);
  if (tag_end >= sql.size() || sql[tag_end] != '$') return at;
  const auto delimiter = sql.substr(at, tag_end + 1 - at);
  const auto closing = sql.find(delimiter, tag_end + 1);
  return closing == std::string_view::npos ? closing : closing + delimiter.size();
}

/// Where a string goes on after its closing quote: white space with a line end, then a quote.
std::size_t continuation_of_string(std::string_view sql, std::size_t at) {
  const auto quote = sql.find_first_not_of(white_space, at);
  if (quote == std::string_view::npos || sql[quote] != '\'') return std::string_view::npos;
  const auto gap = sql.substr(at, quote - at);
  return gap.find_first_of("\n\r") == std::string_view::npos ? std::string_view::npos : quote;
}

enum class Backslash { is_text, escapes };

/// The end of a string constant whose opening quote is at `at`; npos if it is never closed.
std::size_t end_of_string(std::string_view sql, std::size_t at, Backslash backslash) {
  const std::string_view stops = backslash == Backslash::escapes ? "'\\" : "'";
  ++at;
  while (true) {
    at = sql.find_first_of(stops, at);
    if (at == std::string_view::npos) return at;
    if (sql[at] == '\\' || sql.substr(at, 2) == "''") {
      at += 2;
    } else if (const auto again = continuation_of_string(sql, at + 1);
               again != std::string_view::npos) {
      at = again + 1;
    } else {
      return at + 1;
    }
  }
}

std::size_t end_of_quoted_name(std::string_view sql, std::size_t at) {
  for (at = sql.find('"', at + 1); at != std::string_view::npos; at = sql.find('"', at + 2))
    if (sql.substr(at, 2) != "\"\"") return at + 1;
  return at;
}

/// Of what `at` opens; `end` is npos if it is never closed.
struct Span {
  Token::Kind kind;
  std::size_t end;
};

Span span_of_word(std::string_view sql, std::size_t at) {
  const char first = sql[at];
  const auto second = sql.substr(at + 1, 1);
  const auto after_u = sql.substr(at + 1, 2);
  if (std::string_view("eE").find(first) != std::string_view::npos && second == "'")
    return {Token::Kind::text, end_of_string(sql, at + 1, Backslash::escapes)};
  if (std::string_view("bBxXnN").find(first) != std::string_view::npos && second == "'")
    return {Token::Kind::text, end_of_string(sql, at + 1, Backslash::is_text)};
  if (std::string_view("uU").find(first) != std::string_view::npos && after_u == "&'")
    return {Token::Kind::text, end_of_string(sql, at + 2, Backslash::is_text)};
  if (std::string_view("uU").find(first) != std::string_view::npos && after_u == "&\"")
    return {Token::Kind::quoted, end_of_quoted_name(sql, at + 2)};
  return {Token::Kind::word, skip_while(sql, at, continues_word)};
}

Span span_of_dollar(std::string_view sql, std::size_t at) {
  if (at + 1 < sql.size() && is_digit(sql[at + 1]))
    return {Token::Kind::number, skip_while(sql, at + 1, is_digit)};
  const auto end = end_of_dollar_quote(sql, at);
  if (end == at) return {Token::Kind::symbol, at + 1};
  return {Token::Kind::text, end};
}

Span span_at(std::string_view sql, std::size_t at) {
  const char first = sql[at];
  const auto pair = sql.substr(at, 2);
  if (pair == "--") return {Token::Kind::comment, end_or(sql.find_first_of("\n\r", at), sql)};
  if (pair == "/*") return {Token::Kind::comment, end_of_block_comment(sql, at)};
  if (first == ';') return {Token::Kind::semicolon, at + 1};
  if (first == '\'') return {Token::Kind::text, end_of_string(sql, at, Backslash::is_text)};
  if (first == '"') return {Token::Kind::quoted, end_of_quoted_name(sql, at)};
  if (first == '$') return span_of_dollar(sql, at);
  if (is_digit(first)) return {Token::Kind::number, skip_while(sql, at, continues_number)};
  if (starts_word(first)) return span_of_word(sql, at);
  return {Token::Kind::symbol, at + 1};
}

}  // namespace

std::optional<Token> Lexer::next() noexcept {
  at_ = end_or(sql_.find_first_not_of(white_space, at_), sql_);
  if (at_ >= sql_.size()) return std::nullopt;
  Span span = span_at(sql_, at_);
  if (span.end == std::string_view::npos) span = {Token::Kind::unfinished, sql_.size()};
  const Token token{span.kind, at_, sql_.substr(at_, span.end - at_)};
  at_ = span.end;
  return token;
}

std::string_view Lexer::skip_line() noexcept {
  const auto from = at_;
  const auto end = end_or(sql_.find('\n', at_), sql_);
  at_ = std::min(end + 1, sql_.size());
  return sql_.substr(from, end - from);
}

std::string upper(std::string_view word) {
  std::string result(word);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

std::string lower(std::string_view word) {
  std::string result(word);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string quoted_by(char quote, std::string_view text) {
  std::string made(1, quote);
  for (const char character : text) made.append(character == quote ? 2 : 1, character);
  return made + quote;
}

bool is_word(const Token& token, std::string_view keyword) {
  return token.kind == Token::Kind::word &&
         std::equal(token.text.begin(), token.text.end(), keyword.begin(), keyword.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

bool mentions(const std::string& lowered, std::string_view name) {
  const std::string word = lower(name);
  for (std::size_t at = lowered.find(word); at != std::string::npos;
       at = lowered.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !continues_word(lowered[at - 1]);
    if (starts && (end == lowered.size() || !continues_word(lowered[end]))) return true;
  }
  return false;
}

}  // namespace gauntlet::runner
