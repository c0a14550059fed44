#include "harness/crash/words.h"

#include "harness/oracle/difference.h"
#include "harness/sql/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace gauntlet::crash {

namespace {

/// In what state a migration stands.
constexpr std::array<std::string_view, 14> states = {
    "dirty",      "interrupted", "in progress",      "unfinished",   "half",
    "partial",    "invalid",     "failed migration", "incomplete",   "not complete",
    "not finish", "was aborted", "inconsistent",     "pending since"};
/// A command, or an instruction to a person.
constexpr std::array<std::string_view, 27> remedies = {
    "fix:",      "fix and",    "to fix",      "force ",    "repair",   "resolve",    "manually",
    "by hand",   "clean up",   "clean it up", "drop it",   "drop the", "delete it",  "delete the",
    "remove it", "remove the", "remove any",  "mark it",   "mark the", "please run", "run `",
    "run '",     "run: ",      "then run",    "run again", "you must", "you need to"};
constexpr std::array<std::string_view, 7> releases = {
    "unlock",         "release the lock", "release it",     "break-lock",
    "break the lock", "remove this lock", "remove the lock"};

template <typename Words>
bool has_any(const std::string& text, const Words& words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

/// `severity: 'ERROR',` of an object that was printed as it is.
bool is_property(std::string_view text) {
  if (!text.ends_with(',')) return false;
  const std::size_t end =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'\"");
  return end != 0 && end != std::string_view::npos && text.substr(end).starts_with(": ");
}

/// Lines in which nobody speaks to the user: quoted SQL, a stack trace, an object's properties.
bool is_quoted(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return true;
  const std::string_view text = line.substr(start);
  if (is_property(text)) return true;
  if (std::ranges::none_of(text, [](unsigned char c) { return std::isalpha(c) != 0; })) return true;
  for (const std::string_view begin : {"File \"", "at ", "LINE ", "STATEMENT:", "^", "[SQL:", "--"})
    if (text.starts_with(begin)) return true;
  return false;
}

/// What somebody says who is not the runner.
bool is_of_others(const std::string& text) {
  constexpr std::array<std::string_view, 4> others = {"npm notice", "npm warn", "deprecat",
                                                      "update available"};
  return has_any(text, others);
}

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// `word` stands in `text` as a word of its own.
bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || !is_word_char(text[at - 1]);
    const std::size_t end = at + word.size();
    if (begins && (end == text.size() || !is_word_char(text[end]))) return true;
  }
  return false;
}

/// `005_owner_index` of the file's name, with or without what follows it; `version 5`.
bool names_file(const std::string& text, const truth::File& file) {
  const std::string stem = sql::lower(file.name.substr(0, file.name.find('.')));
  if (!stem.empty() && text.find(stem) != std::string::npos) return true;
  const std::string padded = stem.substr(0, stem.find_first_not_of("0123456789"));
  constexpr std::size_t telling_digits = 3;
  if (padded.size() >= telling_digits && has_word(text, padded)) return true;
  if (file.version == 0) return false;
  const std::string version = std::to_string(file.version);
  for (const std::string_view before :
       {"version ", "version: ", "version=", "migration ", "revision ", "v"})
    if (has_word(text, std::string(before) + version)) return true;
  return false;
}

/// Lines in which the runner speaks to its user, in lower case.
std::vector<std::string> spoken_lines(std::string_view output) {
  std::vector<std::string> lines;
  for (const std::string_view line : oracle::lines_of(output)) {
    if (is_quoted(line)) continue;
    std::string text = sql::lower(line);
    if (!is_of_others(text)) lines.push_back(std::move(text));
  }
  return lines;
}

}  // namespace

bool says_what_to_do(std::string_view output, const std::vector<truth::File>& files) {
  constexpr std::size_t lines_near = 4;
  const std::vector<std::string> lines = spoken_lines(output);
  const auto any_near = [&](std::size_t line, const auto& words) {
    for (std::size_t at = line; at < std::min(line + lines_near, lines.size()); ++at)
      if (has_any(lines[at], words)) return true;
    return false;
  };
  for (std::size_t line = 0; line < lines.size(); ++line) {
    if (lines[line].find("lock") != std::string::npos && any_near(line, releases)) return true;
    const bool is_named = std::ranges::any_of(
        files, [&](const truth::File& file) { return names_file(lines[line], file); });
    if (is_named && (any_near(line, states) || any_near(line, remedies))) return true;
  }
  return false;
}

std::string last_words(std::string_view output) {
  constexpr std::size_t shown_max = 160;
  constexpr std::array<std::string_view, 4> tells = {"error", "fatal", "fail", "exceptions."};
  std::string_view last, telling;
  for (const std::string_view line : oracle::lines_of(output)) {
    if (is_quoted(line)) continue;
    last = line;
    if (has_any(sql::lower(line), tells)) telling = line;
  }
  // After its error a program may print what it is made of: a client's object, a hint.
  std::string_view shown = telling.empty() ? last : telling;
  if (shown.empty()) return {};
  shown.remove_prefix(shown.find_first_not_of(" \t"));
  const std::string text(shown);
  return text.size() > shown_max ? text.substr(0, shown_max) + "…" : text;
}

}  // namespace gauntlet::crash
