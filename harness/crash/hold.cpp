#include "harness/crash/hold.h"

#include "harness/sql/advisory_calls.h"
#include "harness/sql/statement.h"
#include "harness/sql/tokens.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::crash {

namespace {

using sql::Statement;

/// CREATE, ALTER and DROP write to one of these. Nobody who only reads them has to wait.
constexpr std::string_view catalogues[] = {"pg_class", "pg_attribute", "pg_depend",
                                           "pg_enum",  "pg_proc",      "pg_namespace"};

bool is_concurrent(std::string_view statement) {
  return sql::has_words(statement, {"INDEX", "CONCURRENTLY"}) ||
         (sql::has_words(statement, {"REINDEX"}) && sql::has_words(statement, {"CONCURRENTLY"}));
}

bool defines(const Statement& statement) {
  if (statement.verb == Statement::Verb::define) return true;
  return sql::starts_with_word(statement.text, "CREATE") ||
         sql::starts_with_word(statement.text, "ALTER") ||
         sql::starts_with_word(statement.text, "DROP");
}

/// Each lock by itself: one that cannot be had at once is left out.
std::string lock_if_free(std::string_view table_expression, std::string_view mode) {
  return fmt::format(
      "DO $hold$ BEGIN EXECUTE {} || ' IN {} MODE NOWAIT'; EXCEPTION WHEN OTHERS THEN NULL; END "
      "$hold$",
      table_expression, mode);
}

/// Every table of this bare name, in whatever schema.
std::string lock_tables_named(const arena::Connection& connection, const std::string& bare) {
  return fmt::format(
      "DO $hold$ DECLARE found text; BEGIN FOR found IN SELECT format('%I.%I', n.nspname, "
      "c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace WHERE c.relname = {} AND c.relkind IN ('r', 'p') AND n.nspname <> "
      "'information_schema' AND n.nspname !~ '^pg_' LOOP BEGIN EXECUTE 'LOCK TABLE ' || found || ' "
      "IN ACCESS EXCLUSIVE MODE NOWAIT'; EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END "
      "$hold$",
      connection.literal(bare));
}

std::set<std::string> tables_of(const std::vector<Statement>& statements) {
  std::set<std::string> tables;
  for (const Statement& statement : statements)
    for (const auto* names : {&statement.reads, &statement.writes, &statement.defines})
      for (const std::string& name : *names) tables.insert(sql::bare(name));
  return tables;
}

}  // namespace

Hold::Hold(const arena::Database& database, const std::vector<std::string>& texts)
    : holder_(database.address()),
      watcher_(database.maintenance()),
      database_(database.address().database()) {
  std::vector<Statement> statements;
  for (const std::string& text : texts)
    for (Statement& statement : sql::statements_of(text))
      statements.push_back(std::move(statement));
  const bool has_concurrent =
      std::ranges::any_of(statements, [](const auto& each) { return is_concurrent(each.text); });
  if (has_concurrent) {
    // CREATE INDEX CONCURRENTLY waits for every snapshot that is older than itself.
    holder_.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1");
    return;
  }
  holder_.run("BEGIN");
  for (const std::string& table : tables_of(statements))
    holder_.run(lock_tables_named(holder_, table));
  if (std::ranges::none_of(statements, defines)) return;
  for (const std::string_view catalogue : catalogues)
    holder_.run(lock_if_free(fmt::format("'LOCK TABLE pg_catalog.{}'", catalogue), "SHARE"));
}

bool Hold::is_waited_for_by(int backend_pid) {
  return watcher_.ask_one(
             "SELECT count(*) > 0 FROM pg_catalog.pg_stat_activity WHERE pid = $1::int"
             " AND state = 'active' AND $2::int = ANY (pg_catalog.pg_blocking_pids(pid))",
             {std::to_string(backend_pid), std::to_string(holder_.backend_pid())}) == "t";
}

bool Hold::is_met_by_another(int aside) {
  return watcher_.ask_one(
             "SELECT count(*) > 0 FROM pg_catalog.pg_stat_activity WHERE datname = $1"
             " AND pid <> $2::int AND wait_event_type = 'Lock'",
             {database_, std::to_string(aside)}) == "t";
}

void Hold::let_go() { holder_.run("COMMIT"); }

}  // namespace gauntlet::crash
