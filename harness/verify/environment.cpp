#include "harness/verify/environment.h"

#include "harness/sql/migration_facts.h"
#include "harness/verify/prerequisite.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::verify {

namespace {

using Names = std::set<std::string>;

/// What a set of migrations expects to find on the server.
struct Expected {
  Names extensions, roles, collations, languages, tablespaces;
};

void add(Names& all, const Names& more) { all.insert(more.begin(), more.end()); }

void remove(Names& names, const Names& gone) {
  for (const std::string& name : gone) names.erase(name);
}

void collect_tablespaces(const nlohmann::json& node, Names& names) {
  for (const auto& [key, value] : node.items()) {
    const bool named =
        node.is_object() && value.is_string() && (key == "tablespacename" || key == "tableSpace");
    if (named) names.insert(value.get<std::string>());
    if (value.is_structured()) collect_tablespaces(value, names);
  }
}

/// Tablespaces that the statements put things into; one that a migration creates exists by then.
Names tablespaces_of(const runner::Script& script) {
  Names names;
  if (script.sql().size() > runner::parse_bytes_max) return names;
  for (const runner::Statement& statement : runner::split(script.sql()).statements) {
    const auto tree = runner::parse_to_json(statement.sql);
    const bool names_one = tree && (tree->find("tablespacename") != std::string::npos ||
                                    tree->find("tableSpace") != std::string::npos);
    if (names_one) collect_tablespaces(nlohmann::json::parse(*tree), names);
  }
  return names;
}

void expect(Expected& expected, const runner::Migration& migration) {
  const sql::MigrationFacts facts = sql::facts_of(migration.up);
  add(expected.extensions, facts.extensions);
  add(expected.extensions, facts.extensions_in_blocks);
  add(expected.roles, facts.roles);
  add(expected.collations, facts.collations);
  add(expected.languages, facts.languages);
  add(expected.tablespaces, tablespaces_of(migration.up));
}

void leave_out_created(Expected& expected, std::span<const runner::Migration> all) {
  remove(expected.roles, {"public", "current_user", "current_role", "session_user"});
  for (const runner::Migration& migration : all) {
    const sql::MigrationFacts facts = sql::facts_of(migration.up);
    remove(expected.roles, facts.roles_created);
    remove(expected.collations, facts.collations_created);
    remove(expected.languages, facts.languages_created);
  }
}

std::string array_of(const Names& names) {
  std::string text = "{";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : name) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

/// Those of `names` that `catalogue` (a query with $1 for the wanted names) does not list.
Names missing(runner::Session& session, const Names& names, std::string_view catalogue) {
  Names lacking;
  if (names.empty()) return lacking;
  const std::string query = fmt::format(
      "SELECT wanted FROM pg_catalog.unnest($1::pg_catalog.text[]) AS wanted "
      "WHERE wanted COLLATE \"C\" NOT IN (SELECT {})",
      catalogue);
  for (const auto& row : session.query(query, {array_of(names)}).rows) {
    lacking.insert(row.at(0).value_or(""));
  }
  return lacking;
}

struct Server {
  std::string version;  ///< `15.20`
  std::string major;
};

Server server_of(runner::Session& session) {
  const auto rows = session.query("SHOW server_version").rows;
  Server server;
  server.version = rows.at(0).at(0).value_or("");
  server.version = server.version.substr(0, server.version.find(' '));
  server.major = server.version.substr(0, server.version.find_first_not_of("0123456789"));
  return server;
}

/// Debian's package of an extension, `{}` for the server's major version; empty where we are not
/// certain.
std::string package_of(const std::string& extension, const std::string& major) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> packages = {{
      {"hypopg", "postgresql-{}-hypopg"},
      {"ip4r", "postgresql-{}-ip4r"},
      {"pg_cron", "postgresql-{}-cron"},
      {"pg_partman", "postgresql-{}-partman"},
      {"pg_repack", "postgresql-{}-repack"},
      {"plperl", "postgresql-plperl-{}"},
      {"plpython3u", "postgresql-plpython3-{}"},
      {"pltcl", "postgresql-pltcl-{}"},
      {"postgis", "postgresql-{}-postgis-3"},
      {"postgis_topology", "postgresql-{}-postgis-3"},
      {"vector", "postgresql-{}-pgvector"},
  }};
  for (const auto& [name, package] : packages) {
    if (name == extension) return fmt::format(fmt::runtime(package), major);
  }
  return {};
}

