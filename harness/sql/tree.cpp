#include "harness/sql/tree.h"

#include "runner/sql/statement_postgres.h"

#include <utility>
#include <vector>

namespace gauntlet::sql {

using nlohmann::json;

std::optional<StatementTree> StatementTree::parse(std::string_view statement) {
  const auto tree_text = runner::parse_to_json(statement);
  if (!tree_text) return std::nullopt;
  const json document = json::parse(*tree_text, nullptr, false);
  if (document.is_discarded()) return std::nullopt;
  StatementTree tree;
  const json& statements = member(document, "stmts");
  if (!statements.is_array() || statements.empty()) return tree;
  const json& only = member(statements.front(), "stmt");
  if (!only.is_object() || only.empty()) return tree;
  tree.kind_ = only.begin().key();
  tree.node_ = only.begin().value();
  return tree;
}

const json& member(const json& node, std::string_view key) {
  static const json nothing;
  if (!node.is_object()) return nothing;
  const auto found = node.find(key);
  return found == node.end() ? nothing : *found;
}

std::string text(const json& node, std::string_view key) {
  const json& value = member(node, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

bool is_true(const json& node, std::string_view key) { return member(node, key) == true; }

std::string last_name(const json& names) {
  if (!names.is_array() || names.empty()) return {};
  return text(member(names.back(), "String"), "sval");
}

void walk(const json& root, const std::function<void(const json&)>& visit) {
  std::vector<const json*> open = {&root};
  while (!open.empty()) {
    const json& node = *open.back();
    open.pop_back();
    visit(node);
    for (const json& child : node)
      if (child.is_structured()) open.push_back(&child);
  }
}

}  // namespace gauntlet::sql
