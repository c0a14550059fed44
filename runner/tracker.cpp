#include "runner/tracker.h"

#include <charconv>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

constexpr std::string_view marks_suffix = "_in_progress";

// Columns of both reads, as text: kind, then what the kind needs.
constexpr std::string_view server_facts =
    "pg_catalog.pg_backend_pid()::text, "
    "(pg_catalog.current_setting('client_connection_check_interval', "
    "true) IS NOT NULL AND pg_catalog.version() !~ 'Visual C|mingw')::text";
constexpr std::string_view rfc3339 = "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'";

bool names_a_missing_table(const SqlError& error) {
  return error.said().sqlstate == "42P01" || error.said().sqlstate == "3F000";
}

// Undefined column, function or operator, or types that do not match.
bool names_foreign_columns(const SqlError& error) {
  const std::string& state = error.said().sqlstate;
  return state == "42703" || state == "42883" || state == "42804";
}

template <typename Number>
std::optional<Number> number_of(const std::string& text) {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_true(const std::string& text) { return text == "true"; }

// Undoes quote_ident().
std::string unquoted(const std::string& identifier) {
  if (!identifier.starts_with('"')) return identifier;
  std::string name;
  for (std::size_t at = 1; at + 1 < identifier.size(); ++at) {
    if (identifier[at] == '"') ++at;
    name += identifier[at];
  }
  return name;
}

// What a glance saw; nullopt if that is not all there is to know: no row to tell it by, a mark, the
// marks in another schema than the tracker, versions that are no numbers.
std::optional<Reading> glanced(const Result& result) {
  Reading reading;
  reading.tracker_exists = reading.marks_exist = true;
  for (const auto& columns : result.rows) {
    const auto version = number_of<std::int64_t>(columns[0].value_or(""));
    const bool any_marks = columns[4] == "t";
    if (!version || any_marks || !columns[5] || columns[5] != columns[6]) return std::nullopt;
    reading.applied.rows.push_back({.version = {*version},
                                    .name = columns[1].value_or(""),
                                    .checksum = columns[2],
                                    .applied_at = {}});
  }
  if (result.rows.empty()) return std::nullopt;
  reading.backend_pid = number_of<int>(result.rows.front()[3].value_or("")).value_or(0);
  reading.schema = unquoted(*result.rows.front()[5]);
  return reading;
}

}  // namespace

Tracker::Tracker(Session& session, const TrackerOptions& options) : session_(session) {
  const TableName name =
      parse_table_name(options.table.empty() ? "applied_migrations" : options.table, "--table",
                       identifier_bytes_max - marks_suffix.size());
  schema_ = name.schema;
  table_ = name.table;
}

Reading Tracker::read() {
  try {
    Reading found;
    found.tracker_exists = found.marks_exist = true;
    Reading reading = read_as(found);
    // The search path may find the two tables in two schemas: then only the tracker's is meant.
    if (reading.marks_exist) {
      schema_ = reading.schema;
      return reading;
    }
  } catch (const SqlError& error) {
    if (!names_a_missing_table(error)) throw;
  }
  return read_what_there_is();
}

Reading Tracker::read_what_there_is() {
  Reading reading = read_as({});
  if (reading.schema.empty()) {
    throw Error("no-schema",
                "there is no schema to keep the tracker in: the search path names none",
                "--table " + table_, "name the schema: --table SCHEMA.TABLE");
  }
  schema_ = reading.schema;
  return reading.tracker_exists ? read_as(reading) : reading;
}

Reading Tracker::glance() {
  try {
    if (auto reading = glanced(session_.send(glance_statement()).front())) {
      schema_ = reading->schema;
      return std::move(*reading);
    }
  } catch (const SqlError& error) {
    if (error.connection_lost()) throw;
    if (names_a_missing_table(error)) return read_what_there_is();
  }
  return read();
}

// No join and no sort, no catalogue but what naming the tables has loaded already.
std::string Tracker::glance_statement() const {
  const auto schema_of = [this](const std::string& table) {
    return fmt::format(
        "(SELECT (pg_catalog.pg_identify_object('pg_catalog.pg_class'::pg_catalog.regclass,"
        " {}::pg_catalog.regclass, 0)).schema)",
        session_.literal(table));
  };
  return fmt::format(
      "SELECT version, name, checksum, pg_catalog.pg_backend_pid(), EXISTS (SELECT FROM {}), {}, {}"
      " FROM {}",
      quoted_marks(), schema_of(quoted()), schema_of(quoted_marks()), quoted());
}

