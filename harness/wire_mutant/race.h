// Every mutant of one runner, raced and graded. One thread, with which the copies die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/fleet/subject_file.h"
#include "harness/wire_mutant/changes.h"
#include "harness/wire_mutant/grade.h"
#include "harness/wire_mutant/mutants.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire_mutant {

struct RaceAsked {
  fleet::SubjectFile subject;
  std::string applied_query = {};
  std::size_t replicas = 4;
  bool mutants = true;                      ///< each mutant is raced
  std::vector<std::string_view> only = {};  ///< names of mutants: those; empty: all
  bool as_it_is = false;                    ///< the runner without a flaw is raced, too
  bool pooler = false;                      ///< likewise, behind poolers in transaction mode
};

struct MutantResult {
  WireMutant mutant = {};
  Graded graded = {};
  double seconds = 0;
};

struct RunnerGrades {
  std::string runner = {};
  std::vector<std::string> locks = {};  ///< what the clean run showed, a line each
  std::vector<MutantResult> results = {};
  /// Without a flaw: `not-needed` where everything is there once and every copy succeeded. Absent
  /// where nobody asked.
  std::optional<Graded> as_it_is = {}, behind_pooler = {};
  /// Likewise where each transaction of a copy runs on another server session, as any pooler in
  /// transaction mode may have it.
  std::optional<Graded> on_other_sessions = {};
  /// Alone, where the server says of its lock that it was not held: `self-checked` if it minds,
  /// `not-needed` if it ends with success, `no-lock` if it gives no lock back. Absent where only
  /// some mutants were asked for.
  std::optional<Graded> denied_unlock = {};
  std::vector<std::string> notes = {};
  Known known = {};  ///< what change() needs to know of the runner
};

/// On the built-in migrations that only add rows, the first of them applied beforehand.
/// Throws: Error `runner-failed`, `clean-run-differs`, of the arena, of a project.
RunnerGrades grade_runner(const RaceAsked& asked, arena::Arena& arena,
                          const std::function<void(std::string_view)>& progress);

}  // namespace gauntlet::wire_mutant
