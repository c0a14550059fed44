#include "harness/verify/traces.h"

#include "harness/observe/observe.h"
#include "harness/verify/pending.h"
#include "runner/postgres.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// Is anybody but Gauntlet connected to this database?
bool has_company(runner::Session& session) {
  const auto found = session.query(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity "
      "WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() "
      "AND backend_type = 'client backend' AND application_name NOT LIKE 'gauntlet %' "
      "AND application_name NOT IN ('gauntlet', 'gauntlet-observe'))");
  return found.rows.at(0).at(0) == "t";
}

template <typename Map>
void collect_differences(const std::optional<Map>& before, const std::optional<Map>& after,
                         std::vector<std::string>& differing) {
  if (!before || !after) return;
  for (const auto& [name, value] : *before) {
    const auto now = after->find(name);
    if (now == after->end() || !(now->second == value)) differing.push_back(name);
  }
  for (const auto& [name, value] : *after) {
    if (before->find(name) == before->end()) differing.push_back(name);
  }
}

std::vector<std::string> differences(const core::Snapshot& before, const core::Snapshot& after) {
  std::vector<std::string> differing;
  collect_differences(before.catalogue, after.catalogue, differing);
  collect_differences(before.data, after.data, differing);
  std::sort(differing.begin(), differing.end());
  differing.erase(std::unique(differing.begin(), differing.end()), differing.end());
  return differing;
}

std::string shortened(std::vector<std::string> names) {
  constexpr std::size_t listed_max = 10;
  const std::size_t more = names.size() - std::min(names.size(), listed_max);
  names.resize(names.size() - more);
  return more == 0 ? fmt::format("{}", fmt::join(names, ", "))
                   : fmt::format("{} and {} more", fmt::join(names, ", "), more);
}

void note_sequences(Trial& trial, const core::Snapshot& before, const core::Snapshot& after) {
  if (!before.sequences || !after.sequences) return;
  for (const auto& [name, value] : *before.sequences) {
    const auto now = after.sequences->find(name);
    if (now == after.sequences->end() || now->second == value) continue;
    trial.notes.push_back(fmt::format("sequence {} moved from {} to {}: no rollback undoes that",
                                      name, value, now->second));
  }
}

std::string fate_of(const std::string& transaction) {
  return transaction.empty() ? std::string("nothing asked for a transaction id")
                             : fmt::format("the server calls our transaction {}", transaction);
}

std::string proven(const core::Snapshot& before, const core::Snapshot& after,
                   const std::string& transaction) {
  if (before.data && after.data) {
    return fmt::format("rolled back: {}; catalogue, tracker and data are as before",
                       fate_of(transaction));
  }
  return fmt::format(
      "rolled back: {}; catalogue and tracker are as before, data was not compared ({})",
      fate_of(transaction), before.data ? after.missing : before.missing);
}

core::Finding left_traces(const std::string& transaction, std::vector<std::string> differing) {
  core::Finding finding{.id = "dry-run-left-traces"};
  finding.message =
      differing.empty()
          ? fmt::format("the server calls the dry run's transaction {}", transaction)
          : fmt::format("the dry run was rolled back, and yet these differ from before: {}",
                        shortened(std::move(differing)));
  finding.fix =
      "look in the pending files for what writes through another session (dblink, programs)";
  return finding;
}

}  // namespace

Traces::Traces(const Context& context)
    : context_(context),
      session_(runner::connect_postgres(context.arena->given().conninfo(),
                                        {.application_name = "gauntlet traces"})),
      before_(look()) {}

Traces::Look Traces::look() const {
  const arena::Address& address = context_.arena->given();
  Look look;
  look.snapshot =
      observe::snapshot(address, {.data_bytes_max = context_.options.arena.copy_bytes_max});
  look.company = has_company(*session_);
  if (!look.snapshot.data) {
    std::string missing;
    const auto applied = applied_by_subject(context_.options, address, missing);
    if (applied) look.applied = applied->rows;
  }
  return look;
}

void Traces::judge(Trial& trial, const std::string& transaction) const {
  const Look after = look();
  note_sequences(trial, before_.snapshot, after.snapshot);
  if (!before_.snapshot.catalogue || !after.snapshot.catalogue) {
    core::merge(trial.judgement,
                core::unknown(fmt::format("that nothing stayed cannot be proven: {}",
                                          before_.snapshot.catalogue ? after.snapshot.missing
                                                                     : before_.snapshot.missing)));
    return;
  }
  std::vector<std::string> differing = differences(before_.snapshot, after.snapshot);
  if (before_.applied != after.applied) differing.emplace_back("the tracker's rows");
  const bool aborted = transaction.empty() || transaction == "aborted";
  if (differing.empty() && aborted) {
    trial.notes.push_back(proven(before_.snapshot, after.snapshot, transaction));
  } else if (aborted && (before_.company || after.company)) {
    core::merge(trial.judgement,
                core::unknown(fmt::format("somebody else changed the database meanwhile: {}",
                                          shortened(std::move(differing)))));
  } else {
    core::merge(trial.judgement, core::judged({left_traces(transaction, std::move(differing))}));
  }
}

}  // namespace gauntlet::verify
