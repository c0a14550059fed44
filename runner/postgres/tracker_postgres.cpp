#include "runner/postgres/dialect_postgres.h"
#include "runner/tracker/tracker_sql.h"

#include <string_view>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

// Columns of both reads, as text: kind, then what the kind needs. They are asked on a session with
// cold caches, where a join over the catalogue or a regular expression costs more than all rows of
// the tracker.
constexpr std::string_view server_facts =
    "pg_catalog.pg_backend_pid()::text, "
    "(pg_catalog.current_setting('client_connection_check_interval', true) IS NOT NULL"
    " AND pg_catalog.strpos(pg_catalog.version(), 'Visual C') = 0"
    " AND pg_catalog.strpos(pg_catalog.version(), 'mingw') = 0)::text";
constexpr std::string_view has_lock_timeout =
    "(pg_catalog.current_setting('lock_timeout') <> '0')::text";
constexpr std::string_view rfc3339 = "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'";

/// The schema of the table that is named, by a look into the server's caches instead of a join.
std::string schema_holding(const std::string& table) {
  return fmt::format(
      "(pg_catalog.pg_identify_object_as_address('pg_catalog.pg_class'::pg_catalog.regclass,"
      " {}::pg_catalog.regclass, 0)).object_names[1]",
      table);
}

class TrackerPostgres final : public TrackerSql {
 public:
  std::string schema_of(const std::string& schema) const override { return schema; }

  // No join, no sort and no function: each would have to be looked up first in a new server
  // process.
  std::string glance(const TrackerTables& tables) const override {
    return fmt::format("SELECT version, name, checksum, EXISTS (SELECT FROM {}) FROM {}",
                       tables.quoted_marks, tables.quoted);
  }

  std::string read_tracker(const Session& session, const TrackerTables& tables,
                           bool marks_exist) const override {
    const std::string schema = schema_holding(session.literal(tables.quoted));
    const std::string marks_beside =
        marks_exist ? schema_holding(session.literal(tables.quoted_marks)) + " = " + schema
                    : "false";
    std::string statement = fmt::format(
        "SELECT 'server' AS kind, {}, {}, 'true', ({})::text, 'true', {}"
        " UNION ALL SELECT 'row', version::text, name::text, checksum::text,"
        " pg_catalog.to_char(applied_at AT TIME ZONE 'UTC', {}), NULL, NULL, NULL FROM {}",
        server_facts, schema, marks_beside, has_lock_timeout, rfc3339, tables.quoted);
    if (marks_exist) {
      statement += fmt::format(
          " UNION ALL SELECT 'mark', version::text, name, checksum,"
          " pg_catalog.to_char(started_at AT TIME ZONE 'UTC', {}), statement_index::text,"
          " statements::text, backend_pid::text FROM {}",
          rfc3339, tables.quoted_marks);
    }
    return statement;
  }

  std::string probe_tracker(const Session& session, const TrackerTables& tables) const override {
    const std::string given = tables.schema.empty() ? "pg_catalog.current_schema()::text"
                                                    : session.literal(tables.schema) + "::text";
    return fmt::format(
        "SELECT 'server' AS kind, {}, f.schema, (f.tracker IS NOT NULL)::text,"
        " (pg_catalog.to_regclass(pg_catalog.quote_ident(f.schema) || '.' ||"
        " pg_catalog.quote_ident({})) IS NOT NULL)::text,"
        " (pg_catalog.to_regnamespace(pg_catalog.quote_ident(f.schema)) IS NOT NULL)::text,"
        " {}"
        " FROM (SELECT t.oid AS tracker, COALESCE({}, {}) AS schema"
        " FROM pg_catalog.to_regclass({}) AS t(oid)) AS f",
        server_facts, session.literal(tables.marks), has_lock_timeout, schema_holding("t.oid"),
        given, session.literal(tables.quoted));
  }

  std::string pending_condition(const TrackerTables& tables,
                                const std::vector<Version>& versions) const override {
    std::string list;
    for (const Version version : versions) {
      if (!list.empty()) list += ',';
      list += std::to_string(version.number);
    }
    return fmt::format(
        "EXISTS (SELECT FROM pg_catalog.unnest('{{{}}}'::bigint[]) AS wanted(version) WHERE NOT "
        "EXISTS"
        " (SELECT FROM {} AS t WHERE t.version = wanted.version))",
        list, tables.quoted);
  }

  std::string no_tracker_condition(const Session& session,
                                   const TrackerTables& tables) const override {
    return fmt::format("pg_catalog.to_regclass({}) IS NULL", session.literal(tables.quoted));
  }

  std::string recheck(const TrackerTables& tables, Version version,
                      Direction direction) const override {
    const std::string recorded =
        direction == Direction::up ? "1 - pg_catalog.count(*)" : "pg_catalog.count(*)";
    return fmt::format("SELECT 1 / ({}) FROM {} WHERE version = {}", recorded, tables.quoted,
                       version.number);
  }

  // Whoever may look at marks has the session's lock.
  std::string refuse_mark(const TrackerTables&, Version) const override { return {}; }
  std::string recheck_mark(const TrackerTables&, const Mark&) const override { return {}; }

  std::string create_tracker(const TrackerTables& tables) const override {
    return fmt::format(
        "CREATE TABLE {} (version bigint PRIMARY KEY, name text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT pg_catalog.now(), checksum text)",
        tables.quoted);
  }

  std::string create_marks(const TrackerTables& tables) const override {
    return fmt::format(
        "CREATE TABLE {} (version bigint PRIMARY KEY, name text NOT NULL, statement_index int NOT "
        "NULL,"
        " statements int NOT NULL, started_at timestamptz NOT NULL DEFAULT pg_catalog.now(),"
        " backend_pid int NOT NULL DEFAULT pg_catalog.pg_backend_pid(), checksum text)",
        tables.quoted_marks);
  }

  std::string now() const override { return "pg_catalog.now()"; }
  std::string backend_pid(const Session&) const override { return "pg_catalog.pg_backend_pid()"; }

  std::string find_legacy(const Session& session, const std::string& schema,
                          const std::string& table, bool search) const override {
    const std::string qualified = session.identifier(schema) + "." + session.identifier(table);
    return fmt::format(
        "SELECT n.nspname::text, c.relname::text, (SELECT "
        "pg_catalog.string_agg(a.attname::text, ', ' ORDER"
        " BY a.attname::text COLLATE \"C\") FROM pg_catalog.pg_attribute a WHERE a.attrelid "
        "= c.oid AND"
        " a.attnum > 0 AND NOT a.attisdropped) FROM pg_catalog.pg_class c JOIN "
        "pg_catalog.pg_namespace n"
        " ON n.oid = c.relnamespace WHERE c.oid = COALESCE(pg_catalog.to_regclass({}),"
        " pg_catalog.to_regclass({}))",
        session.literal(qualified),
        session.literal(search ? session.identifier(table) : qualified));
  }

  std::string read_legacy(const std::string& quoted) const override {
    return fmt::format("SELECT version::text, dirty::text FROM {} LIMIT 2", quoted);
  }
  std::string lock_legacy(const std::string& quoted) const override {
    return fmt::format("LOCK TABLE {} IN SHARE MODE", quoted);
  }
};

}  // namespace

const TrackerSql& postgres_tracker_sql() {
  static const TrackerPostgres sql;
  return sql;
}

}  // namespace gauntlet::runner
