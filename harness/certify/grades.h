// What a sweep and a race came to, as grades. Pure.
#pragma once

#include "harness/certify/certificate.h"
#include "harness/crash/outcome.h"
#include "harness/wire_mutant/race.h"

#include <string>
#include <vector>

namespace gauntlet::certify {

/// One cell of a sweep.
struct CrashCell {
  crash::Judged judged = {};
  bool outside_transaction = false;
  std::string name = {};    ///< `cut-after at the COMMIT of version 3`
  std::string replay = {};  ///< the command that repeats it
};

/// `in-transaction` and, where there are such cells, `outside-transaction`: the worst outcome.
std::vector<Grade> crash_grades(const std::vector<CrashCell>& cells);

/// One grade a mutant on the wire, and `unlock-false`: does it mind that the server says that its
/// lock was not held?
std::vector<Grade> lock_grades(const wire_mutant::RunnerGrades& grades);

/// Copies as they are, together: `exactly-once`, `copies-stop`, `backed-by-constraint`,
/// `applied-twice`, `lost`. Behind a pooler nothing is harm: few tools promise to work there.
Grade race_grade(Area area, std::string what, const wire_mutant::Graded& graded);

}  // namespace gauntlet::certify
