#include "harness/run/stage_observer.h"

#include "harness/formats/format.h"
#include "harness/observe/lock_rows.h"
#include "harness/observe/observe.h"
#include "harness/run/asked.h"
#include "harness/run/call.h"
#include "runner/sql/lexer.h"
#include "runner/values/table_name.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Stage;

std::vector<core::AppliedRow> names_of(const runner::Listing& listing) {
  std::vector<core::AppliedRow> rows;
  rows.reserve(listing.migrations.size());
  for (const runner::Migration& migration : listing.migrations)
    rows.push_back({.version = migration.version.number, .name = migration.name});
  return rows;
}

/// The first file makes the table in which each body leaves a row.
bool journals(const runner::Listing& listing) {
  return !listing.migrations.empty() &&
         listing.migrations.front().up.sql().find("CREATE TABLE journal") != std::string_view::npos;
}

/// All go up, by one tracker: then a file is applied once in all.
bool all_apply(const Stage& stage) {
  const std::string_view table = stage.table.empty() ? stage.call.table : stage.table;
  return stage.call.action == scenario::Action::up && !stage.direction &&
         std::ranges::all_of(stage.beside, [&](const scenario::Beside& beside) {
           return beside.call.action == scenario::Action::up && beside.call.table == table;
         });
}

/// One was ended, or ended with another code than 0.
bool has_failed(const core::History& history) {
  return std::ranges::any_of(history.events, [](const core::Event& event) {
    return event.kind == core::Event::Kind::killed ||
           (event.kind == core::Event::Kind::exited && event.exit_code != 0);
  });
}

}  // namespace

oracle::Observation StageObserver::before(const Stage& stage,
                                          const arena::Address& database) const {
  oracle::Observation seen;
  observe::Look look = observe::look(database, wanted_before(stage), std::nullopt);
  seen.before = std::move(look.snapshot);
  seen.journal_before = look.journal ? look.journal->size() : 0;
  return seen;
}

void StageObserver::after(oracle::Observation& seen, std::size_t index, const Stage& stage,
                          const StageSeen& run, const arena::Address& database, Depth depth) {
  seen.history = run.history;
  seen.table_waits = run.table_waits;
  seen.pending = pending_in(stage, ground_.folders[index].listing);
  look(seen, index, stage, run, database, depth);
  add_claims(seen, index, stage);
  seen.committed_before = committed_;
  const oracle::FileStatements statements(seen.history, seen.files);
  for (std::size_t file = 0; file < seen.files.size(); ++file)
    if (statements.is_committed(file)) committed_.insert(seen.files[file].version);
}

void StageObserver::look(oracle::Observation& seen, std::size_t index, const Stage& stage,
                         const StageSeen& run, const arena::Address& database, Depth depth) {
  observe::Wanted wanted = wanted_after(stage);
  wanted.leftovers = !run.leftovers;
  wanted.catalogue = wanted.catalogue || depth == Depth::whole;
  wanted.data = wanted.data || depth == Depth::whole;
  const std::string query = tracker_query(stage);
  observe::Look look = observe::look(database, wanted, query, tool());
  if (query.empty() && ground_.program != nullptr)
    ground_.serial.tracker.drop_foreign(look.applied, look.applied_missing);
  seen.after = std::move(look.snapshot);
  if (run.leftovers) seen.after->leftovers = run.leftovers;
  applied_ = look.applied;
  seen.applied = std::move(look.applied);
  seen.applied_missing = std::move(look.applied_missing);
  seen.journal = std::move(look.journal);
  seen.journal_is_absent = wanted.journal && !seen.journal &&
                           journals(ground_.folders[index].listing) && database.file().empty();
  // By now none of the copies is alive.
  if (has_failed(run.history)) seen.lock_rows = observe::held_lock_rows(database);
  if (!seen.applied && asks_any(stage, {"set-equality", "disk-is-recorded"}))
    seen.tracker_is_absent = observe::tracker_is_absent(database, tracker_query(stage));
}

