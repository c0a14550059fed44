// Where what is on disk contradicts what is recorded, a runner refuses, in whatever words; or, of
// two files with one number, it applies both.
#include "harness/oracle/endings.h"
#include "harness/oracle/judges.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::oracle {

namespace {

/// Unknown if a replica was not seen to end by itself; holds if each was.
core::Judgement all_ended(const core::History& history) {
  if (history.replicas == 0) return core::unknown("no replica was started");
  for (std::size_t replica = 0; replica < history.replicas; ++replica) {
    const core::Event* end = history.exit_of(replica);
    if (end == nullptr || end->kind == core::Event::Kind::killed)
      return core::unknown(fmt::format("replica {} was not seen to end by itself", replica));
  }
  return core::judged({});
}

/// Some of its statements were committed, and others that were sent were not.
bool is_partly_committed(const FileStatements& statements, std::size_t file) {
  const auto has = [&](bool committed) {
    return std::ranges::any_of(statements.all(), [&](const FileStatement& each) {
      const bool is_decided = each.fate != Fate::in_doubt && each.fate != Fate::open;
      return each.file == file && is_decided && (each.fate == Fate::committed) == committed;
    });
  };
  return !statements.is_committed(file) && has(true) && has(false);
}

core::Finding half_applied(const MigrationFile& file) {
  return {.id = "half-applied",
          .message = fmt::format("a part of {} is committed and the rest is not, and a replica "
                                 "reports success",
                                 file.name),
          .where = {.file = file.name, .version = file.version},
          .fix =
              "refuse a file that ends the runner's transaction, or fail with what is left of "
              "it"};
}

std::string remedy_for(const std::string& code) {
  if (code == "edited-after-apply")
    return "record a checksum of each file, and exit non-zero if a file no longer has it";
  if (code == "renamed") return "compare the recorded names with the files', not only the numbers";
  if (code == "cannot-read-tracker")
    return "exit non-zero on every error of that read; only a table that is not there means that "
           "nothing is applied";
  if (code == "lock-timeout") return "exit non-zero if the lock cannot be had in time";
  if (code == "legacy-dirty") return "exit non-zero if the tracker is marked as dirty";
  return "exit non-zero, and name the file";
}

}  // namespace

core::Judgement refused(const Observation& observation) {
  if (!observation.expected_error) return core::unknown("no refusal was expected of this run");
  const core::History& history = observation.history;
  const std::size_t successes = successful_replicas(history, observation.success_codes).size();
  if (successes == 0) return all_ended(history);
  return core::judged(
      {{.id = "not-refused",
        .message = fmt::format("{} of {} replicas report success where each must refuse ({}); the "
                               "deploy goes on, and nobody learns of it",
                               successes, history.replicas, *observation.expected_error),
        .fix = remedy_for(*observation.expected_error)}});
}

core::Judgement refused_or_applied(const Observation& observation) {
  const core::History& history = observation.history;
  core::Judgement whole = all_ended(history);
  if (successful_replicas(history, observation.success_codes).empty()) return whole;
  const FileStatements statements(history, observation.files);
  if (statements.all().empty() && observation.committed_before.empty())
    return core::unknown("no statement of a file was seen");
  std::map<std::int64_t, std::vector<std::string>> names;  // by version
  std::map<std::int64_t, std::size_t> applied;
  for (std::size_t file = 0; file < observation.files.size(); ++file) {
    const std::int64_t version = observation.files[file].version;
    names[version].push_back(observation.files[file].name);
    if (statements.is_committed(file)) ++applied[version];
  }
  for (std::size_t file = 0; file < observation.files.size(); ++file)
    if (is_partly_committed(statements, file))
      core::merge(whole, core::judged({half_applied(observation.files[file])}));
  for (const std::int64_t version : observation.committed_before) ++applied[version];
  for (const auto& [version, files] : names) {
    if (files.size() < 2 || applied[version] >= files.size()) continue;
    core::merge(whole,
                core::judged({{.id = "duplicate-passed-over",
                               .message = fmt::format(
                                   "version {} has {} files ({}), {} of them was ever applied, and "
                                   "a replica reports success",
                                   version, files.size(), fmt::join(files, ", "), applied[version]),
                               .where = {.version = version},
                               .fix = "refuse a folder with two files of one number, or tell files "
                                      "apart by their whole names"}}));
  }
  return whole;
}

}  // namespace gauntlet::oracle
