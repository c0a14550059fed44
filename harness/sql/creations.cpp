#include "harness/sql/creations.h"

#include "harness/sql/text.h"
#include "harness/sql/tokens.h"
#include "harness/sql/tree.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace gauntlet::sql {

namespace {

using nlohmann::json;
using runner::Token;

/// Schema and name from a qualified name (a list of String).
Creation named(std::string kind, const json& names) {
  Creation creation{.kind = std::move(kind), .name = last_name(names)};
  if (names.is_array() && names.size() > 1)
    creation.schema = text(member(names[names.size() - 2], "String"), "sval");
  return creation;
}

Creation of_relation(std::string kind, const json& relation) {
  return {.kind = std::move(kind),
          .schema = text(relation, "schemaname"),
          .name = text(relation, "relname"),
          .is_temporary = text(relation, "relpersistence") == "t"};
}

/// How the tree of a kind of statement names what it creates.
struct Shape {
  std::string_view statement;
  std::string_view kind;
  std::string_view where;
  enum class Named {
    relation,  ///< a RangeVar
    list,      ///< a qualified name
    text,      ///< one name
  } how;
};
constexpr std::array shapes = {
    Shape{"CreateStmt", "table", "relation", Shape::Named::relation},
    Shape{"CreateForeignTableStmt", "table", "", Shape::Named::relation},
    Shape{"CreateSeqStmt", "sequence", "sequence", Shape::Named::relation},
    Shape{"ViewStmt", "view", "view", Shape::Named::relation},
    Shape{"CompositeTypeStmt", "type", "typevar", Shape::Named::relation},
    Shape{"CreateFunctionStmt", "function", "funcname", Shape::Named::list},
    Shape{"CreateEnumStmt", "type", "typeName", Shape::Named::list},
    Shape{"CreateRangeStmt", "type", "typeName", Shape::Named::list},
    Shape{"CreateDomainStmt", "type", "domainname", Shape::Named::list},
    Shape{"DefineStmt", "object", "defnames", Shape::Named::list},
    Shape{"CreateOpClassStmt", "operator class", "opclassname", Shape::Named::list},
    Shape{"CreateOpFamilyStmt", "operator family", "opfamilyname", Shape::Named::list},
    Shape{"CreateConversionStmt", "conversion", "conversion_name", Shape::Named::list},
    Shape{"CreateStatsStmt", "statistics", "defnames", Shape::Named::list},
    Shape{"IndexStmt", "index", "idxname", Shape::Named::text},
    Shape{"CreateSchemaStmt", "schema", "schemaname", Shape::Named::text},
    Shape{"CreateExtensionStmt", "extension", "extname", Shape::Named::text},
    Shape{"CreateRoleStmt", "role", "role", Shape::Named::text},
    Shape{"CreateTrigStmt", "trigger", "trigname", Shape::Named::text},
    Shape{"CreatePLangStmt", "language", "plname", Shape::Named::text},
    Shape{"CreateForeignServerStmt", "server", "servername", Shape::Named::text},
    Shape{"CreateFdwStmt", "wrapper", "fdwname", Shape::Named::text},
    Shape{"CreatePolicyStmt", "policy", "policy_name", Shape::Named::text},
    Shape{"RuleStmt", "rule", "rulename", Shape::Named::text},
    Shape{"RenameStmt", "name", "newname", Shape::Named::text},
    Shape{"CreatedbStmt", "database", "dbname", Shape::Named::text},
};

Creation shaped(const Shape& shape, const json& node) {
  const json& where =
      shape.where.empty() ? member(member(node, "base"), "relation") : member(node, shape.where);
  switch (shape.how) {
    case Shape::Named::relation:
      return of_relation(std::string(shape.kind), where);
    case Shape::Named::list:
      return named(std::string(shape.kind), where);
    case Shape::Named::text:
      return {.kind = std::string(shape.kind),
              .schema = shape.kind == "index" ? text(member(node, "relation"), "schemaname")
                                              : std::string(),
              .name = text(node, shape.where)};
  }
  return {};
}

/// CREATE TABLE … AS, CREATE MATERIALIZED VIEW, SELECT … INTO.
const json& made_from_a_query(const StatementTree& tree) {
  const bool is_create = tree.kind() == "CreateTableAsStmt";
  return member(member(tree.node(), is_create ? "into" : "intoClause"), "rel");
}

void add(const Creation& made, std::vector<Creation>& all) {
  if (!made.name.empty()) all.push_back(made);
}

/// The text of a DO block; empty for any other statement.
std::string body_of_block(std::string_view statement) {
  if (!starts_with_word(statement, "DO")) return {};
  const auto tree = StatementTree::parse(statement);
  if (!tree || tree->kind() != "DoStmt") return {};
  for (const json& argument : member(tree->node(), "args")) {
    const json& element = member(argument, "DefElem");
    if (text(element, "defname") == "as")
      return text(member(member(element, "arg"), "String"), "sval");
  }
  return {};
}

/// What stands between the quotes of a string without escapes.
std::string_view inside(std::string_view quoted) {
  if (quoted.size() < 2 || quoted.front() != '\'') return quoted;
  return quoted.substr(1, quoted.size() - 2);
}

void collect_words(std::string_view sql, std::set<std::string>& words, int depth = 0) {
  constexpr int depth_max = 3;  // a string in a string in a block
  for (const Token& token : tokens_of(sql)) {
    if (const std::string name = identifier_of(token); !name.empty()) words.insert(lower(name));
    if (token.kind == Token::Kind::text && depth < depth_max)
      collect_words(inside(token.text), words, depth + 1);
  }
}

/// `extname = 'x'` in a statement that reads one of the two catalogues.
void collect_lookups(std::string_view sql, std::set<std::string>& extensions) {
  const std::vector<Token> tokens = tokens_of(sql);
  for (const StatementTokens& statement : statement_tokens(tokens)) {
    bool reads = false;
    for (std::size_t at = statement.first; at < statement.last; ++at) {
      const std::string word = identifier_of(tokens[at]);
      reads = reads || word == "pg_extension" || word == "pg_available_extensions";
      const bool compares = at + 2 < statement.last && (word == "name" || word == "extname") &&
                            is_symbol(tokens[at + 1], '=') &&
                            tokens[at + 2].kind == Token::Kind::text;
      if (reads && compares) extensions.emplace(inside(tokens[at + 2].text));
    }
  }
}

}  // namespace