Reading Tracker::read_as(const Reading& last) {
  try {
    return reading_of(session_.send(read_statement(last)).front());
  } catch (const SqlError& error) {
    if (names_foreign_columns(error)) throw foreign(error.said().message);
    if (error.connection_lost() || names_a_missing_table(error)) throw;
    const bool denied = error.said().sqlstate == "42501";
    throw SqlError(
        {"cannot-read-tracker",
         fmt::format("the tracker {} cannot be read: {}", quoted(), error.said().message),
         "SQLSTATE " + error.said().sqlstate,
         denied ? fmt::format("grant this role SELECT on {} and {}, and USAGE on their schema",
                              quoted(), quoted_marks())
                : "see what the server says, then run it again: nothing was written"},
        error.said(), error.statements_completed());
  }
}

Error Tracker::foreign(const std::string& why) const {
  return {"foreign-tracker",
          fmt::format("table {} is not a tracker of this program: {}", quoted(), why),
          "expected are the columns version, name, applied_at and checksum",
          "name another table with --table"};
}

std::string Tracker::read_statement(const Reading& last) const {
  if (!last.tracker_exists) return probe_statement();
  const std::string tracker = quoted();
  const std::string marks = quoted_marks();
  const std::string oid = session_.literal(tracker) + "::pg_catalog.regclass";
  const std::string marks_beside =
      last.marks_exist ? fmt::format(
                             "c.relnamespace = (SELECT relnamespace FROM pg_catalog.pg_class "
                             "WHERE oid = {}::pg_catalog.regclass)",
                             session_.literal(marks))
                       : "false";
  std::string statement = fmt::format(
      "SELECT 'server' AS kind, {}, n.nspname::text, 'true', ({})::text, 'true', NULL::text"
      " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.oid = {}"
      " UNION ALL SELECT 'row', version::text, name::text, checksum::text,"
      " pg_catalog.to_char(applied_at AT TIME ZONE 'UTC', {}), NULL, NULL, NULL FROM {}",
      server_facts, marks_beside, oid, rfc3339, tracker);
  if (last.marks_exist) {
    statement += fmt::format(
        " UNION ALL SELECT 'mark', version::text, name, checksum,"
        " pg_catalog.to_char(started_at AT TIME ZONE 'UTC', {}), statement_index::text,"
        " statements::text, backend_pid::text FROM {}",
        rfc3339, marks);
  }
  return statement;
}

// Which of our tables there are, without touching them.
std::string Tracker::probe_statement() const {
  const std::string tracker = session_.literal(quoted());
  const std::string given =
      schema_.empty() ? "pg_catalog.current_schema()::text" : session_.literal(schema_) + "::text";
  return fmt::format(
      "SELECT 'server' AS kind, {}, f.schema, (f.tracker IS NOT NULL)::text,"
      " EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
      " ON n.oid = c.relnamespace WHERE n.nspname = f.schema AND c.relname = {})::text,"
      " EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = f.schema)::text, NULL::text"
      " FROM (SELECT t.oid AS tracker, COALESCE((SELECT n.nspname::text FROM pg_catalog.pg_class c"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = t.oid), {}) AS "
      "schema"
      " FROM pg_catalog.to_regclass({}) AS t(oid)) AS f",
      server_facts, session_.literal(table_ + std::string(marks_suffix)), given, tracker);
}

Reading Tracker::reading_of(const Result& result) const {
  Reading reading;
  for (const auto& columns : result.rows) {
    const auto text = [&columns](std::size_t index) { return columns[index].value_or(""); };
    if (text(0) == "server") {
      reading.backend_pid = number_of<int>(text(1)).value_or(0);
      reading.checks_connection = is_true(text(2));
      reading.schema = text(3);
      reading.tracker_exists = is_true(text(4));
      reading.marks_exist = is_true(text(5));
      reading.schema_exists = is_true(text(6));
    } else if (text(0) == "row") {
      const auto version = number_of<std::int64_t>(text(1));
      if (!version) throw foreign(fmt::format("its version \"{}\" is not a number", text(1)));
      reading.applied.rows.push_back(
          {.version = {*version}, .name = text(2), .checksum = columns[3], .applied_at = text(4)});
    } else {
      reading.applied.marks.push_back({.version = {number_of<std::int64_t>(text(1)).value_or(0)},
                                       .name = text(2),
                                       .checksum = columns[3],
                                       .started_at = text(4),
                                       .statement_index = number_of<int>(text(5)).value_or(0),
                                       .statements = number_of<int>(text(6)).value_or(0),
                                       .backend_pid = number_of<int>(text(7)).value_or(0)});
    }
  }
  return reading;
}

