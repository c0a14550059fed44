// What one copy of a program shows when nobody is beside it. Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"
#include "harness/oracle/file_statements.h"

#include <cstddef>
#include <vector>

namespace gauntlet::run {

/// What a program showed in one stage that one copy did alone. What it does not show even then is
/// no reason for doubt about a race.
struct ShownAlone {
  bool took_lock = false;        ///< an advisory one
  bool held_lock = false;        ///< from one message to a later one
  bool read_tracker = false;     ///< its tracker could be read afterwards
  bool sent_files = false;       ///< statements of the files were recognised among what it sent
  bool sent_as_written = false;  ///< `success-means-done` could be judged by them
  /// It ended well, although files were to be applied, and committed nothing of them: what it left
  /// is nothing to compare with.
  bool is_no_yardstick = false;
  std::size_t sessions = 0;  ///< most that it had open at once
};

/// All of it but what its tracker and the other stages tell.
ShownAlone shown_by(const core::History& history, const std::vector<oracle::MigrationFile>& files);

/// A statement of the files was committed, or may have been.
bool commits_any(const core::History& history, const std::vector<oracle::MigrationFile>& files);

}  // namespace gauntlet::run
