#include "harness/verify/remedy.h"

#include "harness/core/files.h"
#include "harness/sql/creations.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::ranges::find(codes, code) != codes.end();
}

/// Without quotes, in lower case.
std::string bare(std::string_view name) {
  const bool is_quoted = name.size() > 1 && name.front() == '"';
  return runner::lower(is_quoted ? name.substr(1, name.size() - 2) : name);
}

/// Does any file of the folder create what is called `name`?
bool is_created(const std::string& name, bool is_schema, const Around& around) {
  return std::ranges::any_of(around.all, [&](const runner::Migration& migration) {
    const auto creations = sql::creations_in(migration.up.sql());
    const bool is_made = std::ranges::any_of(creations, [&](const sql::Creation& made) {
      const bool may_be = !is_schema || made.kind == "schema" || made.kind == "name";
      return may_be && runner::lower(made.name) == name;
    });
    return is_made || sql::names_in_blocks(migration.up.sql()).contains(name);
  });
}

/// Objects of the file were there before it began.
std::string half_done_fix(const std::string& file) {
  return fmt::format(
      "see who made them: if a run of {} stopped half-way, run by hand what is missing of it and "
      "record it as applied, or drop those objects and run it again",
      file);
}

/// `storage` of `storage.buckets` somewhere in the text; empty where `name` stands alone.
std::string qualifier_in(std::string_view text, const std::string& name) {
  std::string before;
  bool is_qualified = false;
  runner::Lexer lexer(text);
  while (const auto token = lexer.next()) {
    const bool is_name =
        token->kind == runner::Token::Kind::word || token->kind == runner::Token::Kind::quoted;
    const std::string word = is_name ? bare(token->text) : std::string();
    if (is_qualified && word == name) return before;
    is_qualified = token->text == "." && !before.empty();
    if (!is_qualified) before = word;
  }
  return {};
}

/// What the DO blocks of a script say by themselves: their bodies are strings to the parser.
std::string qualifier_in_blocks(std::string_view script, const std::string& name) {
  runner::Lexer lexer(script);
  while (const auto token = lexer.next()) {
    const std::string_view text = token->text;
    if (!text.starts_with('$')) continue;
    const std::size_t tag = text.find('$', 1);
    if (tag == std::string_view::npos || text.size() < 2 * (tag + 1)) continue;
    std::string schema = qualifier_in(text.substr(tag + 1, text.size() - 2 * (tag + 1)), name);
    if (!schema.empty()) return schema;
  }
  return {};
}

/// The schema that qualifies `name` where a file creates it; empty if none does.
std::string schema_of_creation(const std::string& name, const Around& around) {
  for (const runner::Migration& migration : around.all) {
    for (const sql::Creation& made : sql::creations_in(migration.up.sql()))
      if (runner::lower(made.name) == name && !made.schema.empty()) return made.schema;
  }
  for (const runner::Migration& migration : around.all) {
    std::string schema = qualifier_in_blocks(migration.up.sql(), name);
    if (!schema.empty()) return schema;
  }
  return {};
}

/// The object is there, in a schema that the tool puts on its search path.
std::string wrong_search_path(const runner::ServerMessage& said, const Around& around) {
  if (!is_one_of(said.sqlstate, {"42704", "42883", "42P01"})) return {};
  const std::string name = named_object(said);
  const std::string schema = schema_of_creation(name, around);
  if (name.empty() || schema.empty() || schema == "public" || schema == "pg_catalog") return {};
  return fmt::format(
      "a file creates {0} in the schema {1}, which is not on the search path: if your runner puts "
      "it there, give --server-setting 'search_path={1},public', or a file with ALTER ROLE … SET "
      "search_path "
      "= {1}, public to --init-sql",
      name, schema);
}

