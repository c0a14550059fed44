#include "runner/values/harmless_edit.h"

#include "runner/sql/lexer.h"
#include "runner/values/migration.h"

#include <vector>

namespace gauntlet::runner {

namespace {

// Each candidate costs one checksum of the file.
constexpr std::size_t edited_bytes_max = 1U << 20U;
constexpr std::size_t comments_max = 200;

std::string with_line_feeds(std::string_view text) {
  std::string made;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r' || at + 1 == text.size() || text[at + 1] != '\n') made += text[at];
  }
  return made;
}

std::string with_carriage_returns(std::string_view text) {
  std::string made;
  for (const char byte : text) made += byte == '\n' ? std::string("\r\n") : std::string(1, byte);
  return made;
}

// `text` has line feeds alone, and no byte-order mark.
bool is_recorded(std::string text, std::string_view recorded) {
  while (text.ends_with('\n')) text.pop_back();
  for (const std::string_view end : {"", "\n", "\n\n"}) {
    const std::string lines = text + std::string(end);
    for (const std::string& made : {lines, with_carriage_returns(lines)}) {
      if (sha256(made) == recorded || sha256(std::string(byte_order_mark) + made) == recorded)
        return true;
    }
  }
  return false;
}

struct Span {
  std::size_t begin, end;
};

// A comment, with its whole line if it stands alone there, else with the blanks before it.
Span span_of(std::string_view text, const Token& comment) {
  std::size_t begin = comment.offset;
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  const bool alone = begin == 0 || text[begin - 1] == '\n';
  std::size_t end = comment.end();
  if (alone && end < text.size() && text[end] == '\n') ++end;
  return {begin, end};
}

std::vector<Span> comments_of(std::string_view text) {
  std::vector<Span> spans;
  Lexer lexer(text);
  while (const auto token = lexer.next()) {
    if (token->kind == Token::Kind::comment) spans.push_back(span_of(text, *token));
  }
  return spans;
}

// Without the comments number `first` to `last`.
std::string without(std::string_view text, const std::vector<Span>& comments, std::size_t first,
                    std::size_t last) {
  std::string made;
  std::size_t at = 0;
  for (std::size_t index = first; index < last; ++index) {
    made += text.substr(at, comments[index].begin - at);
    at = comments[index].end;
  }
  return made.append(text.substr(at));
}

bool gained_comments(const std::string& text, std::string_view recorded) {
  const std::vector<Span> comments = comments_of(text);
  if (comments.empty() || comments.size() > comments_max) return false;
  const std::size_t count = comments.size();
  if (is_recorded(without(text, comments, 0, count), recorded)) return true;
  for (std::size_t index = 0; index < count; ++index) {
    const bool one = is_recorded(without(text, comments, index, index + 1), recorded);
    const bool head = is_recorded(without(text, comments, 0, index + 1), recorded);
    if (one || head) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> harmless_edit(std::string_view bytes, std::string_view recorded) {
  if (bytes.size() > edited_bytes_max) return std::nullopt;
  if (bytes.starts_with(byte_order_mark)) bytes.remove_prefix(byte_order_mark.size());
  const std::string text = with_line_feeds(bytes);
  if (is_recorded(text, recorded)) return "only its line ends or its byte-order mark changed";
  if (gained_comments(text, recorded)) return "only comments were added";
  return std::nullopt;
}

}  // namespace gauntlet::runner
