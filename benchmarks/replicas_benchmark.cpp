// What replicas that start together cost where something is pending: whole processes, let go
// together, until the last has left.
#include "benchmarks/ground.h"
#include "benchmarks/rounds.h"
#include "benchmarks/thread_fleet.h"
#include "harness/bench/relay.h"
#include "runner/apply.h"
#include "runner/source/source.h"
#include "runner/values/error.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::benchmarks {
namespace {

constexpr const char* init_sql = "CREATE TABLE ended (at timestamptz)";
constexpr int pending = 5;

/// Five migrations; the first takes as long as it is told and says when it ended.
struct Deploy {
  Ground ground{init_sql};
  Folder migrations, sockets;

  explicit Deploy(double first_seconds) {
    migrations.add_migration(
        1,
        first_seconds == 0
            ? "CREATE TABLE t1 (id int);\n"
            : fmt::format("SELECT pg_sleep({});\nINSERT INTO ended VALUES (clock_timestamp());\n",
                          first_seconds));
    for (int number = 2; number <= pending; ++number) {
      migrations.add_migration(number, fmt::format("CREATE TABLE t{} (id int);\n", number));
    }
  }

  double together(int replicas) {
    return release_together(migrate("up", ground.fresh(), migrations), replicas).milliseconds;
  }
  double bare_together(int replicas) {
    const arena::Address address = ground.fresh();
    return release_together(program("gauntlet-bare", {address.conninfo()}), replicas).milliseconds;
  }
  double bare_loop() {
    const arena::Address address = ground.fresh();
    return time_of(program("bare-apply", {address.conninfo(), migrations.path().string()}));
  }
  /// From a notification until the last of so many bare programs that listened has left.
  double release_bare_waiters(int count) {
    const arena::Address address = ground.fresh();
    arena::Connection watcher(address);
    std::vector<process::Process> copies;
    copies.reserve(static_cast<std::size_t>(count));
    for (int copy = 0; copy < count; ++copy) {
      copies.push_back(
          process::Process::start(program("bare-waiter", {address.conninfo(), "committed"})));
    }
    await(watcher,
          fmt::format("SELECT count(*) = {} FROM pg_stat_activity WHERE datname = "
                      "current_database() AND state = 'idle' AND query = 'LISTEN committed'",
                      count));
    return until_all_end(copies, [&] { watcher.run("NOTIFY committed"); }).milliseconds;
  }
  /// From the end of the first migration, by the server's clock (which is ours), to the last exit.
  double left_after(int replicas) {
    const arena::Address address = ground.fresh();
    const Storm storm = release_together(migrate("up", address, migrations), replicas);
    const double ended = std::stod(
        arena::Connection(address).ask_one("SELECT extract(epoch FROM at) * 1000 FROM ended"));
    return std::chrono::duration<double, std::milli>(storm.ended.time_since_epoch()).count() -
           ended;
  }
};

Comparison five_pending(const Scale& scale) {
  const auto deploy = std::make_shared<Deploy>(0);
  const int replicas = scale.of(16, 16, 3);
  const auto storm_and = [=](const std::function<double()>& serial) {
    return [=] { return deploy->bare_together(replicas) + serial(); };
  };
  return {.title = fmt::format("{} migrations pending, until the last of {} replicas leaves",
                               pending, replicas),
          .ours = {fmt::format("{} x gauntlet-migrate up", replicas),
                   [=] { return deploy->together(replicas); }},
          .floors = {{.timed = {fmt::format("{} bare programs + one serial apply", replicas),
                                storm_and([=] { return deploy->together(1); })},
                      .goal = 1.3},
                     {.timed = {fmt::format("{} bare programs + bare libpq loop", replicas),
                                storm_and([=] { return deploy->bare_loop(); })}}}};
}

int milliseconds_of_first(const Scale& scale) { return scale.of(500, 500, 50); }

Comparison after_slow(int replicas, double goal, const Scale& scale) {
  const int first = milliseconds_of_first(scale);
  const auto deploy = std::make_shared<Deploy>(first / 1000.0);
  return {
      .title =
          fmt::format("first migration takes {} ms: from its end until the last of {} replicas "
                      "leaves",
                      first, replicas),
      .ours = {fmt::format("{} replicas", replicas), [=] { return deploy->left_after(replicas); }},
      .floors = {{.timed = {"one replica alone", [=] { return deploy->left_after(1); }}},
                 {.timed = {fmt::format("one alone + {} bare listeners, notified", replicas - 1),
                            [=] {
                              return deploy->left_after(1) +
                                     deploy->release_bare_waiters(replicas - 1);
                            }}}},
      .goal = goal};
}

Comparison far_away(const Scale& scale) {
  const int first = milliseconds_of_first(scale);
  const auto deploy = std::make_shared<Deploy>(first / 1000.0);
  const auto relay = std::make_shared<bench::Relay>(
      deploy->ground.server().local(), std::chrono::milliseconds(10), deploy->sockets.path());
  const int replicas = scale.of(128, 32, 3);
  const auto through = [=] { return relay->through(deploy->ground.fresh()); };
  return {
      .title = fmt::format("first migration takes {} ms, 10 ms a round trip, until the last of {} "
                           "replicas leaves",
                           first, replicas),
      .ours = {fmt::format("{} x gauntlet-migrate up", replicas),
               [=] {
                 return release_together(migrate("up", through(), deploy->migrations), replicas)
                     .milliseconds;
               }},
      .floors = {{.timed = {"one replica alone",
                            [=] { return time_of(migrate("up", through(), deploy->migrations)); }}},
                 {.timed = {fmt::format("{} bare programs", replicas),
                            [=] {
                              return release_together(
                                         program("gauntlet-bare", {through().conninfo()}), replicas)
                                  .milliseconds;
                            }}}},
      .goal = 800};
}

// The same in one process: what is left without the start of programs, which takes a small machine
// longer than all the rest.
Comparison far_away_in_threads(const Scale& scale) {
  const int first = milliseconds_of_first(scale);
  const auto deploy = std::make_shared<Deploy>(first / 1000.0);
  const auto relay = std::make_shared<bench::Relay>(
      deploy->ground.server().local(), std::chrono::milliseconds(10), deploy->sockets.path());
  const auto replicas = static_cast<std::size_t>(scale.of(128, 32, 3));
  const auto listing =
      std::make_shared<const runner::Listing>(runner::read_folder(deploy->migrations.path()));
  const auto through = [=](std::size_t count, const Act& act) {
    const ThreadStorm storm = let_go(count, relay->through(deploy->ground.fresh()).conninfo(), act);
    for (const Outcome& outcome : storm.outcomes)
      if (!outcome.failure.empty()) throw runner::Error("replica-failed", outcome.failure);
    return storm.makespan_ms;
  };
  const Act up = [=](std::size_t, runner::SessionSource& sessions) {
    runner::up(sessions, *listing, {});
  };
  const Act bare = [](std::size_t, runner::SessionSource& sessions) {
    sessions.acquire(std::chrono::seconds(60))->send("SELECT 1");
  };
  return {
      .title = fmt::format("first migration takes {} ms, 10 ms a round trip, until the last of {} "
                           "threads is done",
                           first, replicas),
      .ours = {fmt::format("{} threads, runner::up", replicas),
               [=] { return through(replicas, up); }},
      .floors = {{.timed = {"one thread alone", [=] { return through(1, up); }}},
                 {.timed = {fmt::format("{} threads, connect and one SELECT", replicas),
                            [=] { return through(replicas, bare); }}}},
      .goal = 800};
}

/// One migration, which runs until a lock is let go and says when it ended; everybody is 10 ms
/// away.
struct FarWait {
  Ground ground{init_sql};
  Folder migrations, sockets;
  bench::Relay relay{ground.server().local(), std::chrono::milliseconds(10), sockets.path()};
  int waiters;

