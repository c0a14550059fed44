// PostgreSQL's lexical rules, just enough to tell words from strings and comments, in text of any
// size and for any bytes. Keeps nothing but its position, so that 50 MB cost no memory. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

struct Token {
  enum class Kind {
    word,        ///< a keyword or an identifier
    quoted,      ///< "an identifier"
    text,        ///< a string constant of any form, dollar quotes included
    number,      ///< a number or a parameter, `$1`
    symbol,      ///< one byte: an operator's, a bracket, a comma
    semicolon,   ///< outside of everything
    comment,     ///< `-- …` without its line end, or `/* … */`
    unfinished,  ///< a string, a quoted name or a comment that the text ends in
  };

  Kind kind = Kind::symbol;
  std::size_t offset = 0;
  std::string_view text;

  std::size_t end() const noexcept { return offset + text.size(); }
};

/// Walks over a text, token by token; white space is passed over.
class Lexer {
 public:
  explicit Lexer(std::string_view sql) noexcept : sql_(sql) {}

  /// The next token; nullopt at the end.
  std::optional<Token> next() noexcept;

  /// Returns what is left of the line, without its end, and passes over both.
  std::string_view skip_line() noexcept;

  bool at_end() const noexcept { return at_ >= sql_.size(); }

  /// Goes on at byte `offset`.
  void go_to(std::size_t offset) noexcept { at_ = offset; }

 private:
  std::string_view sql_;
  std::size_t at_ = 0;
};

/// ASCII letters in upper or lower case; other bytes as they are.
std::string upper(std::string_view word);
std::string lower(std::string_view word);

/// `text` between two `quote`s, each of those inside it doubled.
std::string quoted_by(char quote, std::string_view text);

/// Whether SQL in lower case holds `name`, in any case, as a word.
bool mentions(const std::string& lowered, std::string_view name);

/// Is `token` the bare word `keyword` (given in upper case), in any case?
bool is_word(const Token& token, std::string_view keyword);

}  // namespace gauntlet::runner
