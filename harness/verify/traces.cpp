#include "harness/verify/traces.h"

#include "harness/observe/observe.h"
#include "harness/truth/statement_text.h"
#include "harness/verify/pending.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// The data of a larger database is not compared: reading it twice would be felt there.
constexpr std::uint64_t compared_bytes_max = 256U << 20U;

/// How a snapshot spells a sequence's value that nextval() has given out.
constexpr std::string_view called_mark = " (called)";

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

/// What a transaction of the database's own can write through past its rollback.
bool reaches_outside(runner::Session& session) {
  const auto found = session.query(
      "SELECT 1 FROM pg_catalog.pg_extension WHERE extname IN ('dblink', 'postgres_fdw', "
      "'pg_background', 'pg_cron', 'plproxy') UNION ALL SELECT 1 FROM pg_catalog.pg_language "
      "WHERE NOT lanpltrusted AND lanname NOT IN ('internal', 'c') LIMIT 1");
  return !found.rows.empty();
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

std::size_t count_company(runner::Session& session) {
  const auto found = session.query(
      "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity "
      "WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid() "
      "AND backend_type = 'client backend' AND application_name NOT LIKE 'gauntlet %' "
      "AND application_name NOT IN ('gauntlet', 'gauntlet-observe')");
  return std::stoull(found.rows.at(0).at(0).value_or("0"));
}

Traces::Traces(const Context& context)
    : context_(context),
      session_(connect_unbounded(context.arena->given(), "gauntlet traces")),
      before_(look()) {}

Traces::Look Traces::look() const {
  const arena::Address& address = context_.arena->given();
  Look look;
  look.snapshot = observe::snapshot(address, {.data_bytes_max = compared_bytes_max});
  look.company = count_company(*session_) > 0;
  if (!look.snapshot.data) {
    std::string missing;
    const auto applied = applied_by_subject(context_.options, address, missing);
    if (applied) look.applied = applied->rows;
  }
  return look;
}

/// No rollback undoes nextval(): the next dry run would judge another database. With nobody else
/// connected the sequence is set back; with others its move is reported.
void Traces::judge_sequences(Trial& trial, const Look& after) const {
  if (!before_.snapshot.sequences || !after.snapshot.sequences) return;
  for (const auto& [name, value] : *before_.snapshot.sequences) {
    const auto now = after.snapshot.sequences->find(name);
    if (now == after.snapshot.sequences->end() || now->second == value) continue;
    const bool alone = !before_.company && !after.company;
    trial.notes.push_back(
        alone && set_back(name, value, now->second)
            ? fmt::format("sequence {} had moved from {} to {}, and was set back", name, value,
                          now->second)
            : fmt::format("sequence {} moved from {} to {}: no rollback undoes that", name, value,
                          now->second));
  }
}

/// ALTER SEQUENCE's lock keeps everybody else's nextval() out until the value is set; it alters
/// nothing. False if the sequence moved on meanwhile, or is not ours to set.
bool Traces::set_back(const std::string& sequence, const std::string& value,
                      const std::string& moved_to) const {
  try {
    const std::string increment = session_
                                      ->query(
                                          "SELECT seqincrement FROM pg_catalog.pg_sequence "
                                          "WHERE seqrelid = $1::pg_catalog.regclass",
                                          {sequence})
                                      .rows.at(0)
                                      .at(0)
                                      .value_or("1");
    session_->send(
        fmt::format("BEGIN; SET LOCAL lock_timeout = '1s'; ALTER SEQUENCE {} INCREMENT BY {}",
                    sequence, increment));
    const auto stands = session_->query(
        fmt::format("SELECT last_value || CASE WHEN is_called THEN '{}' ELSE '' END FROM {}",
                    called_mark, sequence));
    const bool is_as_left = stands.rows.at(0).at(0) == moved_to;
    if (is_as_left) {
      session_->query(
          "SELECT pg_catalog.setval($1::pg_catalog.regclass, $2::pg_catalog.int8, "
          "$3::pg_catalog.bool)",
          {sequence, value.substr(0, value.find(' ')), value.ends_with(called_mark) ? "t" : "f"});
    }
    session_->send(is_as_left ? "COMMIT" : "ROLLBACK");
    return is_as_left;
  } catch (const runner::SqlError& error) {
    if (!error.connection_lost()) session_->send("ROLLBACK");
    return false;
  }
}

/// Else it was a session that came and went meanwhile.
bool Traces::may_write_outside() const {
  const auto& migrations = context_.listing.migrations;
  return reaches_outside(*session_) ||
         std::ranges::any_of(migrations, [](const runner::Migration& migration) {
           const std::string text = runner::lower(migration.up.sql());
           return text.find("dblink") != std::string::npos || truth::mentions(text, "program");
         });
}

void Traces::judge(Trial& trial, const std::string& transaction) const {
  const Look after = look();
  judge_sequences(trial, after);
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
  } else if (aborted && (before_.company || after.company || !may_write_outside())) {
    core::merge(trial.judgement,
                core::unknown(fmt::format("somebody else changed the database meanwhile: {}",
                                          shortened(std::move(differing)))));
  } else {
    core::merge(trial.judgement, core::judged({left_traces(transaction, std::move(differing))}));
  }
}

}  // namespace gauntlet::verify
