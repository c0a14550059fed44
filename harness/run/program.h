// A program in the place of the reference runner's threads, and what can be asked of it. Pure, so
// safe on any thread.
#pragma once

#include "harness/core/step.h"
#include "harness/fleet/subject_file.h"
#include "harness/run/own_tracker.h"
#include "harness/scenario/scenario.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::run {

struct Serial;

struct Program {
  fleet::Subject subject;
  std::string applied_query = {};  ///< query that gives version[, name]; empty: recognised
  /// Are lock and tracker told to it by `--lock-key` and `--table`, as to gauntlet-migrate?
  enum class Told { nothing, key_and_table };
  Told told = Told::nothing;
  std::vector<std::string> status = {};  ///< the command that tells what is applied; empty: none
  std::vector<std::string> down = {};    ///< the command that undoes the newest; empty: none
  /// How the project that it reads is made; absent: it reads NNN_name.up.sql.
  std::optional<fleet::SubjectFile> project = {};
  /// What becomes of a step of its copies on the wire: a mutant of it. Empty: nothing. Any thread.
  std::function<std::optional<core::Ruling>(const core::Step&)> change = {};
  /// Which table it records in. Empty: that is not known.
  RecogniseTracker recognise_tracker = {};
};

/// Why `scenario` cannot be asked of `program`; empty where it can.
std::string objection(const scenario::Scenario& scenario, const Program& program);

/// Does somebody else hold the program's lock in it?
bool wants_lock(const scenario::Scenario& scenario, const Program& program);
/// The same, once the program was seen to run alone.
std::string objection_once_seen(const scenario::Scenario& scenario, const Program& program,
                                const Serial& alone);

/// The scenario as it is asked of a program: without the stages that only the reference runner has
/// commands for.
scenario::Scenario asked_of_program(const scenario::Scenario& scenario, const Program& program);
/// A stage of the scenario as it is asked of a program: without what belongs to the reference
/// runner alone.
scenario::Stage asked_of_program(const scenario::Scenario& scenario, const scenario::Stage& stage,
                                 const Program& program);

}  // namespace gauntlet::run
