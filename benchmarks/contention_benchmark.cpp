// What each way of taking turns costs as replicas grow: threads of one process, so that the lock is
// measured and not the start of programs.
//   contention_benchmark [--quick|--full] [--json FILE] [--html FILE] [Google Benchmark's flags]
#include "benchmarks/strategies.h"
#include "harness/bench/field.h"
#include "harness/bench/row_figures.h"
#include "harness/bench/study_html.h"
#include "harness/bench/study_json.h"
#include "harness/bench/study_text.h"
#include "harness/observe/observe.h"
#include "runner/values/error.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <string_view>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace gauntlet::benchmarks {
namespace {

enum class Size { full, usual, quick };

std::vector<std::size_t> fleets_of(Size size) {
  if (size == Size::full) return {1, 2, 4, 8, 16, 32, 64, 128};
  if (size == Size::usual) return {1, 8, 16, 32, 64};
  return {3};
}

std::size_t rounds_of(Size size) {
  if (size == Size::full) return 9;
  return size == Size::usual ? 5 : 1;
}

std::vector<int> holds_of(Size size) {
  if (size == Size::quick) return {};
  return {0, 10, 100};
}

/// A cell is measured, all contenders in its rounds, when the first of its rows is asked for.
class Matrix {
 public:
  explicit Matrix(Size size)
      : size_(size), loads_(holds_of(size)), contenders_(strategies(ground_, loads_)) {
    study_.title = "Lock contention: threads that call the runner's library";
    study_.facts = bench::facts_of_machine();
    study_.facts.server = observe::server_facts(ground_.server().local());
    study_.facts.rounds = rounds_of(size);
    study_.facts.command = size == Size::full ? "build/bin/contention_benchmark --full"
                                              : "build/bin/contention_benchmark";
  }

  void register_all() {
    for (const bench::Cell& cell : loads_.cells(fleets_of(size_))) {
      for (std::size_t index = 0; index < contenders_.size(); ++index) {
        entries_.push_back({.name = fmt::format("contention/{}/replicas:{}/{}", cell.load,
                                                cell.replicas, contenders_[index]->name()),
                            .cell = cell,
                            .index = index});
      }
    }
#ifndef __clang_analyzer__  // which does not see that the library keeps what is registered
    for (const Entry& entry : entries_) {
      benchmark::RegisterBenchmark(entry.name.c_str(),
                                   [this, &entry](benchmark::State& state) { tell(state, entry); })
          ->Iterations(static_cast<benchmark::IterationCount>(rounds_of(size_)))
          ->UseManualTime()
          ->Unit(benchmark::kMillisecond);
    }
#endif
  }

  bench::Study take() {
    study_.facts.load_after = bench::load_now();
    return std::move(study_);
  }

 private:
  struct Entry {
    std::string name;
    bench::Cell cell;
    std::size_t index;  ///< of its contender
  };

  void tell(benchmark::State& state, const Entry& entry) {
    try {
      const std::size_t first = first_row_of(entry.cell);
      const bench::Row& row = study_.rows[first + entry.index];
      for (std::size_t round = 0; state.KeepRunning(); ++round)
        state.SetIterationTime(row.runs.at(round).makespan_ms / 1e3);
      set_counters(state, row);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  }

  void set_counters(benchmark::State& state, const bench::Row& row) const {
    const bench::RowFigures all = bench::figures_of(study_, row);
    if (all.wrong_runs > 0) state.SkipWithError(("wrong: " + all.wrong).c_str());
    state.counters["median_ms"] = all.makespan_ms.median;
    state.counters["spread"] = all.makespan_ms.spread;
    state.counters["wait_p50_ms"] = all.wait_ms.p50;
    state.counters["wait_p90_ms"] = all.wait_ms.p90;
    state.counters["wait_p99_ms"] = all.wait_ms.p99;
    state.counters["wait_max_ms"] = all.wait_ms.most;
    state.counters["fairness"] = all.fairness;
    state.counters["cpu_ms"] = all.client_cpu_ms;
    if (all.to_floor) state.counters["x_floor"] = all.to_floor->median;
    if (!row.counted) return;
    state.counters["statements"] = row.counted->statements;
    state.counters["round_trips"] = row.counted->round_trips;
  }

  std::size_t first_row_of(const bench::Cell& cell) {
    const auto at = std::ranges::find(study_.rows, cell, &bench::Row::cell);
    if (at != study_.rows.end()) return static_cast<std::size_t>(at - study_.rows.begin());
    const std::size_t first = study_.rows.size();
    auto rows = bench::measure(contenders_, {.cells = {cell},
                                             .rounds = study_.facts.rounds,
                                             .warm_ups = size_ == Size::quick ? 0U : 1U});
    std::ranges::move(rows, std::back_inserter(study_.rows));
    return first;
  }

  Size size_;
  Ground ground_{bench::journal_init_sql};
  Loads loads_;
  std::vector<std::unique_ptr<bench::Contender>> contenders_;
  std::vector<Entry> entries_ = {};
  bench::Study study_ = {};
};

/// Our table says it all; only what went wrong is added.
class ErrorsOnly final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (!run.error_occurred) continue;
      failed_ = true;
      fmt::print(stderr, "{}: {}\n", run.benchmark_name(), run.error_message);
    }
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

void write(const std::string& file, const std::string& text) {
  if (file.empty()) return;
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw runner::Error("cannot-write", "the figures could not be written", file);
}

int run(int argc, char** argv) {
  Size size = Size::usual;
  std::map<std::string_view, std::string> files{{"--json", ""}, {"--html", ""}};
  std::vector<char*> rest;
  for (int index = 0; index < argc; ++index) {
    const std::string_view word = argv[index];
    if (word == "--quick" || word == "--full") {
      size = word == "--quick" ? Size::quick : Size::full;
    } else if (files.contains(word) && index + 1 < argc) {
      files[word] = argv[++index];
    } else {
      rest.push_back(argv[index]);
    }
  }
  int count = static_cast<int>(rest.size());
  benchmark::Initialize(&count, rest.data());
  if (benchmark::ReportUnrecognizedArguments(count, rest.data())) return 64;
  Matrix matrix(size);
  matrix.register_all();
  ErrorsOnly reporter;
  if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0) return 64;
  const bench::Study study = matrix.take();
  write(files["--json"], bench::json_of(study));
  write(files["--html"], bench::html_of({study}));
  std::fputs(bench::text_of(study).c_str(), stdout);
  return reporter.failed() ? 1 : 0;
}

}  // namespace
}  // namespace gauntlet::benchmarks

int main(int argc, char** argv) {
  try {
    return gauntlet::benchmarks::run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
