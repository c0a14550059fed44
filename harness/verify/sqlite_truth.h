// A runner's run on a SQLite file beside what the files leave there by themselves. Works in
// throwaway files, on the caller's thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"
#include "harness/verify/check.h"
#include "harness/verify/sqlite_code_steps.h"
#include "harness/verify/sqlite_plain.h"
#include "harness/verify/truth_of.h"

#include <functional>
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
  /// Steps that the run applied and that the runner has as code, by ascending version.
  std::vector<CodeStep> code_steps = {};
  /// The runner once on a file: why that failed, or empty; for steps that are code.
  std::function<std::string(const arena::Database&)> run_once = {};
  const arena::Database* ended = nullptr;  ///< what the run left, which stays as it is
};

struct FileTruth {
  core::Judgement judgement;
  std::vector<std::string> notes;
};

FileTruth hold_to_sqlite_files(const Context& context, const FileRun& run);

}  // namespace gauntlet::verify