std::string Tracker::pending_condition(const std::vector<Version>& versions,
                                       const Reading& last) const {
  if (!last.tracker_exists) {
    return fmt::format("pg_catalog.to_regclass({}) IS NULL", session_.literal(quoted()));
  }
  std::string list;
  for (const Version version : versions) {
    if (!list.empty()) list += ',';
    list += std::to_string(version.number);
  }
  return fmt::format(
      "EXISTS (SELECT FROM pg_catalog.unnest('{{{}}}'::bigint[]) AS wanted(version) WHERE NOT "
      "EXISTS"
      " (SELECT FROM {} AS t WHERE t.version = wanted.version))",
      list, quoted());
}

std::string Tracker::create_statements(const Reading& reading) const {
  std::string statements;
  if (!reading.schema_exists) {
    statements += fmt::format("CREATE SCHEMA {};", session_.identifier(schema_));
  }
  if (!reading.tracker_exists) {
    statements += fmt::format(
        "CREATE TABLE {} (version bigint PRIMARY KEY, name text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT pg_catalog.now(), checksum text);",
        quoted());
  }
  if (!reading.marks_exist) {
    statements += fmt::format(
        "CREATE TABLE {} (version bigint PRIMARY KEY, name text NOT NULL, statement_index int NOT "
        "NULL,"
        " statements int NOT NULL, started_at timestamptz NOT NULL DEFAULT pg_catalog.now(),"
        " backend_pid int NOT NULL DEFAULT pg_catalog.pg_backend_pid(), checksum text);",
        quoted_marks());
  }
  return statements;
}

std::string Tracker::insert_row(Version version, const std::string& name,
                                const std::optional<std::string>& checksum) const {
  // A tracker that an older runner made may have no default for the time.
  return fmt::format(
      "INSERT INTO {} (version, name, applied_at, checksum) VALUES ({}, {}, pg_catalog.now(), {})",
      quoted(), version.number, session_.literal(name), constant(checksum));
}

std::string Tracker::delete_row(Version version) const {
  return fmt::format("DELETE FROM {} WHERE version = {}", quoted(), version.number);
}

std::string Tracker::update_checksum(Version version,
                                     const std::optional<std::string>& checksum) const {
  return fmt::format("UPDATE {} SET checksum = {} WHERE version = {}", quoted(), constant(checksum),
                     version.number);
}

std::string Tracker::recheck_statement(Version version, Direction direction) const {
  const std::string recorded =
      direction == Direction::up ? "1 - pg_catalog.count(*)" : "pg_catalog.count(*)";
  return fmt::format("SELECT 1 / ({}) FROM {} WHERE version = {}", recorded, quoted(),
                     version.number);
}

std::string Tracker::insert_mark(const Mark& mark) const {
  return fmt::format(
      "INSERT INTO {} (version, name, statement_index, statements, checksum)"
      " VALUES ({}, {}, {}, {}, {})",
      quoted_marks(), mark.version.number, session_.literal(mark.name), mark.statement_index,
      mark.statements, constant(mark.checksum));
}

std::string Tracker::move_mark(Version version, int statement_index) const {
  return fmt::format("UPDATE {} SET statement_index = {} WHERE version = {}", quoted_marks(),
                     statement_index, version.number);
}

std::string Tracker::delete_mark(Version version) const {
  return fmt::format("DELETE FROM {} WHERE version = {}", quoted_marks(), version.number);
}

std::string Tracker::quoted() const {
  const std::string table = session_.identifier(table_);
  return schema_.empty() ? table : session_.identifier(schema_) + "." + table;
}

std::string Tracker::quoted_marks() const {
  const std::string table = session_.identifier(table_ + std::string(marks_suffix));
  return schema_.empty() ? table : session_.identifier(schema_) + "." + table;
}

std::string Tracker::constant(const std::optional<std::string>& text) const {
  return text ? session_.literal(*text) : "NULL";
}

}  // namespace gauntlet::runner
