// The applied set is the set on disk, by version and by name; never by the maximum alone.
#include "harness/core/recorded_name.h"
#include "harness/oracle/judges.h"
#include "harness/oracle/nothing_applied.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::AppliedRow;
using core::Finding;
using Names = std::map<std::int64_t, std::vector<std::optional<std::string>>>;

constexpr const char* look =
    "compare the folder with the tracker, and let the runner decide by the set of versions";

std::string described(std::int64_t version, const std::optional<std::string>& name) {
  return name && !name->empty() ? fmt::format("{} ({})", version, *name) : std::to_string(version);
}

Finding finding(std::string id, std::int64_t version, std::string message, std::string fix = look) {
  return {.id = std::move(id),
          .message = std::move(message),
          .where = {.version = version},
          .fix = std::move(fix)};
}

Names names_by_version(const std::vector<AppliedRow>& rows) {
  Names names;
  for (const AppliedRow& row : rows) names[row.version].push_back(row.name);
  return names;
}

/// One row that is the newest on disk is what a tracker gives that keeps no other, too.
std::string fix_of_missing(const Names& on_disk, const Names& recorded) {
  const bool may_be_newest =
      recorded.size() == 1 && recorded.begin()->first == on_disk.rbegin()->first;
  if (!may_be_newest) return look;
  return std::string(look) +
         "; if the runner keeps only the newest version, have --applied-query name its column "
         "so: SELECT … AS newest";
}

void compare_disk(const Names& on_disk, const Names& recorded, const std::string& tracker,
                  std::vector<Finding>& findings) {
  for (const auto& [version, names] : on_disk) {
    const auto row = recorded.find(version);
    if (row == recorded.end()) {
      findings.push_back(finding("not-recorded", version,
                                 fmt::format("migration {} is on disk but not in {}",
                                             described(version, names.front()), tracker),
                                 fix_of_missing(on_disk, recorded)));
      continue;
    }
    if (row->second.size() < names.size())
      findings.push_back(
          finding("not-recorded", version,
                  fmt::format("{} files of version {} are on disk, and {} records {} of them",
                              names.size(), version, tracker, row->second.size())));
    for (const auto& name : row->second) {
      const bool fits = !name || std::any_of(names.begin(), names.end(), [&](const auto& own) {
        return !own || core::is_name_of(*name, *own, version);
      });
      if (fits) continue;
      findings.push_back(finding("recorded-name-differs", version,
                                 fmt::format("migration {} is recorded in {} as {}",
                                             described(version, names.front()), tracker, *name)));
    }
  }
}

void compare_recorded(const Names& on_disk, const Names& recorded, const std::string& tracker,
                      std::vector<Finding>& findings) {
  for (const auto& [version, names] : recorded) {
    if (!on_disk.contains(version)) {
      findings.push_back(finding("recorded-unknown", version,
                                 fmt::format("{} is recorded in {} but not on disk",
                                             described(version, names.front()), tracker)));
    }
    const auto files = on_disk.find(version);
    const std::size_t expected = files == on_disk.end() ? 1 : files->second.size();
    if (names.size() > expected) {
      findings.push_back(
          finding("recorded-twice", version,
                  fmt::format("migration {} is recorded {} times in {}",
                              described(version, names.front()), names.size(), tracker),
                  "give the tracker a unique key, and record in the transaction of "
                  "the migration"));
    }
  }
}

void compare_newest(const Names& on_disk, const core::Applied& applied,
                    std::vector<Finding>& findings) {
  if (applied.rows.size() > 1) {
    findings.push_back(finding(
        "recorded-twice", applied.rows.front().version,
        fmt::format("{} holds {} rows where it keeps one", applied.tracker, applied.rows.size())));
    return;
  }
  if (on_disk.empty() && applied.rows.empty()) return;
  if (applied.rows.empty()) {
    const std::int64_t newest = on_disk.rbegin()->first;
    findings.push_back(finding(
        "not-recorded", newest,
        fmt::format("{} is empty, where {} is the newest on disk", applied.tracker, newest)));
    return;
  }
  const std::int64_t recorded = applied.rows.front().version;
  if (!on_disk.contains(recorded)) {
    findings.push_back(
        finding("recorded-unknown", recorded,
                fmt::format("{} says {}, which is not on disk", applied.tracker, recorded)));
  } else if (const std::int64_t newest = on_disk.rbegin()->first; recorded != newest) {
    findings.push_back(finding("not-recorded", newest,
                               fmt::format("{} says {}, where {} is the newest on disk",
                                           applied.tracker, recorded, newest)));
  }
}

}  // namespace

core::Judgement set_equality(const Observation& observation) {
  if (!observation.applied && observation.tracker_is_absent) {
    if (auto nothing = nothing_applied(observation, "a tracker"))
      return core::judged({*std::move(nothing)});
  }
  if (!observation.applied) {
    return core::unknown(observation.applied_missing.empty() ? "the applied set was not read"
                                                             : observation.applied_missing);
  }
  const core::Applied& applied = *observation.applied;
  const Names on_disk = names_by_version(observation.on_disk);
  std::vector<Finding> findings;
  if (applied.dirty) {
    findings.push_back(
        {.id = "tracker-dirty",
         .message = fmt::format("{} marks a migration as begun and not finished", applied.tracker),
         .fix = "find out what that migration has done, repair it, then clear the mark"});
  }
  if (applied.only_newest) {
    compare_newest(on_disk, applied, findings);
  } else {
    const Names recorded = names_by_version(applied.rows);
    compare_disk(on_disk, recorded, applied.tracker, findings);
    compare_recorded(on_disk, recorded, applied.tracker, findings);
  }
  core::Judgement judgement = core::judged(std::move(findings));
  if (applied.only_newest) {
    judgement.reason = fmt::format(
        "{} keeps only the newest version, so that versions below it cannot be told apart",
        applied.tracker);
  }
  return judgement;
}

}  // namespace gauntlet::oracle