/// What production has and an empty database lacks.
std::string missing_prerequisite(const runner::ServerMessage& said, const Around& around) {
  const std::string name = named_object(said);
  if (!is_about_a_missing_object(said) || name.empty() ||
      is_created(name, said.sqlstate == "3F000", around))
    return {};
  if (around.base_file.is_a_result)
    return fmt::format(
        "no file of the folder creates {}, and {} does, beside what the files create: if it is "
        "there before the first migration, give a file with that part to --init-sql",
        name, around.base_file.file);
  if (!around.base_file.file.empty())
    return fmt::format(
        "no file of the folder creates {}, and {} does: if that runs before the first migration, "
        "give it to --init-sql; if it is a migration, too, name the folder above both with "
        "--migrations",
        name, around.base_file.file);
  return fmt::format(
      "no file creates {}: if the database has it before the first migration (a schema, a role, an "
      "extension), create it in a file for --init-sql; if it is in another schema, also give "
      "--server-setting search_path=…",
      name);
}

/// The grammar of this program takes the file, the server does not: it is an older one.
bool is_newer_syntax(const runner::Migration& migration, const runner::ServerMessage& said) {
  return said.sqlstate == "42601" &&
         runner::split(migration.up.sql()).by == runner::SplitBy::parser;
}

}  // namespace

bool is_about_a_missing_object(const runner::ServerMessage& said) {
  return is_one_of(said.sqlstate, {"3F000", "42704", "42883", "42P01"});
}

std::string named_object(const runner::ServerMessage& said) {
  std::string_view text = said.message;
  std::string_view name;
  const std::size_t quote = text.find('"');
  const std::size_t bracket = text.find('(');
  if (bracket != std::string_view::npos && (quote == std::string_view::npos || bracket < quote)) {
    name = text.substr(0, bracket);
    name = name.substr(name.rfind(' ') + 1);
  } else if (quote != std::string_view::npos) {
    name = text.substr(quote + 1);
    name = name.substr(0, name.find('"'));
  }
  name = name.substr(name.rfind('.') + 1);
  return runner::lower(name);
}

std::string remedy_for(const runner::Migration& migration, const runner::ServerMessage& said,
                       const Framing& framing, const Around& around) {
  const std::string file = core::name_in_messages(migration.up.file);
  const std::string& code = said.sqlstate;
  if (code == "25001") {
    return fmt::format(
        "give the statement a file of its own that begins with "
        "`-- gauntlet: no-transaction`, or take it out of {}",
        file);
  }
  if (code == "2D000") {
    return fmt::format(
        "make `-- gauntlet: no-transaction` the first line of {}, or take the COMMIT "
        "out of its block",
        file);
  }
  if (code == "55P04")
    return fmt::format("move what uses the new enum value from {} to a later migration", file);
  if (code == "55006") {
    return fmt::format(
        "write SET CONSTRAINTS ALL IMMEDIATE before the statement that fails, or move it from {} "
        "to "
        "a later migration",
        file);
  }
  if (code == "42501") {
    const std::string owner = around.owner.empty() ? std::string("the owner of the object")
                                                   : fmt::format("its owner {}", around.owner);
    return fmt::format(
        "it ran as role {}: grant that role what the message names, or let {} deploy; if another "
        "role deploys, give its URL to --database",
        around.role, owner);
  }
  if (!around.already_there.empty()) return half_done_fix(file);
  if (code == "57014" && !around.own_timeout.empty()) {
    return fmt::format(
        "write SET statement_timeout = 0 at the beginning of {}, or raise the "
        "timeout of the database or role",
        file);
  }
  if (is_newer_syntax(migration, said)) {
    return fmt::format("it ran on PostgreSQL {}, which does not know this syntax: {}",
                       around.server_version,
                       around.is_ephemeral ? "choose another server with --postgres DIR"
                                           : "use a server of the version that production has");
  }
  if (std::string path = wrong_search_path(said, around); !path.empty()) return path;
  if (std::string missing = missing_prerequisite(said, around); !missing.empty()) return missing;
  const bool some_stays = framing.statement > 1 || !around.invalid_indexes.empty();
  if (!some_stays) return fmt::format("correct {}; nothing of it was kept", file);
  std::string text =
      fmt::format("correct {}, and give each of its statements a file of its own", file);
  if (!around.invalid_indexes.empty())
    text += fmt::format("; where it ran already: DROP INDEX CONCURRENTLY {}",
                        fmt::join(around.invalid_indexes, ", "));
  return text;
}

}  // namespace gauntlet::verify
