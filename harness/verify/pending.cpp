#include "harness/verify/pending.h"

#include "harness/core/recorded_name.h"
#include "harness/observe/observe.h"
#include "runner/postgres.h"
#include "runner/sqlite.h"

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

constexpr std::string_view objects_of_file =
    "SELECT 1 FROM main.sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' LIMIT 1";

/// Has the database any relation of its users, those of extensions aside? Without one nothing can
/// be applied.
bool is_empty(runner::Session& session) {
  if (session.engine() == runner::Engine::sqlite)
    return session.query(objects_of_file).rows.empty();
  const auto rows = session.query(
      "SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class c "
      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
      "AND n.nspname NOT LIKE 'pg\\_temp\\_%' AND n.nspname NOT LIKE 'pg\\_toast\\_temp\\_%' "
      "AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid "
      "AND d.deptype = 'e'))");
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

using Rows = std::vector<core::AppliedRow>;

bool is_same_name(const core::AppliedRow& row, const runner::Migration& migration) {
  if (!row.name) return true;
  return core::is_name_of(*row.name, migration.name, row.version) ||
         plain_name(*row.name) == plain_name(migration.name);
}

/// Takes the migration's row out of `rows`: of several files of one version, the one of its name.
std::optional<core::AppliedRow> take_row(Rows& rows, const runner::Migration& migration,
                                         bool is_only_one) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const core::AppliedRow& row) {
    return row.version == migration.version.number && (is_only_one || is_same_name(row, migration));
  });
  if (found == rows.end()) return std::nullopt;
  core::AppliedRow row = std::move(*found);
  rows.erase(found);
  return row;
}

Inspection compare_rows(const core::Applied& applied, const runner::Listing& listing) {
  Rows rows = applied.rows;
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  std::map<Version, int> files;
  for (const runner::Migration& migration : listing.migrations) ++files[migration.version];
  Inspection found;
  for (const runner::Migration& migration : listing.migrations) {
    const bool is_only_one = files.at(migration.version) == 1;
    const auto row = take_row(rows, migration, is_only_one);
    Entry entry = entry_on_disk(migration, row ? Entry::State::applied : Entry::State::pending);
    if (row && row->name) {
      entry.recorded_name = *row->name;
      if (!is_same_name(*row, migration)) entry.state = Entry::State::renamed;
    }
    found.entries.push_back(std::move(entry));
  }
  for (const core::AppliedRow& row : rows) {
    const bool is_repeated = files.contains(Version{row.version});
    if (!is_repeated) found.entries.push_back(entry_unknown(row));
  }
  found.legacy_dirty = applied.dirty;
  return found;
}

Inspection everything_pending(const runner::Listing& listing) {
  return compare_rows(core::Applied{}, listing);
}

/// As --applied-through says, where no tracker tells.
AppliedState state_through(const runner::Listing& listing, std::int64_t newest) {
  AppliedState state;
  for (const runner::Migration& migration : listing.migrations) {
    const bool done = migration.version.number <= newest;
    state.inspection.entries.push_back(
        entry_on_disk(migration, done ? Entry::State::applied : Entry::State::pending));
  }
  state.notes.push_back(
      fmt::format("taken as applied through version {}, as --applied-through says", newest));
  return state;
}

bool can_go_on_from(const std::string& tool) {
  return tool.empty() || tool == "gauntlet-migrate" || tool == "golang-migrate";
}

AppliedState state_of(const Options& options, const core::Applied& applied,
                      const runner::Listing& listing) {
  AppliedState state;
  state.tracker = applied.tracker;
  state.inspection =
      applied.only_newest ? compare_newest(applied, listing) : compare_rows(applied, listing);
  state.only_newest = applied.only_newest;
  if (applied.only_newest)
    state.notes.push_back(
        fmt::format("{} keeps only the newest version: every lower one on disk is taken as applied",
                    applied.tracker));
  if (!options.runner && !can_go_on_from(applied.tool))
    state.not_ours = fmt::format(
        "gauntlet-migrate does not go on from {}, which is {}'s: name the runner with --runner",
        applied.tracker, applied.tool);
  return state;
}

