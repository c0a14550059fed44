#include "harness/verify/pending.h"

#include "harness/observe/observe.h"
#include "runner/postgres.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using runner::Entry;
using runner::Inspection;
using runner::Version;

/// Has the database any relation of its users? Without one nothing can be applied.
bool is_empty(runner::Session& session) {
  const auto rows = session.query(
      "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
      "AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast\\_temp\\_%')");
  return rows.rows.at(0).at(0) == "t";
}

/// Tools spell one description in several ways: `add index`, `add_index`, `AddIndex`.
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80U) plain += static_cast<char>(std::tolower(byte));
  }
  return plain;
}

Entry entry_on_disk(const runner::Migration& migration, Entry::State state) {
  Entry entry;
  entry.version = migration.version;
  entry.name = migration.name;
  entry.state = state;
  return entry;
}

Entry entry_unknown(const core::AppliedRow& row) {
  Entry entry;
  entry.version = Version{row.version};
  entry.name = row.name.value_or("");
  entry.recorded_name = entry.name;
  entry.state = Entry::State::unknown;
  return entry;
}

/// A tracker of the newest version alone (golang-migrate's): everything up to it is taken as
/// applied.
Inspection compare_newest(const core::Applied& applied, const runner::Listing& listing) {
  Inspection found;
  const std::int64_t newest = applied.rows.empty() ? -1 : applied.rows.back().version;
  bool on_disk = applied.rows.empty();
  for (const runner::Migration& migration : listing.migrations) {
    const bool done = migration.version.number <= newest;
    on_disk = on_disk || migration.version.number == newest;
    found.entries.push_back(
        entry_on_disk(migration, done ? Entry::State::applied : Entry::State::pending));
  }
  if (!on_disk) found.entries.push_back(entry_unknown(applied.rows.back()));
  if (applied.dirty) {
    found.legacy_dirty = true;
    found.legacy_version = Version{newest};
  }
  return found;
}

Inspection compare_rows(const core::Applied& applied, const runner::Listing& listing) {
  std::map<std::int64_t, core::AppliedRow> rows;
  for (const core::AppliedRow& row : applied.rows) rows.emplace(row.version, row);
  Inspection found;
  for (const runner::Migration& migration : listing.migrations) {
    const auto row = rows.extract(migration.version.number);
    Entry entry = entry_on_disk(migration, row ? Entry::State::applied : Entry::State::pending);
    if (row && row.mapped().name) {
      entry.recorded_name = *row.mapped().name;
      const bool same = plain_name(entry.recorded_name) == plain_name(migration.name);
      if (!same) entry.state = Entry::State::renamed;
    }
    found.entries.push_back(std::move(entry));
  }
  for (const auto& [version, row] : rows) found.entries.push_back(entry_unknown(row));
  found.legacy_dirty = applied.dirty;
  return found;
}

Inspection everything_pending(const runner::Listing& listing) {
  return compare_rows(core::Applied{}, listing);
}

AppliedState foreign_state(const Context& context, runner::Session& session) {
  AppliedState state;
  if (is_empty(session)) {
    state.inspection = everything_pending(context.listing);
    return state;
  }
  std::string missing;
  const auto applied =
      observe::applied(context.arena->given(), context.options.applied_query, missing);
  if (!applied) {
    state.cannot_tell = fmt::format("which migrations are applied cannot be told: {}", missing);
    return state;
  }
  state.tracker = applied->tracker;
  state.inspection = applied->only_newest ? compare_newest(*applied, context.listing)
                                          : compare_rows(*applied, context.listing);
  if (applied->only_newest) {
    state.notes.push_back(
        fmt::format("{} keeps only the newest version: every lower one on disk is taken as applied",
                    applied->tracker));
  }
  return state;
}

}  // namespace

std::unique_ptr<runner::Session> connect_unbounded(const arena::Address& address,
                                                   const std::string& application_name) {
  auto session =
      runner::connect_postgres(address.conninfo(), {.application_name = application_name});
  session->send("SET statement_timeout = 0");
  return session;
}

AppliedState applied_state(const Context& context, runner::Session& session) {
  if (context.options.runner || !context.options.applied_query.empty()) {
    return foreign_state(context, session);
  }
  AppliedState state{.inspection = runner::inspect(session, context.listing, {})};
  if (state.inspection.tracker_exists) state.tracker = state.inspection.tracker;
  if (!state.inspection.legacy.empty()) {
    state.notes.push_back(
        fmt::format("a predecessor's tracker was read: {}", state.inspection.legacy));
    if (state.tracker.empty()) state.tracker = "schema_migrations";
  }
  return state;
}

std::vector<const runner::Migration*> pending_of(const Context& context,
                                                 const AppliedState& state) {
  std::map<Version, const runner::Migration*> on_disk;
  for (const runner::Migration& migration : context.listing.migrations) {
    on_disk.emplace(migration.version, &migration);
  }
  std::vector<const runner::Migration*> pending;
  for (const Entry& entry : state.inspection.entries) {
    if (entry.state == Entry::State::pending) pending.push_back(on_disk.at(entry.version));
  }
  return pending;
}

std::vector<std::string> tracker_tables(const AppliedState& state) {
  std::vector<std::string> tables = {"applied_migrations", "applied_migrations_in_progress",
                                     "schema_migrations"};
  const bool is_table = !state.tracker.empty() && state.tracker.find(' ') == std::string::npos;
  if (is_table) tables.push_back(state.tracker);
  std::sort(tables.begin(), tables.end());
  tables.erase(std::unique(tables.begin(), tables.end()), tables.end());
  return tables;
}

std::string subject_name(const Options& options) {
  return options.runner.value_or("gauntlet-migrate");
}

}  // namespace gauntlet::verify
