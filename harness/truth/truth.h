// An independent truth: what the files should leave, known without the runner's own word. The files
// are applied plainly to another copy of the database that the runner began with, and what the
// runner left is compared with that. Opens sessions of its own; works on the caller's thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"
#include "harness/truth/apply.h"
#include "harness/truth/framing.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::truth {

/// One run that reported success, and what is needed to judge it.
struct Question {
  const std::vector<File>& files;  ///< those that were pending, in the order of their versions
  const Sent& sent;                ///< what one run showed of how they are sent
  const core::Snapshot& left;      ///< what the run left
  std::set<std::string> own_tables = {};  ///< where the runner records, as its tracker tells
  std::chrono::milliseconds statement_timeout{300'000};
  std::vector<std::string> unstable_columns = {};
  /// A database as it stood before the run. Called once, and once more for the calibration.
  std::function<std::unique_ptr<arena::Database>()> another;
};

/// What plain application left, kept so that a second question about the same files on the same
/// ground costs nothing.
struct Known {
  std::optional<Sent> sent = {};
  std::optional<core::Snapshot> plain = {}, calibration = {};
  std::vector<RowsChanged> rows = {};  ///< by file
};

struct Answer {
  core::Judgement judgement;
  std::vector<std::string> notes;
};

/// Findings: `not-applied`, `schema-differs-from-files`, `rows-missing`, `rows-added`,
/// `data-differs-from-files`, `error-swallowed`. Unknown if the files were not sent as written, or
/// cannot be applied plainly. The calibration runs only before a finding, and can only withdraw it.
/// Throws: Error when a database cannot be made or reached.
Answer judge(const Question& question, Known& known);

/// What a run left, with the values that the files leave by themselves under the conditions of a
/// calibration in place of its own, wherever both count the same rows: one more serial run, for
/// whoever compares runs. Nullopt if the files were not sent as written, or cannot be applied
/// plainly. Throws: Error.
std::optional<core::Snapshot> calibrated(const Question& question, Known& known);

/// Makes a database one in which what depends on transaction ids, OIDs or coarse times comes out
/// differently than in a run that began at `first_began`. Throws: Error.
void prepare_calibration(const arena::Database& database,
                         std::chrono::steady_clock::time_point first_began);

/// `002_backfill.up.sql changed 0 of 0 rows: not judged`, for all such files; empty if there is
/// none.
std::string unjudged_rows(const std::vector<RowsChanged>& rows, const std::vector<File>& files);

}  // namespace gauntlet::truth
