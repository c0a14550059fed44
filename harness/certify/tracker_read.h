// What a runner does where its tracker is there and cannot be read: a tracker that is taken for a
// missing one has every migration applied again. One thread, with which its runs die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/certify/certificate.h"
#include "harness/crash/prefixes.h"
#include "harness/fleet/subject_file.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::certify {

/// A run over a database where all is applied, whose every read of the tracker was refused.
struct TrackerReadRun {
  std::size_t refused = 0;  ///< reads
  bool ok = false;          ///< it ended with one of the subject's codes of success
  bool ended = false;       ///< it ended by itself, in time
  bool by_key = false;      ///< a unique key refused something that it wrote
  crash::Place after = {};
  std::size_t files = 0;
  std::string said = {};  ///< its last words
};
/// Pure.
Grade grade_of(std::string_view sqlstate, const TrackerReadRun& run);

/// One grade for each of 57014, 08006, 26000 and 42501.
/// Throws: Error `runner-failed`, `clean-run-differs`, of the arena, of a project.
std::vector<Grade> grade_tracker_reads(const fleet::SubjectFile& subject,
                                       const std::string& applied_query, arena::Arena& arena,
                                       const std::function<void(std::string_view)>& progress);

}  // namespace gauntlet::certify
