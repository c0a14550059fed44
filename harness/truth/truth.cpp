#include "harness/truth/truth.h"

#include "harness/arena/connection.h"
#include "harness/observe/observe.h"
#include "harness/oracle/difference.h"
#include "harness/sql/which_file.h"
#include "harness/truth/difference.h"
#include "harness/truth/statement_text.h"
#include "runner/postgres.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::truth {

namespace {

using std::chrono::steady_clock;

/// Waits in the server, where the times of the migrations come from.
void wait_until(const arena::Database& database, steady_clock::time_point when) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(when - steady_clock::now()).count();
  if (left <= 0) return;
  arena::Connection(database.maintenance())
      .ask("SELECT pg_sleep($1::float8 / 1000)", {std::to_string(left)});
}

}  // namespace

void prepare_calibration(const arena::Database& database, steady_clock::time_point first_began) {
  wait_until(database, first_began + calibration_distance);
  move_counters(*runner::connect_postgres(database.address().conninfo(),
                                          {.application_name = "gauntlet calibration"}));
}

namespace {

class Judging {
 public:
  Judging(const Question& question, Known& known)
      : question_(question), known_(known), began_(steady_clock::now()) {}
  Answer run();
  std::optional<core::Snapshot> calibrated();

 private:
  bool apply_once(bool calibrates, core::Snapshot& left);
  void judge_failure(const Applied& applied);
  Sides sides() const;
  std::string all_texts() const;
  void calibrate();
  void tell(const Differences& found);

  const Question& question_;
  Known& known_;
  Answer answer_;
  std::set<std::string> own_tables_;
  std::string texts_;
  const steady_clock::time_point began_;
};

Answer Judging::run() {
  if (!question_.sent.not_as_written.empty()) {
    answer_.judgement = core::unknown("not sent as written: " + question_.sent.not_as_written);
    return std::move(answer_);
  }
  if (!known_.plain) {
    core::Snapshot plain;
    if (!apply_once(false, plain)) return std::move(answer_);
    known_.plain = std::move(plain);
  }
  const core::Snapshot& unread = known_.plain->catalogue ? question_.left : *known_.plain;
  if (!unread.catalogue) {
    answer_.judgement = core::unknown("the catalogue could not be read: " + unread.missing);
    return std::move(answer_);
  }
  texts_ = all_texts();
  own_tables_ = question_.own_tables;
  own_tables_.merge(tables_made_beside(question_.sent, texts_));
  Differences found = compare(sides());
  if (!found.findings.empty()) {
    calibrate();
    found = compare(sides());
  }
  tell(found);
  return std::move(answer_);
}

/// False if the files cannot be applied plainly; a calibration that fails withdraws nothing.
bool Judging::apply_once(bool calibrates, core::Snapshot& left) {
  const std::unique_ptr<arena::Database> database = question_.another();
  if (calibrates) prepare_calibration(*database, began_);
  const Applied applied = apply_plainly(
      calibrates ? database->loopback() : database->address(), question_.files, question_.sent,
      {.statement_timeout = question_.statement_timeout, .calibrates = calibrates});
  if (applied.failed) {
    if (!calibrates) judge_failure(applied);
    return false;
  }
  if (!calibrates) known_.rows = applied.rows;
  left = observe::snapshot(database->address(), {.sequences = false, .is_ours = true});
  return true;
}

void Judging::judge_failure(const Applied& applied) {
  const std::size_t file = *applied.failed;
  const SeenFile& seen = question_.sent.files[file];
  if (!seen.refused || applied.said.sqlstate != *seen.refused) {
    answer_.judgement = core::unknown(
        fmt::format("what the files should leave is not known: {}, applied by itself, fails: {}",
                    question_.files[file].name, applied.why));
    return;
  }
  answer_.judgement = core::judged(
      {{.id = "error-swallowed",
        .message = fmt::format("the server refused a statement of {} ({}), and the runner "
                               "reported success",
                               question_.files[file].name, applied.why),
        .where = {.version = question_.files[file].version},
        .fix = "let the runner stop at the first error and end with a code other than 0"}});
}

std::string Judging::all_texts() const {
  std::string texts;
  for (const File& file : question_.files) texts.append(file.sql).append("\n");
  return texts;
}

Sides Judging::sides() const {
  return {.files = *known_.plain,
          .run = question_.left,
          .calibration = known_.calibration ? &*known_.calibration : nullptr,
          .own_tables = own_tables_,
          .file_texts = texts_,
          .unstable_columns = question_.unstable_columns};
}

void Judging::calibrate() {
  if (known_.calibration) return;
  core::Snapshot left;
  if (apply_once(true, left)) known_.calibration = std::move(left);
}

std::optional<core::Snapshot> Judging::calibrated() {
  if (!question_.sent.not_as_written.empty() || !question_.left.data) return std::nullopt;
  calibrate();
  if (!known_.calibration || !known_.calibration->data) return std::nullopt;
  core::Snapshot merged = question_.left;
  for (auto& [table, here] : *merged.data) {
    const auto files = known_.calibration->data->find(table);
    if (files != known_.calibration->data->end() && files->second.rows == here.rows)
      here = files->second;
  }
  return merged;
}

void Judging::tell(const Differences& found) {
  if (!found.withdrawn.empty()) {
    answer_.notes.push_back(
        fmt::format("not judged, as two plain applications of the files differ there: {}",
                    oracle::some_of(found.withdrawn)));
  }
  const core::Snapshot& unread = known_.plain->data ? question_.left : *known_.plain;
  if (!unread.data)
    core::merge(answer_.judgement, core::unknown("the data could not be read: " + unread.missing));
  if (found.findings.empty()) return;
  std::vector<core::Finding> findings = found.findings;
  if (found.nothing_there) {
    core::Finding& first = findings.front();
    first.id = "not-applied";
    first.message =
        "the run reported success, and not one of the files' tables is there; " + first.message;
  }
  const std::string unsent = unsent_text(question_.sent, question_.files);
  if (!unsent.empty()) findings.front().message += "\n" + unsent;
  if (!question_.sent.twisting.empty())
    findings.front().message +=
        fmt::format("\nthe runner sets, and the files by themselves do not: {}",
                    fmt::join(question_.sent.twisting, "; "));
  core::merge(answer_.judgement, core::judged(std::move(findings)));
}

}  // namespace

Answer judge(const Question& question, Known& known) { return Judging(question, known).run(); }

std::optional<core::Snapshot> calibrated(const Question& question, Known& known) {
  return Judging(question, known).calibrated();
}

std::string unjudged_rows(const std::vector<RowsChanged>& rows, const std::vector<File>& files) {
  std::string text;
  for (std::size_t file = 0; file < rows.size() && file < files.size(); ++file) {
    if (!rows[file].writes_rows || rows[file].changed > 0) continue;
    const std::string of = rows[file].of ? fmt::format("of {} rows", *rows[file].of) : "rows";
    text += fmt::format("{}{} changed 0 {}: not judged", text.empty() ? "" : "; ", files[file].name,
                        of);
  }
  return text;
}

}  // namespace gauntlet::truth
