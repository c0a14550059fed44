// Everybody is put into the same situations, taking turns in rounds: whatever else the machine does
// falls on all of them alike. Belongs to one thread.
#pragma once

#include "harness/bench/study.h"
#include "harness/core/history.h"
#include "harness/core/verdict.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::bench {

/// One fleet as it was seen; what became of it is judged already.
struct Seen {
  double makespan_ms = 0;
  std::vector<double> waits_ms = {};  ///< of those that have left, a replica each
  double client_cpu_ms = 0;
  std::optional<double> server_cpu_ms = {};
  core::Judgement judgement = {};
  bool has_ended = true;  ///< false: some were ended by us, their time being over
};

/// Whoever is measured: runs fleets.
class Contender {
 public:
  virtual ~Contender() = default;

  virtual std::string name() const = 0;
  virtual Role role() const = 0;

  /// One fleet of the cell, released together, until all have left. What it prepares and tidies up
  /// is not in its time. Throws: Error where that cannot be done.
  virtual Seen run(const Cell& cell) = 0;

  /// The same, every statement recorded and nothing timed; nullopt where nothing can be recorded.
  virtual std::optional<core::History> record(const Cell& cell) = 0;
};

struct MeasureOptions {
  std::vector<Cell> cells = {};  ///< of one load at one distance: the smaller fleets first
  std::size_t rounds = 9, warm_ups = 1;
  /// Called with what is done next.
  std::function<void(std::string_view)> progress = [](std::string_view) {};
  /// Called after each round, warm-ups included, with the rows so far: what a signal must not lose.
  std::function<void(const Cell&, const std::vector<Row>&)> after_round =
      [](const Cell&, const std::vector<Row>&) {};
};

/// One row for each contender and cell. One whose fleet did not end in time is not measured again
/// in that load, and its row says so. Throws: what a contender throws.
std::vector<Row> measure(const std::vector<std::unique_ptr<Contender>>& contenders,
                         const MeasureOptions& options);

/// The statements, round trips and lanes of a recorded fleet.
Counted counted_of(const core::History& history);

/// A point of time in words of ISO 8601, in UTC.
std::string now_text();
/// Cores, date and load as they are now, the program's version.
Facts facts_of_machine();
double load_now();

}  // namespace gauntlet::bench
