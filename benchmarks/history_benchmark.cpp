// What telling the state costs where a history is long: files by the thousand, all applied.
#include "benchmarks/ground.h"
#include "benchmarks/rounds.h"
#include "runner/values/error.h"

#include <memory>

#include <fmt/format.h>

namespace gauntlet::benchmarks {
namespace {

struct LongHistory {
  int count;
  Ground ground;
  Folder migrations;
  arena::Address address = ground.fresh();

  explicit LongHistory(int migrations_count) : count(migrations_count) {
    for (int number = 1; number <= count; ++number) {
      migrations.add_migration(number, fmt::format("SELECT {};\n", number));
    }
    time_of(migrate("up", address, migrations));
  }

  double time(const std::string& command) const {
    return time_of(migrate(command, address, migrations));
  }
  double bare() const { return time_of(program("gauntlet-bare", {address.conninfo()})); }
  double bare_reader() const {
    return time_of(program("bare-reader", {address.conninfo(), migrations.path().string()}));
  }
  double peak_mebibytes(const std::string& command) const {
    const process::Command measured = migrate(command, address, migrations);
    const process::Finished told =
        process::run(program("peak-memory", measured.argv), std::chrono::minutes(1));
    if (!told.exit.ok()) throw runner::Error("program-failed", told.err);
    return std::stod(told.out) / 1024;
  }
};

// Made once: it takes longer than all that is measured of it.
std::shared_ptr<const LongHistory> long_history(const Scale& scale) {
  static const auto history = std::make_shared<const LongHistory>(scale.of(10'000, 1'000, 50));
  return history;
}

std::string title_of(const std::string& what, const LongHistory& history) {
  return fmt::format("{}, {} migrations on disk and applied", what, history.count);
}

Comparison timed(const std::string& command, const Scale& scale) {
  const auto history = long_history(scale);
  return {.title = title_of(command, *history),
          .ours = {"gauntlet-migrate " + command, [=] { return history->time(command); }},
          .floors = {{.timed = {"bare program, every file read and hashed",
                                [=] { return history->bare_reader(); }},
                      .goal = 3},
                     {.timed = {"bare program", [=] { return history->bare(); }}}}};
}

Comparison peak(const std::string& command, const Scale& scale) {
  const auto history = long_history(scale);
  return {.title = title_of("peak memory of " + command, *history),
          .ours = {"gauntlet-migrate " + command, [=] { return history->peak_mebibytes(command); }},
          .floors = {},
          .goal = 64,
          .unit = "MiB"};
}

const Thing status("status", [](const Scale& scale) { return timed("status", scale); });
const Thing check("check", [](const Scale& scale) { return timed("check", scale); });
const Thing status_memory("status_memory",
                          [](const Scale& scale) { return peak("status", scale); });
const Thing check_memory("check_memory", [](const Scale& scale) { return peak("check", scale); });

}  // namespace
}  // namespace gauntlet::benchmarks
