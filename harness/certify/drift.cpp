#include "harness/certify/drift.h"

#include "harness/arena/connection.h"
#include "harness/certify/drift_grade.h"
#include "harness/certify/small_project.h"

#include <map>
#include <memory>

#include <fmt/format.h>

namespace gauntlet::certify {

namespace {

struct DriftFile {
  int version = 0;
  std::string_view text = {};  ///< what its row says; empty: it makes the table
};

constexpr DriftFile table_file{1, ""}, second{2, "second"}, edited_second{2, "edited"},
    third{3, "third"}, fourth{4, "fourth"};

SmallFile small_file_of(const DriftFile& file) {
  if (file.text.empty())
    return {.version = file.version,
            .up = "CREATE TABLE drift_entries (what text NOT NULL);\n",
            .down = "DROP TABLE drift_entries;\n"};
  return {.version = file.version,
          .up = fmt::format("INSERT INTO drift_entries VALUES ('{}');\n", file.text),
          .down = fmt::format("DELETE FROM drift_entries WHERE what = '{}';\n", file.text)};
}

class Drifting {
 public:
  Drifting(const fleet::SubjectFile& subject, arena::Arena& arena)
      : database_(arena.fresh("drift")), project_(subject, *database_) {}

  DriftRun run(const std::vector<DriftFile>& files) {
    std::vector<SmallFile> small;
    for (const DriftFile& file : files) small.push_back(small_file_of(file));
    project_.write(small);
    const core::History history = project_.run();
    const core::Event* end = history.exit_of(0);
    return {.ok = project_.is_ok(history),
            .ended = end != nullptr && end->exit_code.has_value(),
            .rows = rows(),
            .said = SmallProject::said(history)};
  }

 private:
  std::map<std::string, std::size_t> rows() const {
    arena::Connection connection(database_->address());
    std::map<std::string, std::size_t> rows;
    if (connection.ask_one("SELECT pg_catalog.to_regclass('drift_entries') IS NOT NULL") != "t")
      return rows;
    for (const arena::Row& row :
         connection.ask("SELECT what, count(*) FROM drift_entries GROUP BY what"))
      rows[row.text(0)] = std::stoul(row.text(1));
    return rows;
  }

  const std::unique_ptr<arena::Database> database_;
  const SmallProject project_;
};

Grade graded(const fleet::SubjectFile& subject, arena::Arena& arena, Drift drift,
             const std::vector<DriftFile>& before, const std::vector<DriftFile>& after) {
  Drifting drifting(subject, arena);
  const DriftRun first = drifting.run(before);
  std::map<std::string, std::size_t> wanted;
  for (const DriftFile& file : before)
    if (!file.text.empty()) wanted[std::string(file.text)] = 1;
  if (!first.ok || first.rows != wanted)
    return {.area = Area::drift,
            .what = std::string(to_string(drift)),
            .grade = "unknown",
            .why = "it does not apply the files before they drift: " + first.said,
            .weight = Grade::Weight::undecided};
  return grade_of(drift, first, drifting.run(after));
}

}  // namespace

std::vector<Grade> grade_drift(const fleet::SubjectFile& subject, arena::Arena& arena,
                               const std::function<void(std::string_view)>& progress) {
  std::vector<Grade> grades;
  progress("drift: a file that was edited");
  grades.push_back(graded(subject, arena, Drift::edited, {table_file, second, third},
                          {table_file, edited_second, third}));
  progress("drift: a file that is gone");
  grades.push_back(graded(subject, arena, Drift::removed, {table_file, second, third},
                          {table_file, third, fourth}));
  progress("drift: a file that appears below the newest");
  grades.push_back(
      graded(subject, arena, Drift::hole, {table_file, third}, {table_file, second, third}));
  return grades;
}

}  // namespace gauntlet::certify
