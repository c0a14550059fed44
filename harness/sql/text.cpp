#include "harness/sql/text.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace gauntlet::sql {
namespace {

constexpr std::size_t shown_bytes_max = 100;

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string one_line(std::string_view sql) {
  std::string line;
  for (const char character : sql) {
    const bool blank =
        character == ' ' || character == '\n' || character == '\t' || character == '\r';
    if (!blank) line += character;
    if (blank && !line.empty() && line.back() != ' ') line += ' ';
    if (line.size() > shown_bytes_max + 4) break;
  }
  if (line.size() <= shown_bytes_max) return "`" + line + "`";
  std::size_t end = shown_bytes_max;
  // Between characters, so that a report stays valid UTF-8.
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return "`" + line.substr(0, end) + "…`";
}

std::string without_blanks(std::string_view sql) {
  std::string text;
  std::copy_if(sql.begin(), sql.end(), std::back_inserter(text), [](unsigned char character) {
    return std::isspace(character) == 0 && character != ';';
  });
  return text;
}

}  // namespace gauntlet::sql
