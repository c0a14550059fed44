// What a scenario's stages leave when one replica does each alone: what all concurrent runs are
// compared with. A call belongs to one thread.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/snapshot.h"
#include "harness/run/own_lock.h"
#include "harness/run/own_tracker.h"
#include "harness/run/program.h"
#include "harness/run/shown_alone.h"
#include "harness/run/stage_run.h"
#include "harness/run/stage_truth.h"
#include "harness/scenario/scenario.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::run {

/// By stage, two of each, from two databases: what differs between them is no run's fault.
struct Serial {
  std::vector<std::vector<core::Snapshot>> stages = {};
  std::string failure = {};  ///< why there is none; empty where there is
  /// Of a subject that failed alone, and not by the environment's fault, in a stage that demands
  /// success. Its history, and the stage.
  std::optional<core::Finding> failed_alone = {};
  core::History failed_history = {};
  std::size_t failed_stage = 0;
  /// Of a program that reported success alone and left something else than the files do: what, in
  /// `failed_stage` as `failed_history` shows.
  std::vector<core::Finding> not_as_files = {};
  /// What the files leave by themselves; null unless a program is the subject.
  std::shared_ptr<StageTruth> truth = {};
  std::vector<std::string> truth_notes = {};  ///< what of it was not judged
  /// Of a program that ended well and applied nothing of the first stage's files: what it was.
  std::string applied_nothing = {};
  std::vector<ShownAlone> shown = {};   ///< of a program, by stage, in the first run
  std::optional<int> failed_with = {};  ///< of a program that failed and ended by itself
  /// Of a program, by run: the advisory locks that it was seen to take, as arguments.
  std::vector<std::vector<std::string>> locks = {};
  /// Of a program that takes no advisory lock: how else it locks.
  std::optional<OwnLock> own_lock = {};
  std::vector<std::vector<int>> exits = {};  ///< of a program, by stage
  std::string refused = {};              ///< of a program: the first file that the server refused
  std::string refused_with = {};         ///< the SQLSTATE of that
  bool sent_files = false;               ///< of a program: statements of the files were seen
  bool names_schema_migrations = false;  ///< of a program: statements of it name that table
  bool writes_schema_migrations = false;
  bool records_names = false;    ///< of a program: its tracker has the files' names
  OwnTracker tracker = {};       ///< of a program
  bool gives_lock_back = false;  ///< of a program: by a statement, and not by its session's end
  /// Of a program: how often `down` was called until nothing was applied, by stage.
  std::map<std::size_t, std::int64_t> down_calls = {};

  /// The lock that a program takes in whatever database it is; nullopt where there is no such.
  std::optional<std::string> lock() const;
  bool took_none() const;  ///< no advisory one
};

/// By the reference runner, or by `program` (null: none). Of the options patience and delivery
/// count.
/// Never throws an Error: what cannot be run alone is told in `failure`.
Serial run_serially(const scenario::Scenario& scenario, const Program* program, arena::Arena& arena,
                    const StageOptions& options);

/// One copy of the program does all stages alone in `database`; what it showed is added to `shown`.
/// Throws: Error `no-serial-run`.
void run_program_through(const scenario::Scenario& scenario, const Program& program,
                         const arena::Database& database, const StageOptions& options,
                         Serial& shown);

}  // namespace gauntlet::run
