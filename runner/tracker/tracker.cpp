#include "runner/tracker/tracker.h"

#include "runner/values/number.h"
#include "runner/values/own_query.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

constexpr std::string_view marks_suffix = "_in_progress";

constexpr std::size_t glance_columns = 4;  // of TrackerSql::glance()

bool is_true(const std::string& text) { return text == "true"; }

// nullopt where there is more to know than the rows: a mark, versions that are no numbers.
std::optional<AppliedSet> glanced(const Result& result) {
  AppliedSet applied;
  for (const auto& columns : result.rows) {
    const auto version = number_in<std::int64_t>(columns[0].value_or(""));
    const bool any_marks = columns[3] == "t";
    if (!version || any_marks) return std::nullopt;
    applied.rows.push_back({.version = {*version},
                            .name = columns[1].value_or(""),
                            .checksum = columns[2],
                            .applied_at = {}});
  }
  // Without a row nothing tells whether there is a mark.
  if (applied.rows.empty()) return std::nullopt;
  return applied;
}

}  // namespace

Tracker::Tracker(Session& session, const TrackerOptions& options)
    : session_(session), dialect_(session.dialect()), sql_(dialect_.tracker_sql()) {
  const TableName name =
      parse_table_name(options.table.empty() ? "applied_migrations" : options.table, "--table",
                       identifier_bytes_max - marks_suffix.size());
  schema_ = sql_.schema_of(name.schema);
  table_ = name.table;
}

