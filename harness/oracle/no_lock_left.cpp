// Nothing of a run outlives it in this database: no lock, no open transaction, no statement.
#include "harness/oracle/judges.h"

#include <fmt/format.h>

namespace gauntlet::oracle {

core::Judgement no_lock_left(const Observation& observation) {
  if (!observation.after) return core::unknown("the database was not looked at after the run");
  if (!observation.after->leftovers) {
    return core::unknown("locks and sessions could not be read: " + observation.after->missing);
  }
  const core::Leftovers& left = *observation.after->leftovers;
  std::vector<core::Finding> findings;
  for (const std::string& lock : left.advisory_locks) {
    findings.push_back({.id = "lock-leaked",
                        .message = fmt::format("an advisory lock is still held: {}", lock),
                        .fix = "unlock on the session that locked, and check that the server "
                               "answers true"});
  }
  for (const std::string& session : left.open_transactions) {
    findings.push_back({.id = "transaction-left-open",
                        .message = fmt::format("a transaction is still open: {}", session),
                        .fix = "commit or roll back on every way out, also after an error"});
  }
  for (const std::string& statement : left.running_statements) {
    findings.push_back({.id = "statement-outlives-client",
                        .message = fmt::format("a statement still runs: {}", statement),
                        .fix = "cancel the statement before the client leaves, or set "
                               "client_connection_check_interval"});
  }
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
