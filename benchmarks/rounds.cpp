#include "benchmarks/rounds.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::benchmarks {

namespace {

std::vector<const Thing*>& things() {
  static std::vector<const Thing*> all;
  return all;
}

// Each round begins with another one, so that nobody always runs in the same one's wake.
void run_round(const Comparison& comparison, std::size_t round, Measured& measured) {
  const std::size_t count = comparison.floors.size() + 1;
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t index = (round + step) % count;
    const Timed& timed = index == 0 ? comparison.ours : comparison.floors[index - 1].timed;
    measured.figures[index].push_back(timed.once());
  }
}

double load_now() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

const char* judged(bool met) { return met ? "met" : "MISSED"; }

std::string figure_text(const std::string& name, const std::vector<double>& figures,
                        const std::string& unit) {
  const Summary summary = summary_of(figures);
  return fmt::format("  {:<46} {:>9.2f} {} ±{:>3.0f} %", name, summary.median, unit,
                     summary.spread * 100);
}

void set_counters(benchmark::State& state, const Comparison& comparison, const Measured& measured) {
  state.counters["load"] = measured.load;
  state.counters["median_" + comparison.unit] = summary_of(measured.figures[0]).median;
  for (std::size_t floor = 0; floor < comparison.floors.size(); ++floor) {
    state.counters[fmt::format("floor{}_{}", floor + 1, comparison.unit)] =
        summary_of(measured.figures[floor + 1]).median;
    state.counters[fmt::format("x_floor{}", floor + 1)] = measured.ratio_to(floor).median;
  }
}

}  // namespace

figures::Ratio Measured::ratio_to(std::size_t floor) const {
  return figures::ratio_of(figures[0], figures[floor + 1]).value_or(figures::Ratio{});
}

std::string table_of(const Comparison& comparison, const Measured& measured) {
  std::string text =
      fmt::format("{}\n{}", comparison.title,
                  figure_text(comparison.ours.name, measured.figures[0], comparison.unit));
  if (comparison.goal) {
    const bool met = summary_of(measured.figures[0]).median <= *comparison.goal;
    text += fmt::format("                 goal {:>4.0f} {}  {}", *comparison.goal, comparison.unit,
                        judged(met));
  }
  for (std::size_t index = 0; index < comparison.floors.size(); ++index) {
    const Floor& floor = comparison.floors[index];
    const figures::Ratio ratio = measured.ratio_to(index);
    text += fmt::format("\n{}   x {:>5.2f}",
                        figure_text(floor.timed.name, measured.figures[index + 1], comparison.unit),
                        ratio.median);
    if (ratio.interval)
      text += fmt::format(" [{:.2f}, {:.2f}]", ratio.interval->low, ratio.interval->high);
    if (floor.goal)
      text += fmt::format("   goal x {:.2f}  {}", *floor.goal, judged(ratio.median <= *floor.goal));
  }
  return text +
         fmt::format("\n  medians of {} rounds; load {:.1f}\n\n", measured.rounds(), measured.load);
}

Thing::Thing(std::string id, Prepare prepare) : id_(std::move(id)), prepare_(std::move(prepare)) {
  things().push_back(this);
}

const std::vector<const Thing*>& Thing::all() { return things(); }

void Thing::measure(benchmark::State& state, const Scale& scale) const {
  try {
    const Comparison comparison = prepare_(scale);
    Measured measured;
    measured.figures.resize(comparison.floors.size() + 1);
    Measured warm_up = measured;
    for (int round = 0; round < scale.warm_ups(); ++round) run_round(comparison, 0, warm_up);
    for (std::size_t round = 0; state.KeepRunning(); ++round) {
      run_round(comparison, round, measured);
      state.SetIterationTime(measured.figures[0].back() / 1e3);
    }
    measured.load = load_now();
    set_counters(state, comparison, measured);
    std::fputs(table_of(comparison, measured).c_str(), stdout);
    std::fflush(stdout);
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

}  // namespace gauntlet::benchmarks
