// The history alone shows that two replicas committed the same file, also where its tables are
// empty. Asked after every run.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"
#include "harness/sql/which_file.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

/// Does a second run of the statement change nothing, by its own words?
bool is_repeatable(std::string_view statement) {
  std::string words = sql::tokens_of_statement(statement);
  std::ranges::transform(words, words.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (words.starts_with("CREATE OR REPLACE ")) return true;
  const bool defines = words.starts_with("CREATE ") || words.starts_with("ALTER ");
  if (defines) return words.find(" IF NOT EXISTS ") != std::string::npos;
  return words.starts_with("DROP ") && words.find(" IF EXISTS ") != std::string::npos;
}

/// A runner without a tracker may run such a file at every start.
bool is_repeatable(const MigrationFile& file) {
  const runner::Split split = runner::split(file.sql);
  return !split.statements.empty() &&
         std::ranges::all_of(split.statements, [](const runner::Statement& statement) {
           return is_repeatable(statement.sql);
         });
}

}  // namespace

core::Judgement committed_once(const Observation& observation) {
  if (!observation.all_apply) return {};  // what was taken back may be applied again
  const FileStatements statements(observation.history, observation.files);
  std::vector<core::Finding> findings;
  for (std::size_t file = 0; file < observation.files.size(); ++file) {
    std::vector<std::string> replicas;
    for (const std::size_t replica : statements.replicas_that_committed(file))
      replicas.push_back(std::to_string(replica));
    if (replicas.size() < 2 || is_repeatable(observation.files[file])) continue;
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
