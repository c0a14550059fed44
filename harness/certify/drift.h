// What a runner does where its folder no longer fits what it has applied: a file that was edited,
// one that is gone, and one that appears below the newest. One thread, with which its runs die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/certify/certificate.h"
#include "harness/fleet/subject_file.h"

#include <functional>
#include <string_view>
#include <vector>

namespace gauntlet::certify {

/// Three grades: `edited`, `removed`, `hole`, each on a database of its own.
/// Throws: Error of the arena, of a project, `cannot-start`.
std::vector<Grade> grade_drift(const fleet::SubjectFile& subject, arena::Arena& arena,
                               const std::function<void(std::string_view)>& progress);

}  // namespace gauntlet::certify
