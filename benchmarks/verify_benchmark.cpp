// What a dry run costs beside the floor: one psql session that applies the same files.
//
// Each iteration runs the floor and the dry run one after the other on one throwaway server and
// tells their ratio. 100, 200 and 400 files show that the cost per file stays what it is.
#include "harness/arena/arena.h"
#include "harness/arena/server.h"
#include "harness/process/process.h"
#include "harness/verify/check.h"
#include "harness/verify/dry_run.h"
#include "runner/postgres.h"
#include "runner/values/session.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

namespace gauntlet {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

enum class Mode { in_place, rehearsed };

/// A history as services have them: tables, columns, rows and references, four files a round.
std::string script(int number) {
  const int table = (number + 3) / 4;
  switch (number % 4) {
    case 1:
      return fmt::format(
          "CREATE TABLE t{0} (id serial PRIMARY KEY, name text NOT NULL);\n"
          "CREATE INDEX t{0}_name ON t{0} (name);\n",
          table);
    case 2:
      return fmt::format("ALTER TABLE t{} ADD COLUMN more int;\n", table);
    case 3:
      return fmt::format("INSERT INTO t{} (name) VALUES ('a'), ('b');\n", table);
    default:
      return fmt::format("CREATE TABLE u{0} (id int PRIMARY KEY, t int REFERENCES t{0});\n", table);
  }
}

/// The files, and a psql script that applies them in order.
class History {
 public:
  History(int files, Mode mode) {
    std::string name = (std::filesystem::temp_directory_path() / "gauntlet-bench-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::filesystem::permissions(folder_, std::filesystem::perms(0755));
    std::filesystem::create_directory(migrations());
    std::ofstream all(all_in_order());
    for (int number = 1; number <= files; ++number) {
      const auto file = migrations() / fmt::format("{:04}_step.up.sql", number);
      const bool alone = mode == Mode::rehearsed && number == files;
      std::ofstream(file) << (alone ? "-- gauntlet: no-transaction\n"
                                      "CREATE INDEX CONCURRENTLY t1_more ON t1 (more);\n"
                                    : script(number));
      all << "\\i " << file.string() << "\n";
    }
  }
  ~History() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  std::filesystem::path migrations() const { return folder_ / "migrations"; }
  std::filesystem::path all_in_order() const { return folder_ / "all.sql"; }

 private:
  std::filesystem::path folder_;
};

duration<double> psql_time(const arena::Server& server, const History& history) {
  const auto control = runner::connect_postgres(server.local().conninfo());
  control->send("CREATE DATABASE floor");
  const auto start = steady_clock::now();
  const process::Finished psql = process::run(
      {.argv = {"psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", history.all_in_order().string(),
                server.local().with_database("floor").conninfo()}},
      std::chrono::minutes(5));
  const auto took = steady_clock::now() - start;
  if (!psql.exit.ok()) throw runner::Error("psql-failed", psql.err);
  control->send("DROP DATABASE floor WITH (FORCE)");
  return took;
}

duration<double> dry_run_time(const verify::Options& options, arena::Arena& arena) {
  const auto start = steady_clock::now();
  const runner::Listing listing = runner::read_folder(options.migrations);
  const core::Result result = verify::dry_run(
      {.options = options, .listing = listing, .arena = &arena, .progress = [](std::string_view) {
       }});
  const auto took = steady_clock::now() - start;
  if (result.judgement.verdict != core::Verdict::holds) {
    throw runner::Error("dry-run-failed", result.judgement.reason);
  }
  return took;
}

void compare(benchmark::State& state, Mode mode) {
  const int files = static_cast<int>(state.range(0));
  const History history(files, mode);
  // As users' servers are: what reading the locks costs depends on how many there is room for.
  const auto server = arena::Server::start(
      {.settings = {{"max_connections", "100"}, {"max_locks_per_transaction", "64"}}});
  runner::connect_postgres(server->local().conninfo())->send("CREATE DATABASE app");
  verify::Options options;
  options.migrations = history.migrations();
  options.format = *formats::find_format("gauntlet");
  options.database = server->local().with_database("app").conninfo();
  const auto arena = arena::open(options.database, {});
  duration<double> floor{0};
  duration<double> ours{0};
  while (state.KeepRunning()) {
    floor += psql_time(*server, history);
    const duration<double> took = dry_run_time(options, *arena);
    ours += took;
    state.SetIterationTime(took.count());
  }
  state.counters["x_floor"] = ours / floor;
  state.counters["floor_ms"] =
      benchmark::Counter(floor.count() * 1e3, benchmark::Counter::kAvgIterations);
  state.counters["ms_a_file"] =
      benchmark::Counter(ours.count() * 1e3 / files, benchmark::Counter::kAvgIterations);
}

void dry_run_in_place(benchmark::State& state) { compare(state, Mode::in_place); }
void dry_run_rehearsed(benchmark::State& state) { compare(state, Mode::rehearsed); }

BENCHMARK(dry_run_in_place)
    ->Arg(100)
    ->Arg(200)
    ->Arg(400)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(dry_run_rehearsed)
    ->Arg(100)
    ->Arg(200)
    ->Arg(400)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace gauntlet
