// Every replica succeeds, and a file on disk is neither recorded nor was any statement of it
// committed: the runner passed it over in silence. Asked after every run.
#include "harness/oracle/endings.h"
#include "harness/oracle/judges.h"
#include "harness/oracle/unrecorded.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement nothing_left_out(const Observation& observation) {
  const core::History& history = observation.history;
  const bool all_succeed =
      history.replicas > 0 &&
      successful_replicas(history, observation.success_codes).size() == history.replicas;
  if (!observation.all_apply || observation.expected_error || !observation.applied || !all_succeed)
    return {};
  const FileStatements statements(history, observation.files);
  std::vector<core::Finding> findings;
  for (const core::AppliedRow& row : unrecorded(observation)) {
    const auto file = std::ranges::find(observation.files, row.version, &MigrationFile::version);
    if (file == observation.files.end()) continue;
    const auto position = static_cast<std::size_t>(file - observation.files.begin());
    const bool was_committed = std::ranges::any_of(statements.all(), [&](const auto& each) {
      return each.file == position && each.fate != Fate::rolled_back;
    });
    if (was_committed) continue;
    findings.push_back(
        {.id = "not-applied",
         .message = fmt::format("all {} replicas report success, and {} is neither recorded in {} "
                                "nor was it run; the new release starts against a schema that it "
                                "does not expect",
                                history.replicas, file->name, observation.applied->tracker),
         .where = {.file = file->name, .version = row.version},
         .fix = "apply every file that is on disk and not recorded, or exit non-zero"});
  }
  if (findings.empty()) return {};
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
