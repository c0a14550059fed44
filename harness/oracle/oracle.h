// An oracle is a pure function of what was seen: one property, one file, three verdicts.
#pragma once

#include "harness/core/history.h"
#include "harness/core/snapshot.h"
#include "harness/core/verdict.h"
#include "harness/oracle/file_statements.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::oracle {

/// How long a session waited for an ACCESS EXCLUSIVE lock while somebody else used the table.
struct TableWait {
  int backend_pid = 0;
  std::string table = {};
  std::chrono::milliseconds longest{0};
};

/// Everything that an oracle may look at. What was not observed is absent, and an oracle that needs
/// it answers unknown.
struct Observation {
  core::History history = {};
  std::optional<core::Snapshot> before = {}, after = {};
  /// What single serial runs on fresh databases leave: two of them.
  std::vector<core::Snapshot> serial = {};
  std::vector<core::AppliedRow> on_disk = {};
  std::optional<core::Applied> applied = {};
  std::string applied_missing = {};  ///< why `applied` is absent
  bool tracker_is_absent = false;    ///< there is no table that could be the tracker
  /// Tables that the runner made for itself beside its tracker, by bare name in lower case: what it
  /// logs there, once a run or once a replica, is no data of the migrations.
  std::set<std::string> own_tables = {};
  /// The versions as the bodies themselves journalled them, in the order in which they did.
  std::optional<std::vector<std::int64_t>> journal = {};
  std::size_t journal_before = 0;  ///< so many of them stood there before the run
  /// The table that the bodies journal into is not there, although a file on disk makes it.
  bool journal_is_absent = false;
  /// What hooks send, each on a session of its own beside the run's.
  std::vector<std::string> hooks = {};
  /// The migrations' texts: what else a replica writes, as its tracker, is no migration. Empty: not
  /// told, and every write counts.
  std::vector<std::string> bodies = {};
  /// The migrations that were not applied when the run began, by version; their texts.
  std::map<std::int64_t, std::string> pending = {};
  /// The migrations on disk, in order.
  std::vector<MigrationFile> files = {};
  /// Versions whose bodies were seen to be committed in an earlier run on the same database.
  std::set<std::int64_t> committed_before = {};
  /// The claim is that one session does it all; otherwise a lock that another session of the
  /// replica holds meanwhile is only worth a warning.
  bool one_session_is_claimed = false;
  /// Every replica was told to apply; none to go down, to look, or to repair.
  bool all_apply = false;
  /// Up to this position in the events every replica was kept from recording any of `pending`;
  /// absent: that is told by what they sent.
  std::optional<std::size_t> recording_held_until = {};
  /// So many replicas, the first, were told to apply all of `pending`; absent: each was.
  std::optional<std::size_t> appliers = {};
  /// The code that a failing replica must name; empty: any; absent: no failure is expected.
  std::optional<std::string> expected_error = {};
  std::optional<std::string> expected_warning = {};  ///< a text that every replica must say
  std::vector<int> success_codes = {0};  ///< codes that mean success, or "another one did it"
  /// A run that takes longer than this is stuck rather than slow; absent: cannot tell.
  std::optional<std::chrono::duration<double>> patience = {};
  /// Versions on disk that were not applied when the run began, below one that was.
  std::set<std::int64_t> late = {};
  /// Lock rows that were taken although nobody who could have taken them was alive.
  std::vector<core::LockRow> lock_rows = {};
  std::vector<TableWait> table_waits = {};  ///< looked for only where a bystander uses a table
};

struct Oracle {
  std::string_view id = {};
  std::string_view claim = {};  ///< one sentence: what holds
  core::Judgement (*judge)(const Observation&) = nullptr;
};

/// All oracles that a scenario can name, by id.
const std::vector<Oracle>& oracles();
/// Oracles that are asked after every run, whatever the scenario names. They judge only what they
/// have evidence of: without it they say nothing at all, never that something holds.
const std::vector<Oracle>& standing_oracles();
const Oracle& oracle(std::string_view id);  ///< asserts that it exists

/// Asks one oracle; an exception out of it is unknown, never a pass. Each finding names the oracle.
core::Judgement ask(const Oracle& oracle, const Observation& observation) noexcept;

}  // namespace gauntlet::oracle
