#include "harness/verify/prerequisite.h"

#include "harness/core/files.h"
#include "harness/formats/other_database.h"
#include "harness/formats/tracker.h"
#include "harness/sql/creations.h"
#include "harness/sql/migration_facts.h"
#include "harness/verify/environment.h"
#include "harness/verify/remedy.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// Names of PostgreSQL's own extensions by which files use them.
struct Provided {
  std::string_view object, extension;
};
constexpr std::array<Provided, 31> provided = {{
    {"gin_trgm_ops", "pg_trgm"},
    {"gist_trgm_ops", "pg_trgm"},
    {"similarity", "pg_trgm"},
    {"word_similarity", "pg_trgm"},
    {"show_trgm", "pg_trgm"},
    {"uuid_generate_v1", "uuid-ossp"},
    {"uuid_generate_v1mc", "uuid-ossp"},
    {"uuid_generate_v3", "uuid-ossp"},
    {"uuid_generate_v4", "uuid-ossp"},
    {"uuid_generate_v5", "uuid-ossp"},
    {"uuid_nil", "uuid-ossp"},
    {"gen_random_bytes", "pgcrypto"},
    {"gen_salt", "pgcrypto"},
    {"crypt", "pgcrypto"},
    {"digest", "pgcrypto"},
    {"hmac", "pgcrypto"},
    {"pgp_sym_encrypt", "pgcrypto"},
    {"pgp_sym_decrypt", "pgcrypto"},
    {"citext", "citext"},
    {"hstore", "hstore"},
    {"ltree", "ltree"},
    {"unaccent", "unaccent"},
    {"cube", "cube"},
    {"earth_distance", "earthdistance"},
    {"ll_to_earth", "earthdistance"},
    {"levenshtein", "fuzzystrmatch"},
    {"soundex", "fuzzystrmatch"},
    {"dmetaphone", "fuzzystrmatch"},
    {"gin__int_ops", "intarray"},
    {"vector", "vector"},
    {"geometry", "postgis"},
}};

/// What a server of an older version says to what a later one reads (release notes, section E).
struct LaterSyntax {
  std::string_view sqlstate, said;
  std::string_view in_file;  ///< words that the file must have, in upper case
  int major;
};
constexpr std::array<LaterSyntax, 13> later_syntax = {{
    {"42601", "subquery in FROM must have an alias", "FROM", 16},
    {"42601", "VALUES in FROM must have an alias", "FROM", 16},
    {"42601", "\"NULLS\"", "NULLS NOT DISTINCT", 15},
    {"42601", "\"MERGE\"", "MERGE INTO", 15},
    {"42601", "\"RETURNING\"", "MERGE INTO", 17},
    {"42601", "\"VIRTUAL\"", "VIRTUAL", 18},
    {"42601", "\"WITHOUT\"", "WITHOUT OVERLAPS", 18},
    {"42883", "function uuidv7(", "UUIDV7", 18},
    {"42883", "function uuidv4(", "UUIDV4", 18},
    {"42883", "function any_value(", "ANY_VALUE", 16},
    {"42883", "function array_shuffle(", "ARRAY_SHUFFLE", 16},
    {"42883", "function regexp_count(", "REGEXP_COUNT", 15},
    {"42883", "function date_bin(", "DATE_BIN", 14},
}};

std::string major_of(runner::Session& session) {
  const std::string number =
      session.query("SHOW server_version_num").rows.at(0).at(0).value_or("0");
  return number.substr(0, number.size() - 4);
}

bool is_created_by_a_file(const std::string& extension, std::span<const runner::Migration> all) {
  return std::ranges::any_of(all, [&](const runner::Migration& migration) {
    const sql::MigrationFacts facts = sql::facts_of(migration.up);
    return facts.extensions.contains(extension) || facts.extensions_in_blocks.contains(extension);
  });
}

bool is_available(runner::Session& session, const std::string& extension) {
  return !session
              .query("SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = $1",
                     {extension})
              .rows.empty();
}

