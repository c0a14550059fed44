// What the runs of a study say together: medians with their spread, ratios and slopes with their
// intervals. Pure, so safe on any thread.
#pragma once

#include "harness/bench/study.h"
#include "harness/figures/interval.h"
#include "harness/figures/line.h"

#include <optional>
#include <string>
#include <vector>

namespace gauntlet::bench {

/// Beyond this spread a row is called noisy.
constexpr double noisy_spread = 0.15;

/// Medians over the runs. They are told of a wrong row, too, but compared with nobody's.
struct RowFigures {
  figures::Summary makespan_ms = {};
  figures::Tail wait_ms = {};
  double fairness = 1, client_cpu_ms = 0;
  std::optional<double> server_cpu_ms = {};
  std::size_t wrong_runs = 0;
  std::string wrong = {};  ///< of the first of these
  /// Makespans, round by round; absent beside a wrong row, and for the other itself.
  std::optional<figures::Ratio> to_floor = {}, to_reference = {};
};
RowFigures figures_of(const Study& study, const Row& row);

/// What a ratio of a pair of rows allows to say.
enum class Told { faster, slower, no_difference, too_few_rounds, too_noisy };
/// `spread` is the larger one of the two rows.
Told told_by(const figures::Ratio& ratio, double spread);
std::string_view to_string(Told told);

/// How the makespan of one grows with the number of replicas, in one load at one distance.
struct Growth {
  Cell cell = {};  ///< its replicas are those of the largest fleet
  std::string who = {};
  Role role = Role::other;
  std::size_t from = 0;  ///< the smallest fleet that counts
  figures::Line line = {};
  std::optional<figures::Ratio> to_floor = {};  ///< slope by slope
};
/// Of fleets of 16 and more where there are three sizes of those, else of all; wrong rows and what
/// was measured at fewer than three sizes are left out.
std::vector<Growth> growths_of(const Study& study);

/// The reference beside the fastest other that was right, in one cell.
struct Lead {
  Cell cell = {};
  std::string who = {};       ///< that other
  figures::Ratio ratio = {};  ///< of the reference to it: above 1 it leads
};
/// Further behind than this the reference has something to explain.
constexpr double lead_max = 1.3;
/// Cell by cell; those are left out where the reference or every other one was wrong.
std::vector<Lead> leads_of(const Study& study);

/// True if both cells have one load at one distance, so that one table shows them.
bool is_in_one_table(const Cell& one, const Cell& other);

/// The cells of a study, in their order.
std::vector<Cell> cells_of(const Study& study);

}  // namespace gauntlet::bench
