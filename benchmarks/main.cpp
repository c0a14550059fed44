// What every benchmark program of ours does: its things one after the other, a table for each.
// `--full` measures what the goals speak of, which takes long; `--quick` runs one small round of
// each, to see that it works; Google Benchmark's own flags choose
// among them (`--benchmark_filter`) and write the counters (`--benchmark_out=FILE`).
#include "benchmarks/rounds.h"

#include <cstdio>
#include <string_view>
#include <vector>

namespace gauntlet::benchmarks {
namespace {

// The tables say all there is; only what went wrong is added.
class ErrorsOnly final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override {
    (void)context;
    return true;
  }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (!run.error_occurred) continue;
      failed_ = true;
      std::fprintf(stderr, "%s could not be measured: %s\n", run.benchmark_name().c_str(),
                   run.error_message.c_str());
    }
  }
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
};

int run_all(int argc, char** argv) {
  auto of = Scale::Of::usual;
  std::vector<char*> arguments;
  for (char* argument : std::vector<char*>(argv, argv + argc)) {
    if (std::string_view(argument) == "--quick") {
      of = Scale::Of::quick;
    } else if (std::string_view(argument) == "--full") {
      of = Scale::Of::full;
    } else {
      arguments.push_back(argument);
    }
  }
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 64;
  const Scale scale(of);
  for (const Thing* thing : Thing::all()) {
    benchmark::RegisterBenchmark(
        thing->id().c_str(),
        [thing, scale](benchmark::State& state) { thing->measure(state, scale); })
        ->Iterations(scale.rounds())
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  ErrorsOnly reporter;
  if (benchmark::RunSpecifiedBenchmarks(&reporter) == 0) return 64;
  return reporter.failed() ? 1 : 0;
}

}  // namespace
}  // namespace gauntlet::benchmarks

int main(int argc, char** argv) { return gauntlet::benchmarks::run_all(argc, argv); }
