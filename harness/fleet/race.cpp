#include "harness/fleet/door.h"
#include "harness/fleet/file_door.h"
#include "harness/fleet/fleet.h"
#include "harness/fleet/hold.h"
#include "harness/fleet/process_fleet.h"

namespace gauntlet::fleet {

using std::chrono::milliseconds;

core::History run_once(const Subject& subject, const arena::Database& database,
                       const std::filesystem::path& migrations, milliseconds patience,
                       const std::optional<StandstillOptions>& standstill) {
  ProcessFleet fleet(subject, database, migrations, 1, ProcessFleet::Start::at_once);
  fleet.release();
  std::optional<StandstillWatch> watch;
  if (standstill) watch.emplace(database, ports_of({database.loopback()}), *standstill);
  fleet.finish_within(patience, database.address(), watch ? &*watch : nullptr);
  return fleet.history();
}

namespace {

void race_through_door(ProcessFleet& fleet, const arena::Database& database,
                       const RaceOptions& options) {
  Door door(database);
  fleet.release();
  fleet.gather_at(door, options);
  door.open();
}

void race_through_file_door(ProcessFleet& fleet, const std::filesystem::path& file,
                            const RaceOptions& options) {
  FileDoor door(file, options.held ? FileDoor::Keeps::writers : FileDoor::Keeps::everyone);
  fleet.release();
  fleet.gather_at(door, options);
  door.open();
}

void race_held(ProcessFleet& fleet, const arena::Database& database, const RaceOptions& options) {
  TableHold hold(database, options.held->tables);
  hold.close();
  fleet.release();
  fleet.gather_at(hold, options);
}

}  // namespace

core::History race(const Subject& subject, const arena::Database& database,
                   const std::filesystem::path& migrations, const RaceOptions& options) {
  ProcessFleet fleet(subject, database, migrations, options.replicas, ProcessFleet::Start::held);
  const std::filesystem::path file = database.address().file();
  if (options.door_patience == milliseconds::zero()) {
    fleet.release();
  } else if (!file.empty()) {
    race_through_file_door(fleet, file, options);
  } else if (options.held) {
    race_held(fleet, database, options);
  } else {
    race_through_door(fleet, database, options);
  }
  fleet.finish_within(options.patience, database.address());
  if (options.when_ended) options.when_ended();
  return fleet.history();
}

}  // namespace gauntlet::fleet
