// What was measured, as values: who did what how often, how long it took, and whether it was
// right. Pure, so safe on any thread.
#pragma once

#include "harness/core/report.h"
#include "harness/figures/quantiles.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::bench {

/// One situation that everybody is put into.
struct Cell {
  std::string load = {};  ///< what there is to do: `nothing pending`, `5 pending`
  std::size_t replicas = 1;
  double round_trip_ms = 0;  ///< added to each round trip

  friend bool operator==(const Cell&, const Cell&) = default;
};

/// One fleet released together, until its last replica had left. A replica's wait is the time from
/// the release until it has left.
struct Run {
  double makespan_ms = 0;
  figures::Tail wait_ms = {};
  double fairness = 1;  ///< Jain's index of the waits
  double client_cpu_ms = 0;
  std::optional<double> server_cpu_ms = {};  ///< of a server of ours
  std::string wrong = {};                    ///< what it did wrong; empty: nothing that was seen
};

/// What one replica did, on the clock of its fleet.
struct Span {
  double from_ms = 0, until_ms = 0;
  std::string what = {};  ///< `connected`, `wait`, or the beginning of a statement
};
struct Lane {
  double left_ms = 0;
  std::vector<Span> spans = {};
  /// While it held an advisory lock for longer than one message; `what` is the lock's key.
  std::vector<Span> held = {};
};

/// A run whose statements were counted, and which was not timed for that.
struct Counted {
  double statements = 0, round_trips = 0;  ///< a replica; connecting is not counted
  std::vector<Lane> lanes = {};            ///< of the replicas, those that left first in front
};

enum class Role {
  floor,      ///< does the least there is to do, and no migrations
  reference,  ///< the runner of this project
  other,
};

/// All runs of one in one cell. Run k belongs to round k, which all rows of a cell share.
struct Row {
  Cell cell = {};
  std::string who = {};
  Role role = Role::other;
  std::vector<Run> runs = {};
  std::vector<double> waits_ms = {};  ///< of one run in the middle: sorted, at most 33 points
  std::optional<Counted> counted = {};
  std::string unsure = {};  ///< why it is not known to be right, or was measured less
};

struct Facts {
  core::ServerFacts server = {};
  std::size_t cores = 0;
  double load_before = 0, load_after = 0;  ///< the machine's, over one minute
  std::size_t rounds = 0;
  std::string command = {};  ///< that measures it again
  std::string date = {};     ///< `2026-07-01T12:00:00Z`
  std::string version = {};  ///< of the program that measured
};

struct Study {
  std::string title = {};
  Facts facts = {};
  std::vector<Row> rows = {};  ///< cell by cell, in the order in which they were measured
};

}  // namespace gauntlet::bench