std::string quoted_list(const Names& names) {
  return fmt::format("\"{}\"", fmt::join(names, "\", \""));
}

std::string extension_fault(runner::Session& session, const std::string& extension) {
  const Server server = server_of(session);
  const std::string package = package_of(extension, server.major);
  const std::string remedy = package.empty() ? "install the package that brings it on that server"
                                             : fmt::format("apt-get install {} there", package);
  return fmt::format("extension \"{}\" is not installed on this PostgreSQL {}: {}", extension,
                     server.version, remedy);
}

std::optional<std::string> first_missing(runner::Session& session, const Expected& expected) {
  const Names extensions =
      missing(session, expected.extensions, "name FROM pg_catalog.pg_available_extensions");
  if (!extensions.empty()) return extension_fault(session, *extensions.begin());
  const Names roles = missing(session, expected.roles, "rolname FROM pg_catalog.pg_roles");
  if (!roles.empty()) {
    return fmt::format(
        "no role {} on this server, and no migration creates it: give a file with "
        "`CREATE ROLE` to --init-sql",
        quoted_list(roles));
  }
  const Names collations =
      missing(session, expected.collations, "collname FROM pg_catalog.pg_collation");
  if (!collations.empty()) {
    return fmt::format(
        "no collation {} in this database: install the operating system's locale on "
        "the server, or create it in a file for --init-sql",
        quoted_list(collations));
  }
  const Names languages =
      missing(session, expected.languages, "lanname FROM pg_catalog.pg_language");
  if (!languages.empty()) {
    return fmt::format(
        "no language {} in this database: give a file with `CREATE EXTENSION` for it "
        "to --init-sql",
        quoted_list(languages));
  }
  const Names tablespaces =
      missing(session, expected.tablespaces, "spcname FROM pg_catalog.pg_tablespace");
  if (tablespaces.empty()) return std::nullopt;
  return fmt::format(
      "no tablespace {} on this server: create it there, and give its URL to "
      "--database",
      quoted_list(tablespaces));
}

/// An installed extension that the server must load at its start, or whose other files are missing.
std::optional<std::string> not_set_up(const sql::MigrationFacts& facts,
                                      const runner::ServerMessage& said) {
  const bool prerequisite = said.sqlstate == "55000" || said.sqlstate == "F0000" ||
                            said.sqlstate == "58P01" || said.sqlstate == "0A000";
  if (!prerequisite || facts.extensions.size() != 1 || facts.statements.size() != 1) {
    return std::nullopt;
  }
  return fmt::format(
      "this server is not set up for extension \"{0}\" ({1}, SQLSTATE {2}): it may need "
      "`--server-setting shared_preload_libraries={0}`",
      *facts.extensions.begin(), said.message, said.sqlstate);
}

}  // namespace

std::optional<std::string> environment_fault(runner::Session& session,
                                             std::span<const runner::Migration> migrations) {
  Expected expected;
  for (const runner::Migration& migration : migrations) expect(expected, migration);
  leave_out_created(expected, migrations);
  return first_missing(session, expected);
}

std::optional<std::string> environment_fault(runner::Session& session,
                                             const runner::Migration& failing,
                                             const runner::ServerMessage& said,
                                             std::span<const runner::Migration> all) {
  if (auto fault = prerequisite_fault(session, failing, said, all)) return fault;
  constexpr std::array<std::string_view, 5> codes = {"0A000", "42704", "55000", "58P01", "F0000"};
  if (std::find(codes.begin(), codes.end(), said.sqlstate) == codes.end()) return std::nullopt;
  Expected expected;
  expect(expected, failing);
  leave_out_created(expected, all);
  if (first_missing(session, expected)) {
    // What the files behind it expect belongs into the same --init-sql.
    for (const runner::Migration& migration : all)
      add(expected.roles, sql::facts_of(migration.up).roles);
    leave_out_created(expected, all);
    return first_missing(session, expected);
  }
  return not_set_up(sql::facts_of(failing.up), said);
}

}  // namespace gauntlet::verify
