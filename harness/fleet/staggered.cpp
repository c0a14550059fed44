#include "harness/fleet/staggered.h"

#include "harness/fleet/overlap.h"
#include "harness/fleet/process_fleet.h"

#include <algorithm>
#include <random>
#include <utility>

namespace gauntlet::fleet {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::vector<std::pair<milliseconds, std::size_t>> arrivals(std::size_t replicas,
                                                           milliseconds stagger_max,
                                                           std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::pair<milliseconds, std::size_t>> all;
  const auto longest = static_cast<std::uint64_t>(std::max<std::int64_t>(1, stagger_max.count()));
  for (std::size_t replica = 0; replica < replicas; ++replica)
    all.emplace_back(static_cast<std::int64_t>(random() % longest), replica);
  std::ranges::sort(all);
  return all;
}

core::History staggered(const Subject& subject, const arena::Database& database,
                        const std::filesystem::path& migrations, const StaggerOptions& options) {
  ProcessFleet fleet(subject, database, migrations, options.replicas, ProcessFleet::Start::held);
  const auto start = steady_clock::now();
  for (const auto& [delay, replica] :
       arrivals(options.replicas, options.stagger_max, options.seed)) {
    fleet.collect_until(start + delay);
    fleet.release_one(replica);
  }
  fleet.finish_within(options.patience);
  if (options.when_ended) options.when_ended();
  core::History history = fleet.history();
  note_overlap(history);
  return history;
}

}  // namespace gauntlet::fleet