void StageObserver::add_claims(oracle::Observation& seen, std::size_t index,
                               const Stage& stage) const {
  const Folder& folder = ground_.folders[index];
  const runner::Listing known = known_to(stage.call, folder.listing);
  const std::vector<ShownAlone>& shown = ground_.serial.shown;
  if (index >= shown.size() || !shown[index].is_no_yardstick)
    seen.serial = ground_.serial.stages[index];
  seen.on_disk = names_of(known);
  seen.files =
      asks_any(stage, {"refused-or-applied"}) ? numbered_files(folder) : migration_files(known);
  seen.late = late_in(index);
  seen.appliers = stage.replicas;
  seen.all_apply = all_apply(stage);
  seen.one_session_is_claimed =
      std::ranges::find(ground_.scenario.claims, "pinned") != ground_.scenario.claims.end();
  for (const scenario::HookSql& hook : stage.hooks) seen.hooks.emplace_back(hook.sql);
  seen.expected_error = stage.expected_error;
  if (!stage.expected_warning.empty()) seen.expected_warning = stage.expected_warning;
  seen.success_codes = success_codes(index, stage);
  if (ground_.program == nullptr) return;
  seen.patience = ground_.patience;
  for (const runner::Migration& migration : folder.listing.migrations)
    seen.bodies.emplace_back(migration.up.sql());
}

/// What the stage before it left unapplied, as far as its tracker was read.
std::map<std::int64_t, std::string> StageObserver::pending_in(
    const Stage& stage, const runner::Listing& listing) const {
  std::map<std::int64_t, std::string> pending;
  if (stage.call.action != scenario::Action::up) return pending;
  for (const runner::Migration& migration : known_to(stage.call, listing).migrations) {
    const std::int64_t version = migration.version.number;
    const auto covers = [&](const core::AppliedRow& row) {
      return row.version == version || (applied_->only_newest && row.version > version);
    };
    if (!applied_ || std::ranges::none_of(applied_->rows, covers))
      pending.emplace(version, migration.up.sql());
  }
  return pending;
}

/// Files of this stage that are below the newest of the stages before it.
std::set<std::int64_t> StageObserver::late_in(std::size_t index) const {
  std::set<std::int64_t> late, before;
  if (index == 0) return late;
  for (const runner::Migration& migration : ground_.folders[index - 1].listing.migrations)
    before.insert(migration.version.number);
  for (const runner::Migration& migration : ground_.folders[index].listing.migrations) {
    const std::int64_t version = migration.version.number;
    if (!before.contains(version) && !before.empty() && version < *before.rbegin())
      late.insert(version);
  }
  return late;
}

/// A status ends under the lock with the code with which it ends without it.
std::vector<int> StageObserver::success_codes(std::size_t index, const Stage& stage) const {
  if (ground_.program == nullptr) return stage.success_codes;
  if (stage.call.action == scenario::Action::status) return ground_.serial.exits[index];
  return stage.success_codes == Stage().success_codes ? ground_.program->subject.success_codes
                                                      : stage.success_codes;
}

/// Whose tracker is meant if a database holds those of several tools.
std::string_view StageObserver::tool() const {
  const Program* program = ground_.program;
  if (program == nullptr || program->told == Program::Told::key_and_table)
    return "gauntlet-migrate";
  if (!program->project) return {};
  const formats::Format* format = formats::find_format(program->project->format);
  return format == nullptr || format->native ? std::string_view() : format->tracker;
}

std::string StageObserver::tracker_query(const Stage& stage) const {
  if (ground_.program != nullptr && !ground_.program->applied_query.empty())
    return ground_.program->applied_query;
  if (stage.table.empty()) return {};
  const runner::TableName name = runner::parse_table_name(stage.table, "table");
  const std::string schema = name.schema.empty() ? "" : runner::quoted_by('"', name.schema) + ".";
  return fmt::format("SELECT version, name FROM {}{}", schema, runner::quoted_by('"', name.table));
}

}  // namespace gauntlet::run
