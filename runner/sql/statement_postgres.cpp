#include "runner/sql/statement_postgres.h"

#include "runner/sql/lexer.h"
#include "runner/sql/text_encoding.h"

#include <algorithm>
#include <memory>

#include <pg_query.h>

namespace gauntlet::runner {
namespace {

/// A tree this deep is safe to write and to walk on any thread's stack.
constexpr std::size_t depth_max = 2'000;

bool fits_parser(std::string_view sql) {
  return sql.size() <= parse_bytes_max && sql.find('\0') == std::string_view::npos;
}

/// The first to the last token of `range`, comments left out; nothing if it holds none.
std::optional<Statement> trimmed(std::string_view sql, std::size_t begin, std::size_t end) {
  Lexer lexer(sql.substr(0, end));
  lexer.go_to(begin);
  std::optional<std::size_t> first;
  std::size_t last = begin;
  while (const auto token = lexer.next()) {
    const bool empty = token->kind == Token::Kind::semicolon && !first;
    if (empty || token->kind == Token::Kind::comment) continue;
    if (!first) first = token->offset;
    last = token->end();
  }
  if (!first) return std::nullopt;
  return Statement{sql.substr(*first, last - *first), *first};
}

std::optional<std::vector<Statement>> split_by_parser(std::string_view sql) {
  const std::string text(sql);
  struct Free {
    void operator()(PgQuerySplitResult* result) const { pg_query_free_split_result(*result); }
  };
  PgQuerySplitResult result = pg_query_split_with_parser(text.c_str());
  const std::unique_ptr<PgQuerySplitResult, Free> owner(&result);
  if (result.error != nullptr) return std::nullopt;
  std::vector<Statement> statements;
  for (int i = 0; i < result.n_stmts; ++i) {
    const auto begin = static_cast<std::size_t>(result.stmts[i]->stmt_location);
    const auto length = static_cast<std::size_t>(result.stmts[i]->stmt_len);
    const auto end = length == 0 ? sql.size() : std::min(begin + length, sql.size());
    if (auto statement = trimmed(sql, begin, end)) statements.push_back(*statement);
  }
  return statements;
}

/// Splits as psql does: at semicolons outside brackets and outside the BEGIN ATOMIC … END of a
/// function.
class Splitter {
 public:
  explicit Splitter(std::string_view sql) : sql_(sql), lexer_(sql) {}

  Split split() {
    while (const auto token = lexer_.next()) {
      if (token->kind == Token::Kind::unfinished) return whole();
      if (token->kind == Token::Kind::comment) continue;
      if (is_psql_command(*token)) {
        split_.psql_commands.push_back(token->offset);
        if (sends_statement(lexer_.skip_line())) finish();
      } else if (token->kind == Token::Kind::semicolon && brackets_ == 0 && blocks_ == 0) {
        finish();
      } else {
        add(*token);
      }
    }
    finish();
    return std::move(split_);
  }

 private:
  void add(const Token& token) {
    if (!first_) first_ = token.offset;
    last_ = token.end();
    if (token.text == "(") ++brackets_;
    if (token.text == ")" && brackets_ > 0) --brackets_;
    if (token.kind == Token::Kind::word && brackets_ == 0) follow_block(token);
    note_copy(token);
  }

  /// BEGIN ATOMIC opens a block only in CREATE [OR REPLACE] FUNCTION or PROCEDURE.
  void follow_block(const Token& token) {
    ++words_;
    if (words_ == 1) creates_ = is_word(token, "CREATE");
    if (words_ <= 4 && creates_ && (is_word(token, "FUNCTION") || is_word(token, "PROCEDURE")))
      creates_function_ = true;
    if (!creates_function_) return;
    if (blocks_ == 0 && after_begin_ && is_word(token, "ATOMIC")) blocks_ = 1;
    if (blocks_ > 0 && is_word(token, "CASE")) ++blocks_;
    if (blocks_ > 0 && is_word(token, "END")) --blocks_;
    after_begin_ = is_word(token, "BEGIN");
  }

