#include "runner/postgres/dialect_postgres.h"

#include "runner/postgres/advisory_lock.h"
#include "runner/sql/statement_postgres.h"
#include "runner/values/session.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

template <std::size_t size>
bool is_one_of(const SqlError& error, const std::array<std::string_view, size>& states) {
  return std::ranges::find(states, error.said().sqlstate) != states.end();
}

}  // namespace

Split PostgresDialect::split(std::string_view sql) const { return runner::split(sql); }

StatementNeeds PostgresDialect::needs_of(std::string_view statement) const {
  return runner::needs_of(statement);
}

OutsideStatement PostgresDialect::outside_statement(std::string_view statement) const {
  return outside_statement_postgres(statement);
}

std::string PostgresDialect::bound_lock_waits(std::chrono::milliseconds limit) const {
  return fmt::format("SET LOCAL lock_timeout = {}", limit.count());
}

std::vector<std::string> PostgresDialect::settings(const RunSettings& settings, Scope scope) const {
  const std::string set = scope == Scope::transaction ? "SET LOCAL " : "SET ";
  std::vector<std::string> made;
  if (settings.keep_encoding) made.emplace_back("SET client_encoding = 'UTF8'");
  if (settings.check_connection) made.push_back(set + "client_connection_check_interval = 250");
  if (settings.statement_timeout.count() > 0) {
    made.push_back(
        fmt::format("{}statement_timeout = {}", set, settings.statement_timeout.count()));
  }
  return made;
}

// A query here would keep a file from beginning with SET TRANSACTION. What the file sets comes
// later.
std::string PostgresDialect::bound_file_lock_waits(const RunSettings& settings) const {
  if (settings.lock_timeout.count() == 0) return {};
  return bound_lock_waits(settings.lock_timeout);
}

std::string PostgresDialect::lock_holders() const {
  return "SELECT c.relname::text, pg_catalog.format('pid %s \"%s\", %s, holds %s on %I.%I', l.pid,"
         " a.application_name, COALESCE(a.state, 'state unknown'), l.mode, n.nspname, c.relname)"
         " FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation"
         " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
         " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
         " WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid() AND l.database = (SELECT d.oid"
         " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())"
         " AND n.nspname <> 'pg_catalog' ORDER BY a.xact_start LIMIT 100";
}

ErrorKind PostgresDialect::kind_of(const SqlError& error) const {
  constexpr std::array<std::pair<std::string_view, ErrorKind>, 9> kinds{
      {{"55P03", ErrorKind::lock_timeout},
       {"57014", ErrorKind::cancelled},
       {"25006", ErrorKind::read_only},
       {"42501", ErrorKind::denied},
       {"25001", ErrorKind::needs_no_frame},
       {"2D000", ErrorKind::ends_transaction},
       {"42601", ErrorKind::not_in_grammar},
       {"22P05", ErrorKind::no_such_character},
       {"42710", ErrorKind::name_taken}}};
  for (const auto& [sqlstate, kind] : kinds) {
    if (error.said().sqlstate == sqlstate) return kind;
  }
  return ErrorKind::other;
}

// Syntax error or access rule violation.
bool PostgresDialect::is_refused_at_once(const SqlError& error) const {
  return error.said().sqlstate.starts_with("42");
}

// Connection exception.
bool PostgresDialect::is_of_another_server(const SqlError& error) const {
  return error.said().sqlstate.starts_with("08");
}

std::string PostgresDialect::statement_timeout_sample() const {
  return "BEGIN;SET LOCAL statement_timeout = 1;SELECT pg_catalog.pg_sleep(10)";
}

// Not among them: what the server, the connection or another session had a part in (08, 40, 53, 57,
// 58, XX).
bool PostgresDialect::is_the_bytes_fault(const SqlError& error) const {
  constexpr std::array<std::string_view, 11> classes{"0A", "22", "23", "25", "2B", "2D",
                                                     "3D", "3F", "42", "44", "P0"};
  if (is_one_of<4>(error, {"55000", "55006", "55P04", "55P03"})) return true;
  return std::ranges::find(classes, error.said().sqlstate.substr(0, 2)) != classes.end();
}

std::vector<std::string> PostgresDialect::resets() const {
  return {"RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL"};
}

std::string PostgresDialect::reset_session() const {
  return "RESET SESSION AUTHORIZATION;RESET ROLE;RESET ALL;DISCARD TEMP";
}

bool PostgresDialect::names_a_missing_table(const SqlError& error) const {
  return is_one_of<2>(error, {"42P01", "3F000"});
}

// Undefined column, function or operator, or types that do not match.
bool PostgresDialect::names_foreign_columns(const SqlError& error) const {
  return is_one_of<3>(error, {"42703", "42883", "42804"});
}

// Which of these the server reports depends on how far the other session was: a table's row type
// comes after its name.
bool PostgresDialect::names_an_existing_object(const SqlError& error) const {
  return is_one_of<4>(error, {"23505", "42P07", "42P06", "42710"});
}

bool PostgresDialect::is_busy(const SqlError& error) const {
  return is_one_of<2>(error, {"22012", "55P03"});
}

bool PostgresDialect::is_done(const SqlError& error) const {
  return error.said().sqlstate == "22012";
}

std::string PostgresDialect::refused_commit_advice(const SqlError&) const {
  return "a deferred constraint or trigger refused it: `SET CONSTRAINTS ALL IMMEDIATE` at the end "
         "of the file shows which statement is to blame";
}

std::unique_ptr<Lock> PostgresDialect::make_lock(Session& session, LockMode mode, std::int64_t key,
                                                 std::string tracker_table) const {
  return make_advisory_lock(session, mode, key, std::move(tracker_table));
}

const TrackerSql& PostgresDialect::tracker_sql() const { return postgres_tracker_sql(); }

}  // namespace gauntlet::runner