Reading Tracker::read() {
  if (std::exchange(is_missing_, false)) return read_what_there_is();
  try {
    Reading found;
    found.tracker_exists = found.marks_exist = true;
    // On SQLite a missing table is not told apart from a missing column: the probe below does.
    Reading reading = reading_of(
        query_own(session_, message_of(Purpose::read, read_statement(found)), reading_columns));
    // The search path may find the two tables in two schemas: then only the tracker's is meant.
    if (reading.marks_exist) {
      schema_ = reading.schema;
      return reading;
    }
  } catch (const SqlError& error) {
    if (!dialect_.names_a_missing_table(error)) throw told(error);
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

std::optional<AppliedSet> Tracker::glance() {
  const std::string statement = sql_.glance(tables());
  if (statement.empty()) return std::nullopt;
  try {
    return glanced(query_own(session_, message_of(Purpose::glance, statement), glance_columns));
  } catch (const SqlError& error) {
    if (error.connection_lost()) throw;
    if (is_overdue(error)) throw told(error);
    is_missing_ = dialect_.names_a_missing_table(error);
    return std::nullopt;
  }
}

Reading Tracker::read_as(const Reading& last) {
  try {
    return reading_of(
        query_own(session_, message_of(Purpose::read, read_statement(last)), reading_columns));
  } catch (const SqlError& error) {
    throw told(error);
  }
}

SqlError Tracker::told(const SqlError& error) const {
  const auto as = [&](const Error& told) {
    return SqlError(told, error.said(), error.statements_completed());
  };
  if (is_overdue(error)) {
    return as({"cannot-read-tracker",
               fmt::format("the tracker {} cannot be read: {}", quoted(), error.message()),
               error.where(), error.fix()});
  }
  if (dialect_.names_foreign_columns(error)) return as(foreign(error.said().message));
  const bool said_enough = error.connection_lost() || !error.said().sqlite_code.empty();
  if (said_enough || dialect_.names_a_missing_table(error)) return error;
  const bool denied = dialect_.kind_of(error) == ErrorKind::denied;
  return as({"cannot-read-tracker",
             fmt::format("the tracker {} cannot be read: {}", quoted(), error.said().message),
             "SQLSTATE " + error.said().sqlstate,
             denied ? fmt::format("grant this role SELECT on {} and {}, and USAGE on their schema",
                                  quoted(), quoted_marks())
                    : "see what the server says, then run it again: nothing was written"});
}

Error Tracker::foreign(const std::string& why) const {
  return {"foreign-tracker",
          fmt::format("table {} is not a tracker of this program: {}", quoted(), why),
          "expected are the columns version, name, applied_at and checksum",
          "name another table with --table"};
}

std::string Tracker::read_statement(const Reading& last) const {
  return last.tracker_exists ? sql_.read_tracker(session_, tables(), last.marks_exist)
                             : sql_.probe_tracker(session_, tables());
}

Reading Tracker::reading_of(const Result& result) const {
  require_columns(result, reading_columns);
  Reading reading;
  for (const auto& columns : result.rows) {
    const auto text = [&columns](std::size_t index) { return columns[index].value_or(""); };
    if (text(0) == "server") {
      reading.backend_pid = number_in<int>(text(1)).value_or(0);
      reading.checks_connection = is_true(text(2));
      reading.schema = text(3);
      reading.tracker_exists = is_true(text(4));
      reading.marks_exist = is_true(text(5));
      reading.schema_exists = is_true(text(6));
      reading.has_lock_timeout = is_true(text(7));
    } else if (text(0) == "row") {
      const auto version = number_in<std::int64_t>(text(1));
      if (!version) throw foreign(fmt::format("its version \"{}\" is not a number", text(1)));
      reading.applied.rows.push_back(
          {.version = {*version}, .name = text(2), .checksum = columns[3], .applied_at = text(4)});
    } else {
      reading.applied.marks.push_back({.version = {number_in<std::int64_t>(text(1)).value_or(0)},
                                       .name = text(2),
                                       .checksum = columns[3],
                                       .started_at = text(4),
                                       .statement_index = number_in<int>(text(5)).value_or(0),
                                       .statements = number_in<int>(text(6)).value_or(0),
                                       .backend_pid = number_in<int>(text(7)).value_or(0)});
    }
  }
  return reading;
}

std::string Tracker::pending_condition(const std::vector<Version>& versions,
                                       const Reading& last) const {
  return last.tracker_exists ? sql_.pending_condition(tables(), versions)
                             : sql_.no_tracker_condition(session_, tables());
}

std::vector<OwnStatement> Tracker::create_statements(const Reading& reading) const {
  std::vector<OwnStatement> statements;
  const auto create = [&](std::string sql) {
    statements.push_back({Purpose::create, std::move(sql)});
  };
  if (!reading.schema_exists) create("CREATE SCHEMA " + session_.identifier(schema_));
  if (!reading.tracker_exists) create(sql_.create_tracker(tables()));
  if (!reading.marks_exist) create(sql_.create_marks(tables()));
  return statements;
}

std::string Tracker::insert_row(Version version, const std::string& name,
                                const std::optional<std::string>& checksum) const {
  // A tracker that an older runner made may have no default for the time.
  return fmt::format("INSERT INTO {} (version, name, applied_at, checksum) VALUES ({}, {}, {}, {})",
                     quoted(), version.number, session_.literal(name), sql_.now(),
                     constant(checksum));
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
  return sql_.recheck(tables(), version, direction);
}

std::string Tracker::refuse_mark_statement(Version version) const {
  return sql_.refuse_mark(tables(), version);
}

std::string Tracker::recheck_mark_statement(const Mark& mark) const {
  return sql_.recheck_mark(tables(), mark);
}

std::string Tracker::insert_mark(const Mark& mark) const {
  return fmt::format(
      "INSERT INTO {} (version, name, statement_index, statements, backend_pid, checksum)"
      " VALUES ({}, {}, {}, {}, {}, {})",
      quoted_marks(), mark.version.number, session_.literal(mark.name), mark.statement_index,
      mark.statements, sql_.backend_pid(session_), constant(mark.checksum));
}

std::string Tracker::move_mark(Version version, int statement_index) const {
  return fmt::format("UPDATE {} SET statement_index = {}, backend_pid = {} WHERE version = {}",
                     quoted_marks(), statement_index, sql_.backend_pid(session_), version.number);
}

std::string Tracker::mark_as_refused(Version version) const {
  return fmt::format("UPDATE {} SET backend_pid = 0 WHERE version = {}", quoted_marks(),
                     version.number);
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

TrackerTables Tracker::tables() const {
  return {.schema = schema_,
          .tracker = table_,
          .marks = table_ + std::string(marks_suffix),
          .quoted = quoted(),
          .quoted_marks = quoted_marks()};
}

std::string Tracker::constant(const std::optional<std::string>& text) const {
  return text ? session_.literal(*text) : "NULL";
}

}  // namespace gauntlet::runner
