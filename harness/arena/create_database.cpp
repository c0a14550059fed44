#include "harness/arena/create_database.h"

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

/// ` ENCODING … LC_COLLATE …` of the database `like`. Read as JSON, because the columns' names
/// differ between versions (15 brought providers and daticulocale, 17 renamed it to datlocale).
std::string locale_clauses(Connection& connection, const std::string& like) {
  const auto rows = connection.ask(
      "SELECT pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, "
      "j->>'datlocprovider', coalesce(j->>'datlocale', j->>'daticulocale'), "
      "coalesce(j->>'daticurules', '') "
      "FROM pg_database d, to_jsonb(d) j WHERE d.datname = $1",
      {like});
  if (rows.empty()) return {};
  const auto& row = rows.front();
  const auto text = [&](std::size_t column) {
    return connection.literal(row[column].value_or(""));
  };
  std::string clauses =
      fmt::format(" ENCODING {} LC_COLLATE {} LC_CTYPE {}", text(0), text(1), text(2));
  const std::string provider = row[3].value_or("c");
  if (provider == "i") {
    clauses += fmt::format(" LOCALE_PROVIDER icu ICU_LOCALE {}", text(4));
    if (!row[5].value_or("").empty()) clauses += fmt::format(" ICU_RULES {}", text(5));
  } else if (provider == "b") {
    clauses += fmt::format(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", text(4));
  } else if (row[3]) {
    clauses += " LOCALE_PROVIDER libc";
  }
  return clauses;
}

constexpr int version_with_strategy = 150'000;
constexpr int version_with_force = 130'000;

}  // namespace

void create_database(Connection& connection, const NewDatabase& wanted) {
  std::string sql =
      fmt::format("CREATE DATABASE {} TEMPLATE {}", connection.identifier(wanted.name),
                  connection.identifier(wanted.template_name));
  if (!wanted.like.empty()) sql += locale_clauses(connection, wanted.like);
  if (connection.server_version() >= version_with_strategy) sql += " STRATEGY file_copy";
  connection.run(sql);
}

void drop_database(Connection& connection, const std::string& name) {
  const std::string quoted_name = connection.identifier(name);
  if (connection.server_version() >= version_with_force) {
    connection.run(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted_name));
    return;
  }
  connection.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                 {name});
  connection.run(fmt::format("DROP DATABASE IF EXISTS {}", quoted_name));
}

void run_init_sql(const Address& database, const std::string& sql) {
  if (sql.empty()) return;
  try {
    Connection(database).run(sql);
  } catch (const StatementError& error) {
    throw runner::Error(
        "init-sql-failed", "the initial SQL fails on an empty database",
        fmt::format("{} ({})", error.message(), error.sqlstate()),
        "correct the initial SQL; it runs in every fresh database before anything else");
  }
}

}  // namespace gauntlet::arena
