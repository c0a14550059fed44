// One cell of the matrix: a fresh database, one harm at one point, one rerun at once (or a second
// replica that came before the harm), and one after the harmed run's session has left the server.
// If nothing of the harmed run was left when the first rerun came, and that completed everything,
// there is no second. A cell belongs to one thread, with which its processes die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/crash/points.h"
#include "harness/crash/prefixes.h"
#include "harness/fault/harm.h"
#include "harness/fleet/fleet.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace gauntlet::crash {

struct RunSeen {
  core::History history = {};
  std::optional<int> exit_code = {};
  bool was_ended = false;  ///< by us, because it did not end in time
  bool ok = false;         ///< it ended with one of the subject's codes of success
  /// Where the database stood after it, if it ended with exit 0 and more was to come.
  std::optional<Place> after = {};

  std::string said() const;
};

struct CellSeen {
  bool fired = false;        ///< the step came, and the harm was done
  bool was_running = false;  ///< of a harm to a running statement: the server was seen to run it
  bool left = false;         ///< the harmed run's session has left pg_stat_activity in time
  bool has_second = false;   ///< `rerun` is a second replica, which waited before the harm came
  RunSeen harmed = {}, rerun = {}, last = {};
  Place after = {};
  std::optional<core::Applied> applied = {};
  std::string applied_missing = {};
};

struct CellAsked {
  arena::Arena& arena;
  const fleet::Subject& subject;
  const std::filesystem::path& migrations;
  Prefixes& prefixes;
  std::size_t files = 0;
  std::size_t replicas = 1;  ///< 2: another one comes while the first stands at the point
  std::string applied_query = {}, tool = {};
  /// Is everything there, and does the tracker say so? Empty: that cannot be known.
  std::function<bool(const Place&, const std::optional<core::Applied>&)> is_done = {};
  std::chrono::milliseconds patience{60'000};  ///< of one run
};

/// Throws: Error of the arena, `cannot-start`.
CellSeen run_cell(const CellAsked& asked, const Point& point, const fault::Harm& harm);

}  // namespace gauntlet::crash
