#include "harness/sql/contested.h"

#include "harness/sql/creations.h"
#include "harness/sql/tree.h"
#include "runner/sql/lexer.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>

namespace gauntlet::sql {
namespace {

using nlohmann::json;
using What = Contested::What;

std::string quoted(const std::string& name) { return runner::quoted_by('"', name); }

std::string qualified(const std::string& schema, const std::string& name) {
  return schema.empty() ? quoted(name) : quoted(schema) + "." + quoted(name);
}

/// A RangeVar; empty where there is none.
std::string relation_of(const json& range) {
  const std::string name = text(range, "relname");
  return name.empty() ? name : qualified(text(range, "schemaname"), name);
}

/// The kinds that share one set of names; nullopt for what two sessions may create at once.
std::optional<What> namespace_of(const Creation& made) {
  if (made.is_temporary) return std::nullopt;
  if (made.kind == "table" || made.kind == "sequence" || made.kind == "view" ||
      made.kind == "index")
    return What::relation;
  if (made.kind == "schema") return What::schema;
  return made.kind == "type" ? std::optional(What::type) : std::nullopt;
}

class Collector {
 public:
  void collect(const StatementTree& tree) {
    // A table that moves is locked by the first who moves it.
    if (tree.kind() != "AlterObjectSchemaStmt")
      for (const Creation& made : creations_of(tree))
        if (const auto what = namespace_of(made)) add(*what, qualified(made.schema, made.name));
    if (tree.kind() == "CopyStmt" && is_true(tree.node(), "is_from"))
      add(What::rows, relation_of(member(tree.node(), "relation")));
    add_written(tree.kind(), tree.node());
    walk(tree.node(), [this](const json& node) {
      for (const char* kind : {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
        if (const json& below = member(node, kind); !below.is_null()) add_written(kind, below);
    });
  }

  std::vector<Contested> take() { return std::move(found_); }

 private:
  void add(What what, std::string name) {
    Contested contested{.what = what, .name = std::move(name)};
    if (contested.name.empty() || std::ranges::find(found_, contested) != found_.end()) return;
    found_.push_back(std::move(contested));
  }

  void add_written(std::string_view kind, const json& node) {
    if (kind == "InsertStmt" || kind == "UpdateStmt" || kind == "DeleteStmt" || kind == "MergeStmt")
      add(What::rows, relation_of(member(node, "relation")));
  }

  std::vector<Contested> found_;
};

}  // namespace

std::vector<Contested> contested_by(std::string_view message) {
  Collector collector;
  for (const auto& statement : runner::split(message).statements)
    if (const auto tree = StatementTree::parse(statement.sql)) collector.collect(*tree);
  return collector.take();
}

std::optional<Contested> common(const std::vector<Contested>& one,
                                const std::vector<Contested>& other) {
  const auto found = std::ranges::find_if(
      one, [&](const Contested& each) { return std::ranges::find(other, each) != other.end(); });
  return found == one.end() ? std::nullopt : std::optional(*found);
}

}  // namespace gauntlet::sql