std::vector<Creation> creations_of(const StatementTree& tree) {
  std::vector<Creation> all;
  const auto shape = std::ranges::find(shapes, tree.kind(), &Shape::statement);
  if (shape != shapes.end()) add(shaped(*shape, tree.node()), all);
  if (tree.kind() == "CreateTableAsStmt" || tree.kind() == "SelectStmt")
    add(of_relation("table", made_from_a_query(tree)), all);
  if (tree.kind() == "AlterObjectSchemaStmt") {
    Creation moved = of_relation("table", member(tree.node(), "relation"));
    moved.schema = text(tree.node(), "newschema");
    add(moved, all);
  }
  return all;
}

std::vector<Creation> creations_in(std::string_view script) {
  std::vector<Creation> all;
  for (const runner::Statement& statement : runner::split(script).statements)
    if (const auto tree = StatementTree::parse(statement.sql))
      std::ranges::move(creations_of(*tree), std::back_inserter(all));
  return all;
}

std::set<std::string> names_in_blocks(std::string_view script) {
  std::set<std::string> words;
  for (const runner::Statement& statement : runner::split(script).statements)
    collect_words(body_of_block(statement.sql), words);
  return words;
}

std::set<std::string> extensions_looked_for(std::string_view script) {
  std::set<std::string> extensions;
  for (const runner::Statement& statement : runner::split(script).statements) {
    const std::string body = body_of_block(statement.sql);
    collect_lookups(body.empty() ? statement.sql : std::string_view(body), extensions);
  }
  return extensions;
}

}  // namespace gauntlet::sql