  explicit FarWait(int count) : waiters(count) {
    migrations.add_migration(1,
                             "SELECT pg_advisory_xact_lock_shared(7);\n"
                             "INSERT INTO ended VALUES (clock_timestamp());\n");
  }

  /// From the end of the migration's last statement, just before its COMMIT, to the last exit.
  double from_commit() {
    const arena::Address address = ground.fresh();
    arena::Connection watcher(address);
    watcher.run("SELECT pg_advisory_lock(7)");
    const process::Command up = migrate("up", relay.through(address), migrations);
    std::vector<process::Process> copies;
    copies.reserve(static_cast<std::size_t>(waiters) + 1);
    for (int copy = 0; copy <= waiters; ++copy) copies.push_back(process::Process::start(up));
    await_idle(watcher, "query LIKE 'BEGIN %pg_try_advisory_lock%'");
    const Storm storm = until_all_end(copies, [&] { watcher.run("SELECT pg_advisory_unlock(7)"); });
    const double ended =
        std::stod(watcher.ask_one("SELECT extract(epoch FROM at) * 1000 FROM ended"));
    return std::chrono::duration<double, std::milli>(storm.ended.time_since_epoch()).count() -
           ended;
  }

  /// From a notification until the last of as many bare programs that listened has left.
  double release_bare_waiters() {
    const arena::Address address = ground.fresh();
    arena::Connection watcher(address);
    const process::Command waiter =
        program("bare-waiter", {relay.through(address).conninfo(), "committed"});
    std::vector<process::Process> copies;
    copies.reserve(static_cast<std::size_t>(waiters));
    for (int copy = 0; copy < waiters; ++copy) copies.push_back(process::Process::start(waiter));
    await_idle(watcher, "query = 'LISTEN committed'");
    return until_all_end(copies, [&] { watcher.run("NOTIFY committed"); }).milliseconds;
  }

 private:
  void await_idle(arena::Connection& watcher, const std::string& which) const {
    await(watcher, fmt::format("SELECT count(*) = {} FROM pg_stat_activity WHERE datname = "
                               "current_database() AND state = 'idle' AND {}",
                               waiters, which));
  }
};

Comparison far_waiters_leave(const Scale& scale) {
  const auto wait = std::make_shared<FarWait>(scale.of(128, 32, 3));
  return {.title = fmt::format("from the holder's last COMMIT until the last of {} waiters, 10 ms "
                               "a round trip away, leaves",
                               wait->waiters),
          .ours = {"gauntlet-migrate up", [=] { return wait->from_commit(); }},
          .floors = {{.timed = {"bare programs that listen, then one SELECT",
                                [=] { return wait->release_bare_waiters(); }}}},
          .goal = 250};
}

const Thing five("five_pending", five_pending);
const Thing slow_few("slow_first_few",
                     [](const Scale& scale) { return after_slow(scale.of(8, 8, 2), 60, scale); });
const Thing slow_many("slow_first_many", [](const Scale& scale) {
  return after_slow(scale.of(128, 32, 3), 300, scale);
});
const Thing far("slow_first_far", far_away);
const Thing far_leave("far_waiters_leave", far_waiters_leave);
const Thing far_threads("slow_first_far_threads", far_away_in_threads);

}  // namespace
}  // namespace gauntlet::benchmarks
