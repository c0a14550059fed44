#include "harness/verify/sqlite_truth.h"

#include "harness/truth/difference.h"
#include "runner/sqlite.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>

namespace gauntlet::verify {

namespace {

std::string texts_of(const std::vector<const runner::Migration*>& files) {
  std::string texts;
  for (const runner::Migration* file : files) texts.append(file->up.sql()).append("\n");
  return texts;
}

/// Until the wall clock's second, which SQLite's datetime('now') shows, is another one.
void wait_for_another_second() {
  using std::chrono::system_clock;
  const auto second = [] { return system_clock::to_time_t(system_clock::now()); };
  constexpr int wait_ms = 20;
  for (const auto began = second(); second() == began;) poll(nullptr, 0, wait_ms);
}

class FileJudge {
 public:
  FileJudge(const Context& context, const FileRun& run) : context_(context), run_(run) {}

  FileTruth judge() {
    judge_references();
    compare();
    return std::move(told_);
  }

 private:
  PlainApplication apply(ForeignKeys keys) const {
    const auto database = run_.another();
    PlainApplication plain = apply_to_file(*database, run_.pending, keys, code_steps());
    if (plain.left) truth::forget_columns(*plain.left, context_.options.unstable_columns);
    return plain;
  }

  /// Each done by the runner alone, in its place between the files.
  std::vector<StepBetween> code_steps() const {
    std::vector<StepBetween> steps;
    if (run_.ended == nullptr) return steps;
    for (const CodeStep& step : run_.code_steps) {
      steps.push_back(
          {.version = step.version,
           .name = to_string(step),
           .run = [this, step](const arena::Database& database) {
             return CodeStepRunner(run_.ended->address(), run_.run_once).run(step, database);
           }});
    }
    return steps;
  }

  /// False: a step that is code did not run alone, so there is nothing to compare with.
  bool may_compare(const PlainApplication& plain) {
    std::vector<std::string> names;
    for (const CodeStep& step : run_.code_steps) names.push_back(to_string(step));
    if (names.empty()) return true;
    told_.notes.push_back(
        plain.not_alone.empty()
            ? fmt::format(
                  "steps that are code ({}) were run by the runner alone, between the files",
                  fmt::join(names, ", "))
            : fmt::format("not compared with what the files leave: the runner has steps that are "
                          "code ({}), and one did not run alone: {}",
                          fmt::join(names, ", "), plain.not_alone));
    return plain.not_alone.empty();
  }

  truth::Differences differences(const core::Snapshot& files, const core::Snapshot* again) const {
    core::Snapshot after = run_.after;
    truth::forget_columns(after, context_.options.unstable_columns);
    return truth::compare({.files = files,
                           .run = after,
                           .calibration = again,
                           .own_tables = run_.own_tables,
                           .file_texts = texts_of(run_.pending)});
  }

  void judge_references() {
    for (const auto& [key, rows] : run_.dangling_after) {
      const auto before = run_.dangling_before.find(key);
      const std::int64_t were = before == run_.dangling_before.end() ? 0 : before->second;
      if (rows <= were) continue;
      found({.id = "dangling-references",
             .message = fmt::format("{} {} of {} refer to a row that is not there, and before the "
                                    "run {} did",
                                    rows, rows == 1 ? "row" : "rows", key, were),
             .fix = "rebuild the table with foreign keys off and every row kept, and end the file "
                    "with PRAGMA foreign_key_check"});
    }
  }

  void compare() {
    const PlainApplication enforced = apply(ForeignKeys::enforced);
    if (!may_compare(enforced)) return;
    if (enforced.left && is_alike(*enforced.left))
      return core::merge(told_.judgement, core::judged({}));
    const PlainApplication free = apply(ForeignKeys::not_enforced);
    if (free.left && is_alike(*free.left)) {
      if (enforced.loses_rows)
        told_.notes.push_back(fmt::format(
            "{}: the runner's connection does not enforce foreign keys; one that does would lose "
            "rows there",
            enforced.losing_file));
      return core::merge(told_.judgement, core::judged({}));
    }
    if (enforced.loses_rows && free.left && judge_lost(enforced, *free.left)) return;
    const PlainApplication& plain = enforced.left ? enforced : free;
    if (!plain.left) {
      core::merge(told_.judgement,
                  core::unknown("the run was not compared with what the files leave, for applied "
                                "by themselves they fail: " +
                                plain.failed));
      return;
    }
    accuse(*plain.left, enforced.left ? ForeignKeys::enforced : ForeignKeys::not_enforced);
  }

  bool is_alike(const core::Snapshot& files) const {
    return differences(files, nullptr).findings.empty();
  }

  /// Rows of tables that the files do not write to went with a table that was dropped.
  bool judge_lost(const PlainApplication& enforced, const core::Snapshot& kept) {
    const RowCounts before = row_counts(run_.before), after = row_counts(run_.after);
    bool any = false;
    for (const auto& [table, rows] : row_counts(kept)) {
      const auto now = after.find(table), then = before.find(table);
      if (now == after.end() || now->second >= rows || run_.own_tables.contains(table)) continue;
      const std::int64_t were = then == before.end() ? 0 : then->second;
      found(
          {.id = "rows-lost",
           .message = fmt::format("{} of the {} rows of {} are gone: a table that they refer to "
                                  "was dropped or a row replaced while foreign keys were "
                                  "enforced ({})",
                                  rows - now->second, std::max(rows, were), table, enforced.failed),
           .where = {.file = enforced.losing_file},
           .fix = "switch foreign keys off before the transaction that rebuilds the table: "
                  "PRAGMA foreign_keys does nothing inside one"});
      any = true;
    }
    return any;
  }

  void accuse(const core::Snapshot& files, ForeignKeys keys) {
    context_.progress("boot: the files by themselves, at another time");
    wait_for_another_second();
    const PlainApplication again = apply(keys);
    truth::Differences differ = differences(files, again.left ? &*again.left : nullptr);
    for (const std::string& what : differ.withdrawn)
      told_.notes.push_back(fmt::format("not judged, for it differs by itself: {}", what));
    core::merge(told_.judgement, core::judged(std::move(differ.findings)));
  }

  void found(core::Finding finding) {
    core::merge(told_.judgement, core::judged({std::move(finding)}));
  }

  const Context& context_;
  const FileRun& run_;
  FileTruth told_;
};

}  // namespace

FileTruth hold_to_sqlite_files(const Context& context, const FileRun& run) {
  return FileJudge(context, run).judge();
}

}  // namespace gauntlet::verify
