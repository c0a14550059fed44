// How soon another replica has its turn when the one that applies is killed.
#include "benchmarks/ground.h"
#include "benchmarks/rounds.h"
#include "runner/values/error.h"

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::benchmarks {
namespace {

using std::chrono::system_clock;

// A sequence counts also what is rolled back.
constexpr const char* init_sql = "CREATE SEQUENCE turns; CREATE TABLE took_over (at timestamptz)";
constexpr const char* title = "from the kill of the holder until another has its turn";
constexpr const char* take_over = "INSERT INTO took_over VALUES (clock_timestamp());\n";

struct Crash {
  Ground ground{init_sql};
  Folder migrations;
  int replicas;

  explicit Crash(int count) : replicas(count) {}

  /// From the kill of the one that applies, once the others wait and it was `prepared`, to the
  /// statement by which a successor says that it has its turn.
  double time(const std::function<void(arena::Connection&, process::Process&)>& prepared) {
    const arena::Address address = ground.fresh();
    arena::Connection watcher(address);
    watcher.run("SELECT pg_advisory_lock(7)");
    const process::Command command = migrate("up", address, migrations);
    std::vector<process::Process> copies;
    copies.push_back(process::Process::start(command));
    await(watcher, "SELECT is_called FROM turns");
    for (int copy = 1; copy < replicas; ++copy) copies.push_back(process::Process::start(command));
    await(watcher, fmt::format("SELECT count(*) = {} FROM pg_stat_activity WHERE datname = "
                               "current_database() AND state = 'idle' AND query LIKE 'BEGIN %'",
                               replicas - 1));
    prepared(watcher, copies.front());
    const auto killed = system_clock::now();
    copies.front().signal(SIGKILL);
    for (std::size_t copy = 1; copy < copies.size(); ++copy) {
      const auto exit = copies[copy].wait_for(std::chrono::minutes(1));
      if (!exit || !exit->ok()) throw runner::Error("program-failed", copies[copy].err());
    }
    const double turn =
        std::stod(watcher.ask_one("SELECT extract(epoch FROM min(at)) * 1000 FROM took_over"));
    return turn - std::chrono::duration<double, std::milli>(killed.time_since_epoch()).count();
  }
};

// The holder is stopped while its first migration runs. The server completes that, and then waits
// for a client that says nothing.
Comparison killed_idle(const Scale& scale) {
  const auto crash = std::make_shared<Crash>(scale.of(8, 8, 2));
  crash->migrations.add_migration(
      1, "SELECT nextval('turns');\nSELECT pg_advisory_xact_lock_shared(7);\n");
  crash->migrations.add_migration(2, take_over);
  const auto stop = [](arena::Connection& watcher, process::Process& holder) {
    holder.signal(SIGSTOP);
    watcher.run("SELECT pg_advisory_unlock(7)");
    await(watcher, "SELECT count(*) = 1 FROM applied_migrations");
  };
  return {.title = title,
          .ours = {fmt::format("{} replicas, one killed between statements", crash->replicas),
                   [=] { return crash->time(stop); }},
          .floors = {},
          .goal = 150};
}

Comparison killed_in_statement(const Scale& scale) {
  const auto crash = std::make_shared<Crash>(scale.of(8, 8, 2));
  crash->migrations.add_migration(
      1, std::string("SELECT pg_sleep(CASE nextval('turns') WHEN 1 THEN 60 ELSE 0 END);\n") +
             take_over);
  return {.title = title,
          .ours = {fmt::format("{} replicas, one killed in a statement", crash->replicas),
                   [=] { return crash->time([](arena::Connection&, process::Process&) {}); }},
          .floors = {},
          .goal = 500};
}

const Thing idle("killed_idle", killed_idle);
const Thing in_statement("killed_in_statement", killed_in_statement);

}  // namespace
}  // namespace gauntlet::benchmarks