  void note_copy(const Token& token) {
    if (*first_ == token.offset) copies_ = is_word(token, "COPY");
    if (copies_ && brackets_ == 0 && after_from_ && is_word(token, "STDIN")) reads_data_ = true;
    after_from_ = is_word(token, "FROM");
  }

  void finish() {
    const bool reads_data = reads_data_;
    if (first_) split_.statements.push_back({sql_.substr(*first_, last_ - *first_), *first_});
    first_.reset();
    brackets_ = blocks_ = words_ = 0;
    creates_ = creates_function_ = after_begin_ = copies_ = after_from_ = reads_data_ = false;
    if (reads_data) skip_data();
  }

  /// The lines up to `\.` are data, not SQL; without that end there are none.
  void skip_data() {
    Lexer ahead = lexer_;
    while (!ahead.at_end()) {
      auto line = ahead.skip_line();
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line == "\\.") {
        lexer_ = ahead;
        return;
      }
    }
  }

  /// Outside quotes the server knows no backslash.
  static bool is_psql_command(const Token& token) { return token.text == "\\"; }

  /// `\g`, `\gexec` and their like end the statement before them, as a semicolon does.
  static bool sends_statement(std::string_view command) {
    return command.starts_with('g') || command.starts_with("crosstabview") ||
           command.starts_with("watch");
  }

  Split whole() {
    Split result{.by = SplitBy::neither, .psql_commands = std::move(split_.psql_commands)};
    constexpr std::string_view white_space = " \t\n\r\f\v";
    const auto begin = sql_.find_first_not_of(white_space);
    const auto end = sql_.find_last_not_of(white_space) + 1;
    result.statements.push_back({sql_.substr(begin, end - begin), begin});
    return result;
  }

  std::string_view sql_;
  Lexer lexer_;
  Split split_{.by = SplitBy::scanner};
  std::optional<std::size_t> first_;  ///< of the statement being read
  std::size_t last_ = 0;
  std::size_t brackets_ = 0, blocks_ = 0, words_ = 0;
  bool creates_ = false, creates_function_ = false, after_begin_ = false;
  bool copies_ = false, after_from_ = false, reads_data_ = false;
};

/// Follows how deep a statement's tree can be at most. Every token may add a level to the list item
/// it stands in; a comma begins the next item; UNION and its like chain whole queries, commas and
/// all.
class Depth {
 public:
  std::size_t after(const Token& token) {
    if (token.text == "(") {
      outer_.push_back(item_);
      item_ = 0;
    } else if (token.text == ")") {
      if (outer_.empty()) return total_;
      total_ -= item_;
      item_ = outer_.back();
      outer_.pop_back();
    } else if (token.text == ",") {
      total_ -= item_;
      item_ = 0;
    } else if (is_word(token, "UNION") || is_word(token, "EXCEPT") || is_word(token, "INTERSECT")) {
      ++total_;
    } else if (token.kind != Token::Kind::comment) {
      ++item_;
      ++total_;
    }
    return total_ + outer_.size();
  }

 private:
  std::vector<std::size_t> outer_;
  std::size_t item_ = 0, total_ = 0;
};

bool is_shallow(std::string_view statement) {
  Lexer lexer(statement);
  Depth depth;
  while (const auto token = lexer.next())
    if (depth.after(*token) > depth_max) return false;
  return true;
}

}  // namespace

Split split(std::string_view sql) {
  if (fits_parser(sql))
    if (auto statements = split_by_parser(sql))
      return {.statements = std::move(*statements), .by = SplitBy::parser};
  return Splitter(sql).split();
}

std::optional<std::string> parse_to_json(std::string_view statement) {
  if (!fits_parser(statement) || first_byte_not_utf8(statement) || !is_shallow(statement))
    return std::nullopt;
  struct Free {
    void operator()(PgQueryParseResult* result) const { pg_query_free_parse_result(*result); }
  };
  PgQueryParseResult result = pg_query_parse(std::string(statement).c_str());
  const std::unique_ptr<PgQueryParseResult, Free> owner(&result);
  if (result.error != nullptr) return std::nullopt;
  return std::string(result.parse_tree);
}

}  // namespace gauntlet::runner
