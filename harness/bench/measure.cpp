#include "harness/bench/measure.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <set>
#include <thread>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace gauntlet::bench {

namespace {

// Of more replicas nobody looks through what each of them did.
constexpr std::size_t curve_points = 33, lanes_max = 32;

std::string words_of(const core::Judgement& judgement) {
  if (judgement.findings.empty()) return judgement.reason;
  const std::size_t more = judgement.findings.size() - 1;
  return judgement.findings.front().message +
         (more > 0 ? fmt::format(" (and {} more)", more) : std::string());
}

// To microseconds, as files have them: what is told again must be what was told.
double rounded(double figure) { return std::round(figure * 1e3) / 1e3; }

Run run_of(const Seen& seen) {
  const figures::Tail wait = figures::tail_of(seen.waits_ms);
  Run run{.makespan_ms = rounded(seen.makespan_ms),
          .wait_ms = {.p50 = rounded(wait.p50),
                      .p90 = rounded(wait.p90),
                      .p99 = rounded(wait.p99),
                      .most = rounded(wait.most)},
          .fairness = rounded(figures::jain_index(seen.waits_ms)),
          .client_cpu_ms = rounded(seen.client_cpu_ms)};
  if (seen.server_cpu_ms) run.server_cpu_ms = rounded(*seen.server_cpu_ms);
  if (seen.judgement.verdict == core::Verdict::violated) run.wrong = words_of(seen.judgement);
  return run;
}

/// The waits of the run whose makespan is the middle one.
std::vector<double> waits_in_the_middle(std::vector<Seen> seen) {
  if (seen.empty()) return {};
  const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 2);
  std::ranges::nth_element(seen, middle, {}, &Seen::makespan_ms);
  return figures::curve_of(middle->waits_ms, curve_points);
}

class Measuring {
 public:
  Measuring(const std::vector<std::unique_ptr<Contender>>& contenders,
            const MeasureOptions& options)
      : contenders_(contenders), options_(options) {}

  std::vector<Row> measure() {
    for (const Cell& cell : options_.cells) measure(cell);
    return std::move(rows_);
  }

 private:
  void measure(const Cell& cell) {
    const std::size_t first = rows_.size();
    seen_.assign(contenders_.size(), {});
    for (const auto& contender : contenders_) {
      rows_.push_back({.cell = cell, .who = contender->name(), .role = contender->role()});
      if (has_given_up(*contender, cell))
        rows_.back().unsure = "a smaller fleet did not end in time";
    }
    for (std::size_t round = 0; round < options_.warm_ups; ++round) run_round(cell, first, round);
    for (std::size_t index = 0; index < contenders_.size(); ++index) {
      rows_[first + index].runs.clear();
      seen_[index].clear();
    }
    for (std::size_t round = 0; round < options_.rounds; ++round) run_round(cell, first, round);
    for (std::size_t index = 0; index < contenders_.size(); ++index) {
      rows_[first + index].waits_ms = waits_in_the_middle(std::move(seen_[index]));
      count(*contenders_[index], cell, rows_[first + index]);
    }
  }

  // Each round begins with another one, so that nobody always runs in the same one's wake.
  void run_round(const Cell& cell, std::size_t first, std::size_t round) {
    options_.progress(fmt::format("{}, {} replicas, {:g} ms a round trip: round {} of {}",
                                  cell.load, cell.replicas, cell.round_trip_ms, round + 1,
                                  options_.rounds));
    for (std::size_t step = 0; step < contenders_.size(); ++step) {
      const std::size_t index = (round + step) % contenders_.size();
      Contender& contender = *contenders_[index];
      Row& row = rows_[first + index];
      if (has_given_up(contender, cell)) continue;
      Seen seen = contender.run(cell);
      row.runs.push_back(run_of(seen));
      if (seen.judgement.verdict == core::Verdict::unknown) row.unsure = words_of(seen.judgement);
      if (!seen.has_ended) {
        row.runs.back().wrong = "it did not end in time; " + row.runs.back().wrong;
        row.unsure = "it did not end in time, and was not measured again";
        given_up_.insert({contender.name(), cell.load, cell.round_trip_ms});
      }
      seen_[index].push_back(std::move(seen));
    }
    options_.after_round(cell, rows_);
  }

  void count(Contender& contender, const Cell& cell, Row& row) {
    if (row.runs.empty() || has_given_up(contender, cell)) return;
    if (const auto history = contender.record(cell)) row.counted = counted_of(*history);
    if (!row.counted) return;
    if (cell.replicas > lanes_max) row.counted->lanes.clear();
    // What each did is kept of the largest fleet alone: a picture has room for one.
    for (Row& smaller : rows_) {
      if (smaller.counted && smaller.who == row.who && smaller.cell.replicas < cell.replicas &&
          cell.replicas <= lanes_max)
        smaller.counted->lanes.clear();
    }
  }

  bool has_given_up(const Contender& contender, const Cell& cell) const {
    return given_up_.contains({contender.name(), cell.load, cell.round_trip_ms});
  }

  const std::vector<std::unique_ptr<Contender>>& contenders_;
  const MeasureOptions& options_;
  std::vector<Row> rows_ = {};
  std::vector<std::vector<Seen>> seen_ = {};  ///< of this cell, by contender
  std::set<std::tuple<std::string, std::string, double>> given_up_ = {};
};

}  // namespace

std::vector<Row> measure(const std::vector<std::unique_ptr<Contender>>& contenders,
                         const MeasureOptions& options) {
  return Measuring(contenders, options).measure();
}

std::string now_text() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

double load_now() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

Facts facts_of_machine() {
  return {.cores = std::thread::hardware_concurrency(),
          .load_before = load_now(),
          .date = now_text(),
          .version = GAUNTLET_VERSION};
}

}  // namespace gauntlet::bench