std::string how_to_have(runner::Session& session, const std::string& extension) {
  if (is_available(session, extension))
    return fmt::format("give a file with `CREATE EXTENSION \"{}\"` to --init-sql", extension);
  return fmt::format(
      "it is not installed on this server: install its package there, and give a file with "
      "`CREATE EXTENSION \"{}\"` to --init-sql",
      extension);
}

/// `function uuid_generate_v4() does not exist`: of an extension that no file creates.
std::optional<std::string> missing_extension(runner::Session& session,
                                             const runner::ServerMessage& said,
                                             std::span<const runner::Migration> all) {
  if (said.sqlstate != "42704" && said.sqlstate != "42883") return std::nullopt;
  const std::string object = named_object(said);
  const auto found = std::ranges::find(provided, object, &Provided::object);
  if (found == provided.end()) return std::nullopt;
  const std::string extension(found->extension);
  if (is_created_by_a_file(extension, all)) return std::nullopt;
  return fmt::format("{} belongs to the extension \"{}\", which no file creates: {}", object,
                     extension, how_to_have(session, extension));
}

/// `auth.schema_migrations`, as the message names it.
std::string quoted_name(const runner::ServerMessage& said) {
  const std::size_t begin = said.message.find('"');
  if (begin == std::string::npos) return {};
  return said.message.substr(begin + 1, said.message.find('"', begin + 1) - begin - 1);
}

/// The tracker of a tool for which gauntlet-migrate stands in, and which records elsewhere.
std::optional<std::string> missing_tracker(const runner::Migration& failing,
                                           const runner::ServerMessage& said) {
  if (said.sqlstate != "42P01") return std::nullopt;
  const std::string table = named_object(said);
  const std::string tools = formats::tools_of_table(table);
  if (tools.empty()) return std::nullopt;
  std::string create =
      formats::statement_that_creates(table, core::name_in_messages(failing.up.file));
  const std::string qualified = quoted_name(said);
  if (const auto at = create.find(table); at != std::string::npos && qualified.ends_with(table))
    create.replace(at, table.size(), qualified);
  return fmt::format(
      "the file uses {}, where {} records what it applied, and which is not there without that "
      "tool: {}`boot` and `replicas` with --runner judge it",
      table, tools,
      create.empty()
          ? ""
          : fmt::format("give a file with `{}` to --init-sql, or name the tool: ", create));
}

/// A file that looks for an extension itself, and stops without it.
std::optional<std::string> refused_without_extension(runner::Session& session,
                                                     const runner::Migration& failing,
                                                     const runner::ServerMessage& said) {
  if (said.sqlstate != "P0001") return std::nullopt;
  for (const std::string& extension : sql::extensions_looked_for(failing.up.sql())) {
    const bool is_there =
        !session.query("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = $1", {extension})
             .rows.empty();
    if (is_there) continue;
    return fmt::format("the file stops where the extension \"{}\" is not there ({}): {}", extension,
                       said.message, how_to_have(session, extension));
  }
  return std::nullopt;
}

std::optional<std::string> later_server(runner::Session& session, const runner::Migration& failing,
                                        const runner::ServerMessage& said) {
  const std::string text = runner::upper(failing.up.sql());
  const auto found = std::ranges::find_if(later_syntax, [&](const LaterSyntax& later) {
    return said.sqlstate == later.sqlstate && said.message.find(later.said) != std::string::npos &&
           text.find(later.in_file) != std::string::npos;
  });
  if (found == later_syntax.end()) return std::nullopt;
  const std::string major = major_of(session);
  if (std::stoi(major) >= found->major) return std::nullopt;
  return fmt::format(
      "the file is written for PostgreSQL {} or later ({}), and this server is {}: verify it with "
      "`--server-version {}`, or with `--postgres DIR`",
      found->major, said.message, major, found->major);
}

