#include "runner/sqlite/dialect_sqlite.h"
#include "runner/tracker/tracker_sql.h"

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

// An error at run time that no other statement of ours can have: SQLITE_TOOBIG, without any bytes.
constexpr const char* fail = "zeroblob(9223372036854775807)";
constexpr const char* rfc3339_now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

class TrackerSqlite final : public TrackerSql {
 public:
  std::string schema_of(const std::string& schema) const override {
    if (schema.empty() || schema == "main") return "main";
    throw Error("bad-table-name",
                fmt::format("there is no schema \"{}\": a SQLite file has none but main", schema),
                "--table", "give the table's name alone");
  }

  // The full read is one statement in this process.
  std::string glance(const TrackerTables&) const override { return {}; }

  std::string read_tracker(const Session& session, const TrackerTables& tables,
                           bool marks_exist) const override {
    std::string statement = fmt::format(
        "SELECT 'server' AS kind, '{}', 'false', 'main', 'true', '{}', 'true', NULL"
        " UNION ALL SELECT 'row', CAST(version AS text), CAST(name AS text), checksum, applied_at,"
        " NULL, NULL, NULL FROM {}",
        session.backend_pid(), marks_exist, tables.quoted);
    if (marks_exist) {
      statement += fmt::format(
          " UNION ALL SELECT 'mark', CAST(version AS text), name, checksum, started_at,"
          " CAST(statement_index AS text), CAST(statements AS text), CAST(backend_pid AS text)"
          " FROM {}",
          tables.quoted_marks);
    }
    return statement;
  }

  std::string probe_tracker(const Session& session, const TrackerTables& tables) const override {
    const auto there = [&](const std::string& table) {
      return fmt::format(
          "CASE WHEN EXISTS (SELECT 1 FROM main.sqlite_master WHERE type IN ('table', 'view')"
          " AND name = {} COLLATE NOCASE) THEN 'true' ELSE 'false' END",
          session.literal(table));
    };
    return fmt::format("SELECT 'server' AS kind, '{}', 'false', 'main', {}, {}, 'true', NULL",
                       session.backend_pid(), there(tables.tracker), there(tables.marks));
  }

  // Who waits does not ask in SQL here: the transaction is the lock.
  std::string pending_condition(const TrackerTables&, const std::vector<Version>&) const override {
    return "true";
  }
  std::string no_tracker_condition(const Session&, const TrackerTables&) const override {
    return "true";
  }

  std::string recheck(const TrackerTables& tables, Version version,
                      Direction direction) const override {
    return fmt::format(
        "SELECT CASE WHEN {}EXISTS (SELECT 1 FROM {} WHERE version = {}) THEN {} END",
        direction == Direction::up ? "" : "NOT ", tables.quoted, version.number, fail);
  }
  std::string refuse_mark(const TrackerTables& tables, Version version) const override {
    return fmt::format("SELECT CASE WHEN EXISTS (SELECT 1 FROM {} WHERE version = {}) THEN {} END",
                       tables.quoted_marks, version.number, fail);
  }
  std::string recheck_mark(const TrackerTables& tables, const Mark& mark) const override {
    return fmt::format(
        "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM {} WHERE version = {} AND statement_index = {})"
        " THEN {} END",
        tables.quoted_marks, mark.version.number, mark.statement_index, fail);
  }

  std::string create_tracker(const TrackerTables& tables) const override {
    return fmt::format(
        "CREATE TABLE {} (version integer PRIMARY KEY, name text NOT NULL,"
        " applied_at text NOT NULL DEFAULT ({}), checksum text)",
        tables.quoted, rfc3339_now);
  }
  std::string create_marks(const TrackerTables& tables) const override {
    return fmt::format(
        "CREATE TABLE {} (version integer PRIMARY KEY, name text NOT NULL, statement_index integer"
        " NOT NULL, statements integer NOT NULL, started_at text NOT NULL DEFAULT ({}),"
        " backend_pid integer NOT NULL, checksum text)",
        tables.quoted_marks, rfc3339_now);
  }

  std::string now() const override { return rfc3339_now; }
  std::string backend_pid(const Session& session) const override {
    return std::to_string(session.backend_pid());
  }

  std::string find_legacy(const Session& session, const std::string&, const std::string& table,
                          bool) const override {
    return fmt::format(
        "SELECT 'main', m.name, (SELECT group_concat(c.name, ', ') FROM (SELECT name FROM"
        " pragma_table_info(m.name) ORDER BY name) AS c) FROM main.sqlite_master AS m"
        " WHERE m.type = 'table' AND m.name = {} COLLATE NOCASE",
        session.literal(table));
  }
  std::string read_legacy(const std::string& quoted) const override {
    return fmt::format(
        "SELECT CAST(version AS text), CASE WHEN dirty THEN 'true' ELSE 'false' END FROM {}"
        " LIMIT 2",
        quoted);
  }
  std::string lock_legacy(const std::string&) const override { return {}; }
};

}  // namespace

const TrackerSql& sqlite_tracker_sql() {
  static const TrackerSqlite sql;
  return sql;
}

}  // namespace gauntlet::runner
