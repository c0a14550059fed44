// A runner's run on a SQLite file beside what the files leave there by themselves. Works in
// throwaway files, on the caller's thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"
#include "harness/verify/check.h"
#include "harness/verify/sqlite_plain.h"
#include "harness/verify/truth_of.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gauntlet::verify {

/// One run that reported success.
struct FileRun {
  std::vector<const runner::Migration*> pending;  ///< that the run had to apply
  MakeDatabase another;                           ///< a file as it stood before the run
  core::Snapshot before = {}, after = {};
  RowCounts dangling_before = {}, dangling_after = {};
  std::set<std::string> own_tables = {};  ///< where the runner records
  /// Steps that the runner has as code: what the files leave is then not what it should leave.
  std::vector<std::string> code_steps = {};
};

struct FileTruth {
  core::Judgement judgement;
  std::vector<std::string> notes;
};

FileTruth hold_to_sqlite_files(const Context& context, const FileRun& run);

/// The versions that gauntlet-migrate's tracker in the file holds without a checksum and the folder
/// does not: migrations that the runner has as code. `3 (backfill_totals)`.
std::vector<std::string> code_steps_in(const arena::Address& file, const core::Applied& applied,
                                       const runner::Listing& listing);

/// `applied` without those rows.
core::Applied without_code_steps(core::Applied applied, const arena::Address& file,
                                 const runner::Listing& listing);

}  // namespace gauntlet::verify
