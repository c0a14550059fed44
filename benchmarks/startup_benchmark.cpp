// What `up` costs where there is nothing to do, which is what nearly every start of a service is.
#include "benchmarks/ground.h"
#include "benchmarks/rounds.h"

#include <memory>

#include <fmt/format.h>

namespace gauntlet::benchmarks {
namespace {

/// Twenty migrations on disk, all applied.
struct Migrated {
  Ground ground;
  Folder migrations;
  arena::Address address = ground.fresh();

  Migrated() {
    for (int number = 1; number <= 20; ++number) {
      migrations.add_migration(number, fmt::format("CREATE TABLE t{} (id int);\n", number));
    }
    time_of(up());
  }
  process::Command up() const { return migrate("up", address, migrations); }
  process::Command bare() const { return program("gauntlet-bare", {address.conninfo()}); }
};

Comparison nothing_pending(const Scale& scale) {
  const auto migrated = std::make_shared<Migrated>();
  // One process is short: a round is the median of some, one after the other.
  const int times = scale.of(45, 7, 1);
  const auto median = [times](const process::Command& command) {
    std::vector<double> figures;
    figures.reserve(static_cast<std::size_t>(times));
    for (int time = 0; time < times; ++time) figures.push_back(time_of(command));
    return summary_of(figures).median;
  };
  return {.title = "nothing pending, one whole process",
          .ours = {"gauntlet-migrate up", [=] { return median(migrated->up()); }},
          .floors = {{.timed = {"bare program: libpq, connect, one SELECT",
                                [=] { return median(migrated->bare()); }},
                      .goal = 1.3}}};
}

Comparison storm(const Scale& scale) {
  const auto migrated = std::make_shared<Migrated>();
  const int copies = scale.of(64, 64, 4);
  return {.title = fmt::format("nothing pending, {} processes released together, until the last "
                               "leaves",
                               copies),
          .ours = {fmt::format("{} x gauntlet-migrate up", copies),
                   [=] { return release_together(migrated->up(), copies).milliseconds; }},
          .floors = {
              {.timed = {fmt::format("{} bare programs", copies),
                         [=] { return release_together(migrated->bare(), copies).milliseconds; }},
               .goal = 1.3}}};
}

const Thing one("nothing_pending", nothing_pending);
const Thing many("boot_storm", storm);

}  // namespace
}  // namespace gauntlet::benchmarks
