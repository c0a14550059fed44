#include "harness/crash/words.h"

#include "harness/oracle/difference.h"
#include "harness/sql/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace gauntlet::crash {

namespace {

constexpr std::array<std::string_view, 30> remedies = {
    "fix:",           "fix and",     "to fix",     "force ",      "repair",
    "resolve",        "manually",    "by hand",    "unlock",      "release the lock",
    "clean up",       "clean it up", "drop it",    "drop the",    "delete it",
    "delete the row", "remove it",   "remove the", "mark it",     "mark the",
    "please run",     "run `",       "run '",      "run: ",       "then run",
    "run again",      "you can run", "you must",   "you need to", "restore "};

/// Lines in which nobody speaks to the user: quoted SQL, a stack trace.
bool is_quoted(std::string_view line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos) return true;
  const std::string_view text = line.substr(start);
  for (const std::string_view begin : {"File \"", "at ", "LINE ", "STATEMENT:", "^", "[SQL:", "--"})
    if (text.starts_with(begin)) return true;
  return false;
}

}  // namespace

bool says_what_to_do(std::string_view output) {
  return std::ranges::any_of(oracle::lines_of(output), [](std::string_view line) {
    if (is_quoted(line)) return false;
    const std::string text = sql::lower(line);
    return std::ranges::any_of(
        remedies, [&](std::string_view remedy) { return text.find(remedy) != std::string::npos; });
  });
}

std::string last_words(std::string_view output) {
  constexpr std::size_t shown_max = 160;
  const auto lines = oracle::lines_of(output);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (is_quoted(*line)) continue;
    const std::string text(line->substr(line->find_first_not_of(" \t")));
    return text.size() > shown_max ? text.substr(0, shown_max) + "…" : text;
  }
  return {};
}

}  // namespace gauntlet::crash
