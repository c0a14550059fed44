// What is measured and what it is measured against, taking turns in rounds: whatever else the
// machine does falls on all of them alike, and a ratio of one run means something where a time does
// not. Belongs to one thread.
#pragma once

#include "harness/figures/interval.h"
#include "harness/figures/quantiles.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace gauntlet::benchmarks {

/// One round of something; prepares and tidies up outside of what it counts.
/// Returns: milliseconds, unless the comparison has another unit.
struct Timed {
  std::string name;
  std::function<double()> once;
};

struct Floor {
  Timed timed;
  std::optional<double> goal = {};  ///< ours is at most so many times this floor
};

struct Comparison {
  std::string title;
  Timed ours;
  std::vector<Floor> floors;
  std::optional<double> goal = {};  ///< ours is at most so much, whatever the floors
  std::string unit = "ms";
};

using figures::Summary;
using figures::summary_of;

/// All rounds of a comparison: figures[0] are ours, the others' follow in the floors' order.
struct Measured {
  std::vector<std::vector<double>> figures;
  double load = 0;  ///< the machine's, over the last minute, when the rounds ended

  std::size_t rounds() const { return figures.front().size(); }
  /// The median of the rounds' own ratios, and its interval where there are rounds enough.
  figures::Ratio ratio_to(std::size_t floor) const;
};

/// What a person reads of it: value, floor, ratio, goal.
std::string table_of(const Comparison& comparison, const Measured& measured);

/// How much of everything: what a goal speaks of (`--full`), what a few minutes allow, or just
/// enough to see that the program works (`--quick`).
class Scale {
 public:
  enum class Of { full, usual, quick };
  explicit Scale(Of of) : of_(of) {}
  int rounds() const { return of(9, 9, 1); }
  int warm_ups() const { return of(1, 1, 0); }
  int of(int full, int usual, int quick) const {
    if (of_ == Of::full) return full;
    return of_ == Of::usual ? usual : quick;
  }

 private:
  Of of_;
};

/// What a benchmark program measures. One is declared at namespace scope for each table.
class Thing {
 public:
  using Prepare = std::function<Comparison(const Scale&)>;

  /// `prepare` starts what the rounds need; the comparison's functions keep it alive.
  Thing(std::string id, Prepare prepare);

  const std::string& id() const { return id_; }
  /// Warms up, then one round for each iteration; prints the table and sets counters.
  void measure(benchmark::State& state, const Scale& scale) const;

  static const std::vector<const Thing*>& all();

 private:
  std::string id_;
  Prepare prepare_;
};

}  // namespace gauntlet::benchmarks
