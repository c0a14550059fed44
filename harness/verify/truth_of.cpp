#include "harness/verify/truth_of.h"

#include "harness/core/files.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/sql/migration_facts.h"
#include "harness/truth/statement_text.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/file_plan.h"
#include "harness/verify/replicas_tracker.h"
#include "harness/verify/seen_alone.h"
#include "harness/verify/standstill.h"
#include "runner/values/error.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// Nullopt where the wire door cannot be had.
std::optional<core::History> run_on_wire(const fleet::Subject& subject, const Context& context,
                                         const arena::Database& database,
                                         std::chrono::milliseconds patience,
                                         const fleet::StandstillOptions& standstill) {
  try {
    return fleet::run_on_the_wire(subject, database, context.runner_folder(), 1, patience,
                                  fleet::ProcessFleet::Start::at_once, standstill);
  } catch (const runner::Error& error) {
    if (error.code() != "connect-failed" && error.code() != "cannot-listen") throw;
    return std::nullopt;
  }
}

/// What acts on the whole server acts once: a second application on the same one meets it.
std::string met_again(const Context& context, const std::vector<truth::File>& files) {
  if (context.arena->is_ephemeral()) return {};
  for (const runner::Migration& migration : context.listing.migrations) {
    const bool is_asked = std::ranges::any_of(
        files, [&](const truth::File& file) { return file.version == migration.version.number; });
    if (!is_asked || sql::facts_of(migration.up).cluster_wide.empty()) continue;
    return fmt::format(
        "{} acts on the whole server, where a second application meets what the first one left: "
        "what the files leave is judged with `--database ephemeral` only",
        core::name_in_messages(migration.up.file));
  }
  return {};
}

}  // namespace

WatchedRun run_watched(const fleet::Subject& subject, const Context& context,
                       const MakeDatabase& make, const RunBounds& bounds) {
  const auto start = std::chrono::steady_clock::now();
  WatchedRun run{.database = make()};
  const auto made_in =
      std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  const auto standstill = standstill_options(context, *run.database, bounds.idle, made_in);
  if (auto history = run_on_wire(subject, context, *run.database, bounds.patience, standstill)) {
    run.history = std::move(*history);
    const bool is_too_slow = was_killed(run.history) && !run.history.standstill;
    if (succeeded(run.history, subject)) {
      context.learned->locks = {.flaws = flaws_of_lock(run.history),
                                .at_the_server = locks_at_the_server(run.history)};
    }
    if (succeeded(run.history, subject) || is_too_slow) return run;
  }
  run.database = make();
  run.was_watched = false;
  run.history = fleet::run_once(subject, *run.database, context.runner_folder(), bounds.patience,
                                standstill_options(context, *run.database, bounds.idle, made_in));
  return run;
}

core::History run_alone(const fleet::Subject& subject, const Context& context,
                        const arena::Database& database, const RunBounds& bounds) {
  return fleet::run_once(
      subject, database, context.runner_folder(), bounds.patience,
      standstill_options(context, database, bounds.idle, std::chrono::milliseconds(0)));
}

std::vector<truth::File> files_of(const std::vector<const runner::Migration*>& migrations,
                                  const Options& options) {
  std::vector<truth::File> files;
  files.reserve(migrations.size());
  for (const runner::Migration* migration : migrations) {
    const formats::Delivery delivery =
        plan_file(*migration, options.format, Ground::ephemeral).delivery;
    files.push_back({.name = core::name_in_messages(migration->up.file),
                     .version = migration->version.number,
                     .sql = std::string(migration->up.sql()),
                     .in_transaction = delivery == formats::Delivery::in_transaction,
                     .by_statement = delivery == formats::Delivery::by_statement});
  }
  return files;
}

std::vector<const runner::Migration*> all_migrations(const runner::Listing& listing) {
  std::vector<const runner::Migration*> all;
  all.reserve(listing.migrations.size());
  for (const runner::Migration& migration : listing.migrations) all.push_back(&migration);
  return all;
}

std::set<std::string> own_tables(const arena::Address& address,
                                 const std::optional<core::Applied>& applied,
                                 const std::string& tracker) {
  std::set<std::string> tables;
  if (!applied) return tables;
  std::istringstream names(tables_of(address, *applied, tracker));
  for (std::string name; std::getline(names, name, ',');)
    tables.insert(name.substr(name.find_first_not_of(' ')));
  return tables;
}

std::set<std::string> made_beside(const truth::Sent& sent, const std::vector<truth::File>& files,
                                  const std::set<std::string>& trackers) {
  std::string texts;
  for (const truth::File& file : files) texts.append(file.sql).append("\n");
  std::set<std::string> made = truth::tables_made_beside(sent, texts);
  for (const std::string& tracker : trackers) made.erase(truth::target_of(tracker));
  return made;
}

truth::Answer hold_to_files(const Context& context, const std::vector<truth::File>& files,
                            const truth::Sent& sent, const core::Snapshot& left,
                            std::set<std::string> own_tables, const MakeDatabase& another,
                            truth::Known& known) {
  if (context.drops_judges) return {};
  if (std::string why = met_again(context, files); !why.empty())
    return {.judgement = core::unknown(std::move(why)), .notes = {}};
  truth::Answer answer = truth::judge({.files = files,
                                       .sent = sent,
                                       .left = left,
                                       .own_tables = std::move(own_tables),
                                       .statement_timeout = context.options.statement_timeout,
                                       .unstable_columns = context.options.unstable_columns,
                                       .another = another},
                                      known);
  name_files(answer.judgement, context.listing);
  return answer;
}

std::optional<core::Snapshot> calibrated_by_files(
    const Context& context, const std::vector<truth::File>& files, const truth::Sent& sent,
    const core::Snapshot& left, const MakeDatabase& another, truth::Known& known) {
  if (!met_again(context, files).empty()) return std::nullopt;
  try {
    return truth::calibrated({.files = files,
                              .sent = sent,
                              .left = left,
                              .statement_timeout = context.options.statement_timeout,
                              .another = another},
                             known);
  } catch (const runner::Error&) {
    return std::nullopt;
  }
}

}  // namespace gauntlet::verify
