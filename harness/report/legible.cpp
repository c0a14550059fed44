#include "harness/report/legible.h"

#include "runner/values/visible_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// ECMA-48, 5.4: ESC [, parameters, one final byte.
std::size_t control_sequence(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  std::size_t end = 2;
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3F) ++end;
  return end < text.size() && text[end] >= 0x40 && text[end] <= 0x7E ? end + 1 : 0;
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
    const runner::FirstCharacter character = runner::first_character(bytes);
    if (bytes.starts_with("\r\n")) {
      // The newline follows.
    } else if (character.code == '\n' || character.code == '\r') {
      text += '\n';
    } else if (character.code == '\t') {
      text += "    ";
    } else if (character.is_valid && runner::is_visible(character.code)) {
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

std::string one_line(std::string_view bytes) {
  std::string line = legible(bytes);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::vector<std::string> indented(const std::string& first, std::string_view text,
                                  std::size_t columns) {
  const std::size_t indent = columns_of(first);
  std::vector<std::string> lines = wrapped(legible(text), columns - std::min(columns, indent));
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!lines[i].empty()) lines[i].insert(0, i == 0 ? first : std::string(indent, ' '));
  return lines;
}

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  return used < columns ? text + std::string(columns - used, ' ') : text;
}

std::string time_of(std::chrono::duration<double> time) {
  return time.count() < 1 ? fmt::format("{:.0f} ms", time.count() * 1000)
                          : fmt::format("{:.2f} s", time.count());
}

}  // namespace gauntlet::report
