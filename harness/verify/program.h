// A program in the place of the reference runner's threads: what can be asked of it, what it shows
// when it runs alone, and a stage of it. Its copies stand behind the wire door, where every
// statement is seen. A call belongs to one thread, with which the program's copies die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/subject_file.h"
#include "harness/scenario/scenario.h"
#include "harness/verify/stage_run.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::verify {

struct Serial;

struct Program {
  fleet::Subject subject;
  std::string tracker = {};  ///< query that gives version[, name]; empty: recognised
  /// Are lock and tracker told to it by `--lock-key` and `--table`, as to gauntlet-migrate?
  enum class Told { nothing, key_and_table };
  Told told = Told::nothing;
  bool has_marker = true;                ///< it knows `-- gauntlet: no-transaction`
  std::vector<std::string> status = {};  ///< the command that tells what is applied; empty: none
  /// How the project that it reads is made; absent: it reads NNN_name.up.sql.
  std::optional<fleet::SubjectFile> project = {};
};

/// Why `scenario` cannot be asked of `program`; empty where it can.
std::string objection(const scenario::Scenario& scenario, const Program& program);

/// Does somebody else hold the program's lock in it?
bool wants_lock(const scenario::Scenario& scenario);
/// The same, once the program was seen to run alone.
std::string objection_to_lock(const scenario::Scenario& scenario, const Program& program,
                              const Serial& serial);

/// The stage as it is asked of a program: without what belongs to the reference runner alone.
scenario::Stage asked_of_program(const scenario::Stage& stage);

/// What one copy showed that did a stage alone.
struct Alone {
  std::string failure = {};  ///< what it said if it failed
  std::optional<int> exit_code = {};
  std::vector<std::string> locks = {};  ///< advisory, as arguments of pg_advisory_lock
};
Alone run_program_alone(const scenario::Stage& stage, const runner::Listing& listing,
                        const Program& program, const arena::Database& database,
                        const StageOptions& options);

/// All copies of the stage. They count as gathered where their first statements stood at the gate
/// together; two are enough, since what a program does before it asks is its own. `lock` is what
/// somebody else holds, as arguments of pg_advisory_lock, where the stage wants it.
StageSeen run_program_stage(const scenario::Stage& stage, const runner::Listing& listing,
                            const Program& program, const arena::Database& database,
                            const StageOptions& options, const std::string& lock);

}  // namespace gauntlet::verify
