// The applied set beside the migrations on disk: what is pending, and what forbids to go on. Pure.
// Any thread may call.
#pragma once

#include "runner/values/error.h"
#include "runner/values/migration.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// One row of the tracker.
struct AppliedRow {
  Version version;
  std::string name;
  std::optional<std::string> checksum;  ///< null where none was recorded: never compared
  std::string applied_at;               ///< RFC 3339, UTC
};

/// A migration that runs outside a transaction has begun and is not recorded yet.
struct Mark {
  Version version;
  std::string name;
  std::optional<std::string> checksum;
  std::string started_at;  ///< RFC 3339, UTC
  /// The statement that was running, from 1; past the last: all ran. 0 of 0: the file was sent as a
  /// whole, and no statement is known.
  int statement_index = 1;
  int statements = 1;
  int backend_pid = 0;  ///< 0: the server refused the statement, and nothing of it remains

  bool is_whole_file() const { return statements == 0; }
  bool was_refused() const { return backend_pid == 0; }
};

/// In place of the number of the statement to go on with: only record.
constexpr int resume_at_end = std::numeric_limits<int>::max();

/// `statement 2 of 3`: how far it came.
std::string progress_of(const Mark& mark);

/// `begun 2026-11-30T08:00:00Z by server process 4711`.
std::string begun_by(const Mark& mark, const std::string& process_noun);

/// What the database says about itself, in one read; in no order.
struct AppliedSet {
  std::vector<AppliedRow> rows;
  std::vector<Mark> marks;
};

/// One version, on disk or in the database or both.
struct Entry {
  enum class State { applied, pending, unknown, renamed, edited, in_progress };

  Version version;
  std::string name = {};           ///< on disk; for `unknown` as applied
  std::string recorded_name = {};  ///< as applied; empty while pending
  State state = State::pending;
  std::string recorded_checksum = {};  ///< empty where none was recorded
  std::string applied_at = {};         ///< RFC 3339, UTC; empty while pending
  std::string progress = {};           ///< `statement 2 of 3` of an in-progress migration
};

std::string to_string(Entry::State state);

/// How strictly the two are compared.
struct PlanPolicy {
  enum class Checksums { verify, ignore };
  enum class Unknown { report, refuse };

  Checksums checksums = Checksums::verify;
  Unknown unknown = Unknown::report;  ///< what to do about a version applied but not on disk
  std::string tracker;                ///< the table, quoted for SQL: remedies name it
};

/// Every version of either side, ascending.
std::vector<Entry> compare(const std::vector<Migration>& available, const AppliedSet& applied,
                           PlanPolicy::Checksums checksums);

struct Plan {
  std::vector<const Migration*> pending;  ///< to run, ascending; they belong to the caller's list
  std::vector<Mark> in_progress;   ///< of those on disk, begun and not recorded: running, or died
  std::vector<Error> problems;     ///< with any, nothing may run
  std::vector<std::string> notes;  ///< reported, never in the way
};

/// A version is pending if it is on disk and not in the applied set, whatever else is applied.
/// Problems: `renamed`, `edited-after-apply`, `unknown-applied` (only if the policy refuses it).
Plan make_plan(const std::vector<Migration>& available, const AppliedSet& applied,
               const PlanPolicy& policy);

/// Throws one Error that names every problem; does nothing without any.
void refuse_problems(const Plan& plan);

}  // namespace gauntlet::runner
