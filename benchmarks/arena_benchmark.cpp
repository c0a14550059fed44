// What a throwaway server and a throwaway database cost, beside what PostgreSQL itself costs.
#include "harness/arena/account.h"
#include "harness/arena/arena.h"
#include "harness/arena/connection.h"
#include "harness/arena/create_database.h"
#include "harness/arena/folders.h"
#include "harness/arena/server.h"
#include "harness/arena/server_settings.h"
#include "harness/arena/template_cache.h"
#include "harness/process/process.h"
#include "runner/values/error.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <benchmark/benchmark.h>

namespace {

using namespace gauntlet;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// What follows `label` in /proc/<pid>/<file>; 0 where the process has gone.
long number_in(const std::string& pid, const std::string& file, const std::string& label) {
  std::ifstream stream("/proc/" + pid + "/" + file);
  std::string word;
  long number = 0;
  while (stream >> word)
    if (word == label) stream >> number;
  return number;
}

/// Of all processes of the server, each page shared among those that have it. The session's parent
/// is the server's first process, and that of all the others.
double mebibytes_of(arena::Connection& session) {
  const std::string own = session.ask_one("SELECT pg_backend_pid()");
  const long first = number_in(own, "status", "PPid:");
  long kibibytes = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    const std::string pid = entry.path().filename();
    if (pid == std::to_string(first) || number_in(pid, "status", "PPid:") == first)
      kibibytes += number_in(pid, "smaps_rollup", "Pss:");
  }
  return static_cast<double>(kibibytes) / 1024;
}

/// From nothing to the first answer; its end is not counted.
void warm_server(benchmark::State& state) {
  arena::Server::start({});  // so that the template is there
  double mebibytes = 0;
  while (state.KeepRunning()) {
    const auto begin = Clock::now();
    const auto server = arena::Server::start({});
    arena::Connection session(server->local());
    session.ask("SELECT 1");
    state.SetIterationTime(seconds_since(begin));
    mebibytes = mebibytes_of(session);
  }
  state.counters["MiB"] = mebibytes;
}

void server_end(benchmark::State& state) {
  while (state.KeepRunning()) {
    auto server = arena::Server::start({});
    const auto begin = Clock::now();
    server.reset();
    state.SetIterationTime(seconds_since(begin));
  }
}

/// A server, and an empty database on it beside the maintenance one.
void fresh_ephemeral_database(benchmark::State& state) {
  const auto arena = arena::open("ephemeral", {});
  while (state.KeepRunning()) {
    const auto begin = Clock::now();
    const auto database = arena->fresh("benchmark");
    arena::Connection(database->address()).ask("SELECT 1");
    state.SetIterationTime(seconds_since(begin));
  }
}

void fresh_database_by_file_copy(benchmark::State& state) {
  const auto server = arena::Server::start({});
  arena::Connection connection(server->local());
  while (state.KeepRunning()) {
    const auto begin = Clock::now();
    arena::create_database(connection, {.name = "gauntlet"});
    state.SetIterationTime(seconds_since(begin));
    arena::drop_database(connection, "gauntlet");
  }
}

void fresh_schema(benchmark::State& state) {
  const auto server = arena::Server::start({});
  while (state.KeepRunning()) {
    const auto begin = Clock::now();
    const arena::Schema schema(server->local(), "benchmark");
    state.SetIterationTime(seconds_since(begin));
  }
}

/// The floor: the same settings on a folder that is there already, `postgres` executed directly,
/// and asked again and again until it answers.
void floor_plain_postgres(benchmark::State& state) {
  const auto account = arena::server_account();
  const fs::path base = arena::base_folder(account);
  const fs::path folder = base / arena::owned_name();
  fs::create_directory(folder);
  arena::give_to(folder, account);
  const fs::path binaries = arena::find_server_binaries({});
  arena::copy_template(
      {.base = base, .binaries = binaries, .locale = "C.UTF-8", .account = account},
      folder / "data")
      .get();
  const arena::Port port = arena::Port::reserve();
  arena::write_settings(folder / "data",
                        {.port = port.number(), .socket_folder = folder, .added = {}});
  const arena::Address address({{"host", folder},
                                {"port", std::to_string(port.number())},
                                {"user", "postgres"},
                                {"dbname", "postgres"}});
  while (state.KeepRunning()) {
    const auto begin = Clock::now();
    auto postgres = process::Process::start(
        {.argv = {binaries / "postgres", "-D", folder / "data"}, .run_as = account});
    for (bool has_answered = false; !has_answered;) {
      try {
        arena::Connection(address).ask("SELECT 1");
        has_answered = true;
      } catch (const runner::Error&) {
        if (postgres.wait_for(std::chrono::milliseconds(1))) throw;
      }
    }
    state.SetIterationTime(seconds_since(begin));
    postgres.signal(SIGINT);  // in order, so that the next start need not recover
    postgres.wait_for(std::chrono::seconds(30));
  }
  arena::remove_folder(folder);
}

BENCHMARK(floor_plain_postgres)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(warm_server)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(server_end)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(fresh_ephemeral_database)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(fresh_database_by_file_copy)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(fresh_schema)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
