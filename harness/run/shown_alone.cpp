#include "harness/run/shown_alone.h"

#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/guilt.h"
#include "harness/oracle/oracle.h"

#include <algorithm>

namespace gauntlet::run {

ShownAlone shown_by(const core::History& history, const std::vector<oracle::MigrationFile>& files) {
  ShownAlone shown{.sessions = oracle::most_sessions_of_one(history)};
  for (const oracle::Holding& holding : oracle::lock_story(history).holdings) {
    shown.took_lock = true;
    shown.held_lock = shown.held_lock || !holding.is_momentary();
  }
  shown.sent_files = !oracle::FileStatements(history, files).all().empty();
  oracle::Observation seen{.history = history};
  for (const oracle::MigrationFile& file : files) seen.pending.emplace(file.version, file.sql);
  shown.sent_as_written =
      oracle::ask(oracle::oracle("success-means-done"), seen).verdict != core::Verdict::unknown;
  return shown;
}

bool commits_any(const core::History& history, const std::vector<oracle::MigrationFile>& files) {
  const oracle::FileStatements statements(history, files);
  return std::ranges::any_of(statements.all(), [](const auto& each) {
    return each.fate == oracle::Fate::committed || each.fate == oracle::Fate::in_doubt;
  });
}

}  // namespace gauntlet::run
