#include "harness/fleet/harmed.h"

#include "harness/arena/connection.h"
#include "harness/fleet/process_fleet.h"

#include <algorithm>

namespace gauntlet::fleet {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How often the server is asked what it runs.
constexpr milliseconds look_interval{5};

/// What the server runs in one database, asked from outside of it.
class Watch {
 public:
  Watch(const arena::Database& database, const std::string& text)
      : connection_(database.maintenance()),
        database_(database.address().database()),
        text_(text) {}

  bool sees_it() {
    return !connection_
                .ask(
                    "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND state = 'active'"
                    " AND strpos(query, $2) > 0",
                    {database_, text_})
                .empty();
  }

 private:
  arena::Connection connection_;
  const std::string database_, text_;
};

/// False if the first copy ended, or half of the patience was over, before the statement was seen.
bool wait_for(Watch& watch, ProcessFleet& fleet, steady_clock::time_point deadline) {
  while (!watch.sees_it()) {
    if (fleet.has_ended(0) || steady_clock::now() >= deadline) return false;
    fleet.collect_until(std::min(steady_clock::now() + look_interval, deadline));
  }
  return true;
}

void release_others(ProcessFleet& fleet, std::size_t replicas) {
  for (std::size_t replica = 1; replica < replicas; ++replica) fleet.release_one(replica);
}

void ask_to_end(ProcessFleet& fleet, milliseconds grace) {
  fleet.ask_to_end(0);
  const auto deadline = steady_clock::now() + grace;
  while (!fleet.has_ended(0) && steady_clock::now() < deadline)
    fleet.collect_until(std::min(steady_clock::now() + look_interval, deadline));
  if (!fleet.has_ended(0)) fleet.kill(0);
}

void harm_first(ProcessFleet& fleet, const HarmOptions& options) {
  switch (options.what) {
    case HarmOptions::What::kill:
      return fleet.kill(0);
    case HarmOptions::What::pause:
      return fleet.pause(0);
    case HarmOptions::What::ask_to_end:
      return ask_to_end(fleet, options.harm_max);
  }
}

}  // namespace

Harmed harmed(const Subject& subject, const arena::Database& database,
              const std::filesystem::path& migrations, const HarmOptions& options) {
  Watch watch(database, options.at);
  ProcessFleet fleet(subject, database, migrations, options.replicas, ProcessFleet::Start::held);
  fleet.release_one(0);
  Harmed harmed;
  harmed.happened = wait_for(watch, fleet, steady_clock::now() + options.patience / 2);
  const bool pauses = harmed.happened && options.what == HarmOptions::What::pause;
  if (harmed.happened) harm_first(fleet, options);
  if (harmed.happened && options.when_harmed) options.when_harmed();
  release_others(fleet, options.replicas);
  if (pauses) {
    fleet.collect_one_until(steady_clock::now() + options.harm_max);
    fleet.go_on(0);
  }
  fleet.finish_within(options.patience, database.address());
  if (options.when_ended) options.when_ended();
  harmed.history = fleet.history();
  return harmed;
}

}  // namespace gauntlet::fleet