/// `0122-mod-table.sql`: its digits without leading zeros; empty where it begins with another sign.
std::string number_in(const runner::Migration& migration) {
  const std::string name = core::name_in_messages(migration.up.file);
  const std::size_t begin = std::min(name.find_first_not_of('0'), name.size());
  const std::size_t end = std::min(name.find_first_not_of("0123456789"), name.size());
  return begin < end ? name.substr(begin, end - begin) : std::string();
}

/// Of two files with one number no name says which of them the tool runs, or when. Then what one of
/// them finds there already, or misses, says nothing of the file.
std::optional<std::string> open_order(const runner::Migration& failing,
                                      const runner::ServerMessage& said,
                                      std::span<const runner::Migration> all) {
  constexpr std::array<std::string_view, 6> there_or_missing{"42P07", "42701", "42710",
                                                             "42P01", "42703", "42704"};
  const std::string number = number_in(failing);
  if (number.empty() ||
      std::ranges::find(there_or_missing, said.sqlstate) == there_or_missing.end())
    return std::nullopt;
  const auto other = std::ranges::find_if(all, [&](const runner::Migration& migration) {
    return migration.up.file != failing.up.file && number_in(migration) == number;
  });
  if (other == all.end()) return std::nullopt;
  return fmt::format(
      "{} and {} have one number, and no name says which of them runs, or when: write a file "
      "order.txt that names the files in their order",
      core::name_in_messages(failing.up.file), core::name_in_messages(other->up.file));
}

/// Files for another kind of database. Of files for this one, that one word is wrong is their
/// fault: so the first must have a sign of another, or half of them.
std::optional<std::string> for_another_database(const runner::Migration& failing,
                                                const runner::ServerMessage& said,
                                                std::span<const runner::Migration> all) {
  constexpr std::array<std::string_view, 3> not_understood{"42601", "42704", "42804"};
  if (std::ranges::find(not_understood, said.sqlstate) == not_understood.end() || all.empty())
    return std::nullopt;
  const std::string database = formats::other_database_of(failing.up.sql());
  if (database.empty()) return std::nullopt;
  const auto foreign =
      static_cast<std::size_t>(std::ranges::count_if(all, [](const runner::Migration& migration) {
        return !formats::other_database_of(migration.up.sql()).empty();
      }));
  if (failing.up.file != all.front().up.file && 2 * foreign < all.size()) return std::nullopt;
  return fmt::format(
      "{} is written for {}, and this is PostgreSQL ({}): name the folder of the files for "
      "PostgreSQL with --migrations",
      core::name_in_messages(failing.up.file), database, said.message);
}

}  // namespace

std::optional<std::string> prerequisite_fault(runner::Session& session,
                                              const runner::Migration& failing,
                                              const runner::ServerMessage& said,
                                              std::span<const runner::Migration> all) {
  if (auto fault = later_server(session, failing, said)) return fault;
  if (auto fault = missing_tracker(failing, said)) return fault;
  if (auto fault = refused_without_extension(session, failing, said)) return fault;
  if (auto fault = missing_extension(session, said, all)) return fault;
  if (auto fault = for_another_database(failing, said, all)) return fault;
  return open_order(failing, said, all);
}

WhenSent when_sent(runner::Session& session, const runner::Migration& failing,
                   std::span<const runner::Migration> all) {
  // It is there already, or it has no place in a transaction: another way to send it may do.
  constexpr std::array<std::string_view, 6> depends{"25001", "2D000", "42P06",
                                                    "42P07", "42701", "42710"};
  try {
    session.send("BEGIN");
    session.send(failing.up.sql());
    session.send("ROLLBACK");
    return {};
  } catch (const runner::SqlError& error) {
    if (error.connection_lost()) throw;
    runner::roll_back(session);
    WhenSent sent{.fails = std::ranges::find(depends, error.said().sqlstate) == depends.end()};
    sent.fault = environment_fault(session, failing, error.said(), all);
    return sent;
  }
}

}  // namespace gauntlet::verify
