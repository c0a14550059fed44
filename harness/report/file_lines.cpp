#include "harness/report/file_lines.h"

#include "harness/report/legible.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::report {

namespace {

// What each mode of pg_locks blocks (PostgreSQL manual, 13.3.1 Table-Level Locks).
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> lock_words = {{
    {"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE, blocks other schema changes only"},
    {"ShareLock", "SHARE, blocks writes"},
    {"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE, blocks writes"},
    {"ExclusiveLock", "EXCLUSIVE, blocks writes and SELECT FOR UPDATE"},
    {"AccessExclusiveLock", "ACCESS EXCLUSIVE, blocks reads and writes"},
}};

std::string words_of(const std::string& mode) {
  const auto* found = std::ranges::find(lock_words, std::string_view(mode),
                                        [](const auto& entry) { return entry.first; });
  return found == lock_words.end() ? legible(mode) : std::string(found->second);
}

// Plain reads and writes take the ordinary modes, which block no other read or write. JSON has
// them.
bool is_worth_a_line(const core::RelationLock& lock) {
  constexpr std::array<std::string_view, 3> ordinary = {"AccessShareLock", "RowShareLock",
                                                        "RowExclusiveLock"};
  return lock.rewritten || std::ranges::find(ordinary, lock.mode) == ordinary.end();
}

bool is_judged(const core::FileOutcome& file) {
  return file.what != core::FileOutcome::What::not_judged;
}

bool is_a_failure(const core::FileOutcome& file) {
  return is_judged(file) && file.what != core::FileOutcome::What::ok;
}

bool is_worth_lines(const core::FileOutcome& file) {
  return is_a_failure(file) ||
         (is_judged(file) && std::ranges::any_of(file.locks, is_worth_a_line));
}

class Table {
 public:
  Table(std::size_t names, std::size_t width) : names_(names), width_(width) {}

  void head() { row("file", "time", "outcome"); }

  void add(const core::FileOutcome& file) {
    row(one_line(file.file), is_judged(file) ? time_of(file.seconds) : "",
        one_line(core::to_string(file)));
    for (const core::RelationLock& lock : file.locks) {
      if (!is_worth_a_line(lock)) continue;
      const std::string held =
          fmt::format("{}: {}, for {}{}", lock.relation, words_of(lock.mode), time_of(lock.held),
                      lock.rewritten ? "; the table is rewritten" : "");
      for (std::string& line : indented("      ", held, width_)) lines_.push_back(std::move(line));
    }
  }

  void add_rest(std::size_t count, std::string_view what) {
    if (count > 0) lines_.push_back(fmt::format("  {} more files: {}", count, what));
  }

  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void row(const std::string& file, const std::string& time, const std::string& outcome) {
    lines_.push_back("  " + padded(cut(file, names_), names_) + "  " + padded(time, 8) + "  " +
                     cut(outcome, width_ - names_ - 14));
  }

  std::size_t names_, width_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> file_lines(const std::vector<core::FileOutcome>& files, std::size_t width,
                                    std::size_t files_max) {
  if (files.empty()) return {};
  std::size_t names = 4;
  for (const auto& file : files) names = std::max(names, columns_of(one_line(file.file)));
  Table table(std::min(names, width - 42), width);
  table.head();
  std::size_t shown = 0, locking = 0, fine = 0, not_judged = 0;
  for (const core::FileOutcome& file : files) {
    if (files.size() <= files_max || is_a_failure(file) ||
        (is_worth_lines(file) && shown < files_max)) {
      ++shown;
      table.add(file);
    } else if (is_worth_lines(file)) {
      ++locking;
    } else {
      ++(is_judged(file) ? fine : not_judged);
    }
  }
  table.add_rest(locking, "ok, with locks that block (--all prints each)");
  table.add_rest(fine, "ok, no blocking locks");
  table.add_rest(not_judged, "not judged");
  return table.take();
}

}  // namespace gauntlet::report
