// What a migration that needs a whole table comes to where a session has read that table and stays:
// how long others stand behind it, and whether it gives up, tries again and later succeeds.
// One thread, with which its runs die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/certify/certificate.h"
#include "harness/fleet/subject_file.h"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::certify {

/// The reader keeps its transaction open for so long.
constexpr std::chrono::milliseconds reader_window{3'000};
/// Others that stand for less are not worth a word.
constexpr std::chrono::milliseconds others_wait_max{1'000};

struct LongReaderRun {
  bool ended_before = false;  ///< before the reader let go
  bool ended = false;         ///< by itself, in time
  bool ok = false;            ///< with one of the subject's codes of success
  bool is_applied = false;    ///< the migration has had its effect when the run had ended
  bool later_ok = false;      ///< a run after the reader had gone succeeded, and it has its effect
  std::size_t tries = 0;      ///< so often the statement was sent
  std::chrono::milliseconds others_waited{0};  ///< longest time of another session's read
  std::string said = {};                       ///< last words
};
/// Pure.
Grade grade_of(const LongReaderRun& run);

/// Throws: Error of the arena, of a project, `cannot-start`.
Grade grade_long_reader(const fleet::SubjectFile& subject, arena::Arena& arena,
                        const std::function<void(std::string_view)>& progress);

}  // namespace gauntlet::certify