/// What to say of a database with tables and without a tracker that is known.
std::string cannot_tell(const Context& context, const std::string& missing) {
  const auto like = observe::tracker_like_tables(context.arena->given());
  // What is missing ends in a remedy of its own; there are two here.
  std::string text = fmt::format("which migrations are applied cannot be told: {}",
                                 missing.substr(0, missing.find("; name it with")));
  std::string query = "SELECT version FROM …";
  if (!like.empty()) {
    text += fmt::format("; {} {} like a tracker", fmt::join(like, ", "),
                        like.size() == 1 ? "looks" : "look");
    query = fmt::format("SELECT version FROM {}", like.front());
  }
  return text + fmt::format(
                    "; say where it is recorded:\n  --runner CMD --applied-query '{}'\n"
                    "or how far the database is:\n  --applied-through VERSION",
                    query);
}

AppliedState state_by_tracker(const Context& context, runner::Session& session) {
  const Options& options = context.options;
  const bool names_a_tool = !options.format.native;
  std::string missing;
  const auto applied = observe::applied(context.arena->given(), options.applied_query, missing,
                                        names_a_tool     ? options.format.tracker
                                        : options.runner ? std::string_view()
                                                         : std::string_view("gauntlet-migrate"));
  if (applied) return state_of(options, *applied, context.listing);
  if (options.applied_through) return state_through(context.listing, *options.applied_through);
  if (context.arena->is_ephemeral() || is_empty(session))
    return {.inspection = everything_pending(context.listing)};
  return {.inspection = {}, .cannot_tell = cannot_tell(context, missing)};
}

}  // namespace

std::unique_ptr<runner::Session> connect_unbounded(const arena::Address& address,
                                                   const std::string& application_name) {
  if (!address.file().empty()) return runner::connect_sqlite(address.conninfo());
  auto session =
      runner::connect_postgres(address.conninfo(), {.application_name = application_name});
  session->send("SET statement_timeout = 0");
  return session;
}

AppliedState applied_state(const Context& context, runner::Session& session) {
  const Options& options = context.options;
  if (options.runner || !options.applied_query.empty()) return state_by_tracker(context, session);
  AppliedState state{.inspection = runner::inspect(session, context.listing, {})};
  if (state.inspection.tracker_exists) state.tracker = state.inspection.tracker;
  const bool takes_over = options.format.native && !state.inspection.legacy.empty();
  if (takes_over) {
    state.notes.push_back(
        fmt::format("a predecessor's tracker was read: {}", state.inspection.legacy));
    // Until gauntlet-migrate has records of its own.
    state.only_newest = !state.inspection.tracker_exists;
    if (state.tracker.empty()) state.tracker = "schema_migrations";
  }
  if (state.tracker.empty()) return state_by_tracker(context, session);
  return state;
}

std::optional<core::Applied> applied_by_subject(const Options& options,
                                                const arena::Address& database,
                                                std::string& missing) {
  const std::string_view tool = !options.runner         ? std::string_view("gauntlet-migrate")
                                : options.format.native ? std::string_view()
                                                        : options.format.tracker;
  return observe::applied(database, options.applied_query, missing, tool);
}

std::string why_not_started(const AppliedState& state) {
  if (!state.cannot_tell.empty()) return state.cannot_tell;
  if (state.inspection.legacy_dirty)
    return "the tracker is dirty, so the runner refuses: see `status`";
  for (const runner::Entry& entry : state.inspection.entries) {
    if (entry.state != runner::Entry::State::in_progress) continue;
    return fmt::format("{} ({}) is in progress ({}), so the runner refuses: see `status`",
                       entry.version.number, entry.name, entry.progress);
  }
  return {};
}

std::vector<const runner::Migration*> pending_of(const Context& context,
                                                 const AppliedState& state) {
  std::map<std::pair<Version, std::string>, const runner::Migration*> on_disk;
  for (const runner::Migration& migration : context.listing.migrations) {
    on_disk.emplace(std::pair(migration.version, migration.name), &migration);
  }
  std::vector<const runner::Migration*> pending;
  for (const Entry& entry : state.inspection.entries) {
    if (entry.state == Entry::State::pending)
      pending.push_back(on_disk.at({entry.version, entry.name}));
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
