#include "harness/report/legible.h"

#include <algorithm>
#include <cstdint>

namespace gauntlet::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

struct Character {
  std::size_t bytes = 1;
  bool valid = false;
  std::uint32_t code = 0;
};

// RFC 3629: shortest form only, no surrogates, at most U+10FFFF.
Character first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {.valid = true, .code = lead};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {};
  std::uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (i >= text.size() || !is_continuation(text[i])) return {.bytes = i};
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return {.bytes = bytes,
          .valid = code >= least[bytes] && code <= 0x10FFFF && !surrogate,
          .code = code};
}

// ECMA-48, 5.4: ESC [, parameters, one final byte.
std::size_t control_sequence(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  std::size_t end = 2;
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3F) ++end;
  return end < text.size() && text[end] >= 0x40 && text[end] <= 0x7E ? end + 1 : 0;
}

bool is_printable(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  return !control && code != 0xFFFE && code != 0xFFFF;
}

std::size_t bytes_of(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (!is_continuation(text[at]) && columns-- == 0) break;
  }
  return at;
}

void wrap_line(std::string_view line, std::size_t columns, std::vector<std::string>& lines) {
  while (columns_of(line) > columns) {
    const std::size_t fits = bytes_of(line, columns);
    const std::size_t text_start = std::min(line.find_first_not_of(' '), line.size());
    std::size_t blank = line.rfind(' ', fits);
    if (blank == std::string_view::npos || blank <= text_start) blank = fits;
    lines.emplace_back(line.substr(0, blank));
    line.remove_prefix(blank);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  }
  lines.emplace_back(line);
}

}  // namespace

std::string legible(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    if (const std::size_t sequence = control_sequence(bytes); sequence > 0) {
      bytes.remove_prefix(sequence);
      continue;
    }
    const Character character = first_of(bytes);
    if (bytes.starts_with("\r\n")) {
      // The newline follows.
    } else if (character.code == '\n' || character.code == '\r') {
      text += '\n';
    } else if (character.code == '\t') {
      text += "    ";
    } else if (character.valid && is_printable(character.code)) {
      text += bytes.substr(0, character.bytes);
    } else {
      text += replacement;
    }
    bytes.remove_prefix(character.bytes);
  }
  return text;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

std::string cut(std::string_view text, std::size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  return std::string(text.substr(0, bytes_of(text, columns - 1))) + "…";
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    wrap_line(text.substr(0, end), std::max<std::size_t>(columns, 1), lines);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace gauntlet::report
