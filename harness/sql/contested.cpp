#include "harness/sql/contested.h"

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

/// A list of String: `schema`, `name`.
std::string name_in(const json& names) {
  if (names.empty()) return {};
  const std::string schema =
      names.size() > 1 ? text(member(names[names.size() - 2], "String"), "sval") : std::string();
  return qualified(schema, last_name(names));
}

class Collector {
 public:
  void collect(const StatementTree& tree) {
    add_created(tree.kind(), tree.node());
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

  /// A temporary table is seen by its own session alone.
  void add_table(const json& range) {
    if (text(range, "relpersistence") != "t") add(What::relation, relation_of(range));
  }

  void add_created(const std::string& kind, const json& node) {
    if (kind == "CreateStmt") add_table(member(node, "relation"));
    if (kind == "CreateTableAsStmt") add_table(member(member(node, "into"), "rel"));
    if (kind == "CreateSeqStmt") add_table(member(node, "sequence"));
    if (kind == "IndexStmt") add_index(node);
    if (kind == "CreateSchemaStmt" && !text(node, "schemaname").empty())
      add(What::schema, quoted(text(node, "schemaname")));
    if (kind == "CreateEnumStmt") add(What::type, name_in(member(node, "typeName")));
    if (kind == "CompositeTypeStmt") add(What::type, relation_of(member(node, "typevar")));
    if (kind == "CreateDomainStmt") add(What::type, name_in(member(node, "domainname")));
  }

  /// An index lives in its table's schema.
  void add_index(const json& node) {
    const std::string name = text(node, "idxname");
    if (!name.empty())
      add(What::relation, qualified(text(member(node, "relation"), "schemaname"), name));
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
