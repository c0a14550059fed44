#include "harness/verify/half_done.h"

#include "harness/sql/which_file.h"
#include "harness/truth/statement_text.h"
#include "harness/verify/remedy.h"
#include "runner/sql/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// An object by the words that create it.
struct Created {
  std::string kind;     ///< `table`, `column`, `constraint`, `type`
  std::string name;     ///< bare, lower case
  std::string of = {};  ///< of a column or a constraint: the table
};

std::vector<std::string> words_of(std::string_view statement) {
  std::istringstream stream(sql::tokens_of_statement(statement));
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    std::erase(word, '"');
    words.push_back(runner::lower(word));
  }
  return words;
}

/// `ALTER TABLE a ADD COLUMN b`, `ADD b`, `ADD CONSTRAINT c`.
std::optional<Created> added(const std::vector<std::string>& words, std::string_view statement) {
  const auto add = std::ranges::find(words, "add");
  if (add == words.end()) return std::nullopt;
  std::string kind = "column";
  for (auto word = add + 1; word != words.end(); ++word) {
    if (*word == "constraint") kind = "constraint";
    const bool passes = *word == "column" || *word == "constraint" || *word == "if" ||
                        *word == "not" || *word == "exists";
    if (!passes) return Created{.kind = kind, .name = *word, .of = truth::target_of(statement)};
  }
  return std::nullopt;
}

std::optional<Created> created_by(std::string_view statement) {
  const std::vector<std::string> words = words_of(statement);
  if (words.empty()) return std::nullopt;
  if (words[0] == "alter" && words.size() > 3 && words[1] == "table")
    return added(words, statement);
  if (words[0] != "create") return std::nullopt;
  constexpr std::array<std::string_view, 6> kinds = {"table",    "index", "view",
                                                     "sequence", "type",  "function"};
  for (std::size_t at = 1; at < std::min<std::size_t>(words.size(), 5); ++at)
    if (std::ranges::find(kinds, words[at]) != kinds.end())
      return Created{.kind = words[at], .name = truth::target_of(statement)};
  return std::nullopt;
}

bool is_there(runner::Session& session, const Created& created) {
  constexpr std::string_view no_system = " AND n.nspname !~ '^pg_' LIMIT 1";
  const auto found = [&](const std::string& sql, std::vector<std::string> values) {
    std::vector<std::optional<std::string>> parameters(values.begin(), values.end());
    return !session.query(sql + std::string(no_system), parameters).rows.empty();
  };
  constexpr const char* of_relation =
      " JOIN pg_catalog.pg_class c ON c.oid = x.{}relid JOIN pg_catalog.pg_namespace n ON n.oid = "
      "c.relnamespace WHERE c.relname = $2 AND x.{}name = $1";
  if (created.kind == "column")
    return found("SELECT 1 FROM pg_catalog.pg_attribute x" +
                     fmt::format(of_relation, "att", "att") + " AND NOT x.attisdropped",
                 {created.name, created.of});
  if (created.kind == "constraint")
    return found(
        "SELECT 1 FROM pg_catalog.pg_constraint x" + fmt::format(of_relation, "con", "con"),
        {created.name, created.of});
  const std::string catalogue = created.kind == "type"       ? "typ"
                                : created.kind == "function" ? "pro"
                                                             : "rel";
  const std::string table = created.kind == "type"       ? "pg_type"
                            : created.kind == "function" ? "pg_proc"
                                                         : "pg_class";
  return found(fmt::format("SELECT 1 FROM pg_catalog.{0} x JOIN pg_catalog.pg_namespace n ON "
                           "n.oid = x.{1}namespace WHERE x.{1}name = $1",
                           table, catalogue),
               {created.name});
}

bool is_made_elsewhere(const Created& created, const runner::Migration& failed,
                       std::span<const runner::Migration> all) {
  return std::ranges::any_of(all, [&](const runner::Migration& other) {
    if (other.version.number == failed.version.number) return false;
    const auto statements = truth::statements_of(other.up.sql());
    return std::ranges::any_of(statements, [&](std::string_view statement) {
      const auto made = created_by(statement);
      return made && made->name == created.name && made->of == created.of;
    });
  });
}

}  // namespace

bool is_about_an_object_there(const runner::ServerMessage& said) {
  constexpr std::array<std::string_view, 4> codes = {"42P07", "42701", "42710", "42723"};
  return std::ranges::find(codes, said.sqlstate) != codes.end();
}

std::vector<std::string> statements_done_before(runner::Session& session,
                                                const runner::Migration& failed,
                                                std::span<const runner::Migration> all) {
  std::vector<std::string> done;
  std::size_t number = 0;
  for (const std::string_view statement : truth::statements_of(failed.up.sql())) {
    ++number;
    const auto created = created_by(statement);
    if (!created || created->name.empty() || is_made_elsewhere(*created, failed, all)) continue;
    if (!is_there(session, *created)) continue;
    const std::string of = created->of.empty() ? "" : created->of + ".";
    done.push_back(fmt::format("statement {} ({} {}{})", number, created->kind, of, created->name));
  }
  return done;
}

std::string owner_of_named(runner::Session& session, const runner::ServerMessage& said) {
  if (said.sqlstate != "42501") return {};
  std::string name = named_object(said);
  if (name.empty()) name = said.message.substr(said.message.rfind(' ') + 1);
  const auto found = session.query(
      "SELECT owner FROM (SELECT 1 AS rank, relname AS name, "
      "pg_catalog.pg_get_userbyid(relowner) AS owner FROM pg_catalog.pg_class UNION ALL SELECT 2, "
      "proname, pg_catalog.pg_get_userbyid(proowner) FROM pg_catalog.pg_proc UNION ALL SELECT 3, "
      "typname, pg_catalog.pg_get_userbyid(typowner) FROM pg_catalog.pg_type UNION ALL SELECT 4, "
      "nspname, pg_catalog.pg_get_userbyid(nspowner) FROM pg_catalog.pg_namespace) AS named "
      "WHERE name = $1 ORDER BY rank LIMIT 1",
      {name});
  return found.rows.empty() ? std::string() : found.rows[0][0].value_or("");
}

}  // namespace gauntlet::verify
