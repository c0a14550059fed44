// Every body took effect exactly once, by the rows that the bodies themselves wrote: "already
// exists" errors and the tracker may both be silent about a second time.
#include "harness/oracle/judges.h"
#include "harness/oracle/nothing_applied.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Finding;

Finding finding(const char* id, std::int64_t version, std::string message, const char* fix) {
  return {.id = id, .message = std::move(message), .where = {.version = version}, .fix = fix};
}

Finding twice(std::int64_t version, std::size_t times, std::size_t replicas) {
  return finding("applied-twice", version,
                 fmt::format("migration {} took effect {} times; a backfill that runs twice "
                             "corrupts data while every replica reports success",
                             version, times),
                 replicas == 1
                     ? "only one replica ran: record each migration in the transaction of its "
                       "body, and apply only what is not recorded"
                     : "hold one lock from before the tracker is read until the record is "
                       "committed, and record in the transaction of the body");
}

Finding missing(std::int64_t version) {
  return finding("not-applied", version,
                 fmt::format("migration {} is on disk and took no effect; the new release starts "
                             "against a schema that it does not expect",
                             version),
                 "apply whatever is on disk and not recorded, and record only what was committed");
}

Finding stranger(std::int64_t version) {
  return finding("applied-unknown", version,
                 fmt::format("migration {} took effect and is not on disk; nobody can tell what "
                             "it did",
                             version),
                 "let a run apply only what it was given");
}

}  // namespace

core::Judgement applied_once(const Observation& observation) {
  if (!observation.journal && observation.journal_is_absent) {
    if (auto nothing = nothing_applied(observation, "the table that the first file creates"))
      return core::judged({*std::move(nothing)});
  }
  if (!observation.journal) return core::unknown("the journal of the bodies was not read");
  if (observation.on_disk.empty()) return core::unknown("no migration is on disk");
  std::map<std::int64_t, std::size_t> times;
  for (const core::AppliedRow& row : observation.on_disk) times[row.version] = 0;
  std::vector<Finding> findings;
  for (const std::int64_t version : *observation.journal) ++times[version];
  for (const auto& [version, count] : times) {
    const bool on_disk = std::ranges::any_of(
        observation.on_disk, [version = version](auto& row) { return row.version == version; });
    if (!on_disk) findings.push_back(stranger(version));
    if (count == 0) findings.push_back(missing(version));
    if (count > 1) findings.push_back(twice(version, count, observation.history.replicas));
  }
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
