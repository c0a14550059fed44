// Steps that a runner has as code, on a SQLite file: only the runner can do them. Each is run by
// the runner alone, on a file whose tracker says that every other step is applied, so that the
// files before and behind it are still judged. Works in throwaway files, on the caller's thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/history.h"
#include "harness/core/snapshot.h"
#include "runner/source/source.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gauntlet::verify {

struct CodeStep {
  std::int64_t version = 0;
  std::string name = {};
};
std::string to_string(const CodeStep& step);  ///< `3 (backfill_totals)`

/// The versions that gauntlet-migrate's tracker in the file holds without a checksum and the folder
/// does not.
std::vector<CodeStep> code_steps_in(const arena::Address& file, const core::Applied& applied,
                                    const runner::Listing& listing);
/// Those of `steps` that the tracker in `before` does not hold yet, in ascending order.
std::vector<CodeStep> steps_not_in(const arena::Address& before, std::vector<CodeStep> steps);

/// `applied` without the steps that are code.
core::Applied without_code_steps(core::Applied applied, const arena::Address& file,
                                 const runner::Listing& listing);

/// Runs one code step alone; see at the top.
class CodeStepRunner {
 public:
  /// `ended`: the file that the runner's own run left. `run`: runs the runner on a file once, and
  /// returns why that failed; empty: it reported success. `ended` must not change meanwhile.
  CodeStepRunner(arena::Address ended, std::function<std::string(const arena::Database&)> run)
      : ended_(std::move(ended)), run_(std::move(run)) {}

  /// Why the step did not run alone, in words; empty: it did, and the runner recorded it.
  std::string run(const CodeStep& step, const arena::Database& database) const;

 private:
  arena::Address ended_;
  std::function<std::string(const arena::Database&)> run_;
};

}  // namespace gauntlet::verify
