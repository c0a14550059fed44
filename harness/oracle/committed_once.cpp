// The history alone shows that two replicas committed the same file, also where its tables are
// empty. Asked after every run.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement committed_once(const Observation& observation) {
  if (!observation.all_apply) return {};  // what was taken back may be applied again
  const FileStatements statements(observation.history, observation.files);
  std::vector<core::Finding> findings;
  for (std::size_t file = 0; file < observation.files.size(); ++file) {
    std::vector<std::string> replicas;
    for (const std::size_t replica : statements.replicas_that_committed(file))
      replicas.push_back(std::to_string(replica));
    if (replicas.size() < 2) continue;
    const MigrationFile& twice = observation.files[file];
    findings.push_back(
        {.id = "applied-twice",
         .message = fmt::format("{} was run and committed by {} replicas: {}; the server confirmed "
                                "each commit",
                                twice.name, replicas.size(), some_of(replicas, 16)),
         .where = {.file = twice.name, .version = twice.version},
         .fix = "hold one lock from before the tracker is read until the record is committed, and "
                "record in the transaction of the body"});
  }
  if (findings.empty()) return {};
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
