// The server refused a statement of a file, nobody ran it to its end later, and the replica reports
// success. Asked after every run.
#include "harness/oracle/effects.h"
#include "harness/oracle/endings.h"
#include "harness/oracle/judges.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

core::Finding swallowed(const Observation& observation, const FileStatement& refused) {
  const MigrationFile& file = observation.files[refused.file];
  const core::Reply& reply = *observation.history.steps.at(refused.step).reply;
  return {.id = "error-swallowed",
          .message = fmt::format(
              "replica {} reports success, although the server refused {} ({}, SQLSTATE {}) and "
              "nobody applied it later; the deploy goes on over a database that is not migrated",
              refused.session.replica, file.name, reply.message, reply.sqlstate),
          .where = {.file = file.name, .version = file.version},
          .fix = "exit non-zero whenever a file was not applied, whatever the error's text says"};
}

}  // namespace

core::Judgement error_swallowed(const Observation& observation) {
  if (!observation.all_apply) return {};
  const FileStatements statements(observation.history, observation.files);
  const std::vector<std::size_t> successes =
      successful_replicas(observation.history, observation.success_codes);
  std::vector<core::Finding> findings;
  std::vector<std::size_t> told;  // files
  for (const FileStatement& each : statements.all()) {
    if (each.fate != Fate::refused || each.is_ambiguous || std::ranges::count(told, each.file) > 0)
      continue;
    if (std::ranges::count(successes, each.session.replica) == 0) continue;
    const bool was_run = std::ranges::any_of(statements.all(), [&](const FileStatement& other) {
      return other.file == each.file && other.statement == each.statement &&
             (other.fate == Fate::committed || other.fate == Fate::in_doubt);
    });
    if (was_run) continue;
    if (observation.committed_before.contains(observation.files[each.file].version)) continue;
    told.push_back(each.file);
    findings.push_back(swallowed(observation, each));
  }
  if (findings.empty()) return {};
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
