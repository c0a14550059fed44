#include "harness/oracle/difference.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

constexpr std::size_t changes_max = 12;
constexpr std::size_t lines_max = 6;
constexpr std::size_t line_bytes_max = 160;

// Cut between characters, so that a report stays valid UTF-8.
std::string shortened(std::string_view line) {
  if (line.size() <= line_bytes_max) return std::string(line);
  std::size_t end = line_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
  return std::string(line.substr(0, end)) + "…";
}

void append_lines(std::string& text, std::string_view mark,
                  const std::vector<std::string_view>& lines) {
  const std::size_t shown = std::min(lines.size(), lines_max);
  for (std::size_t i = 0; i < shown; ++i) {
    text += fmt::format("\n  {} {}", mark, shortened(lines[i]));
  }
  if (shown < lines.size())
    text += fmt::format("\n  {} … {} more lines", mark, lines.size() - shown);
}

void append_change(std::string& text, const Change& change) {
  std::vector<std::string_view> expected = lines_of(change.expected);
  std::vector<std::string_view> found = lines_of(change.found);
  const auto first = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
  expected.erase(expected.begin(), first.first);
  found.erase(found.begin(), first.second);
  while (!expected.empty() && !found.empty() && expected.back() == found.back()) {
    expected.pop_back();
    found.pop_back();
  }
  text += (text.empty() ? "" : "\n") + change.name;
  append_lines(text, "-", expected);
  append_lines(text, "+", found);
}

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<Change> changes(const Texts& expected, const Texts& found) {
  std::vector<Change> all;
  for (const auto& [name, text] : expected) {
    const auto other = found.find(name);
    if (other == found.end()) {
      all.push_back({.name = name, .expected = text.empty() ? "(present)" : text});
    } else if (other->second != text) {
      all.push_back({.name = name, .expected = text, .found = other->second});
    }
  }
  for (const auto& [name, text] : found) {
    if (expected.contains(name)) continue;
    all.push_back({.name = name, .found = text.empty() ? "(present)" : text});
  }
  std::sort(all.begin(), all.end(),
            [](const Change& a, const Change& b) { return a.name < b.name; });
  return all;
}

std::string diff(const std::vector<Change>& changes) {
  std::string text;
  const std::size_t shown = std::min(changes.size(), changes_max);
  for (std::size_t i = 0; i < shown; ++i) append_change(text, changes[i]);
  if (shown < changes.size()) text += fmt::format("\n… and {} more", changes.size() - shown);
  return text;
}

Texts texts_of(const core::Data& data) {
  Texts texts;
  for (const auto& [table, rows] : data) {
    texts[table + " rows"] = std::to_string(rows.rows);
    for (const auto& [column, hash] : rows.columns)
      texts[fmt::format("{}.{}", table, column)] = "hash " + hash;
  }
  return texts;
}

std::string some_of(const std::vector<std::string>& names, std::size_t names_max) {
  std::string text;
  const std::size_t shown = std::min(names.size(), names_max);
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

}  // namespace gauntlet::oracle
