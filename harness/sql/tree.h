// One statement's parse tree, held so that its parts can be asked for without caring what is
// missing. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace gauntlet::sql {

class StatementTree {
 public:
  /// nullopt where libpg_query's grammar refuses the statement, or it is too long for a tree.
  static std::optional<StatementTree> parse(std::string_view statement);

  const std::string& kind() const { return kind_; }  ///< `SelectStmt`, as libpg_query names it
  const nlohmann::json& node() const { return node_; }

 private:
  std::string kind_;
  nlohmann::json node_;
};

/// `node[key]`, or null where there is none.
const nlohmann::json& member(const nlohmann::json& node, std::string_view key);

/// `node[key]` as text; empty where there is none.
std::string text(const nlohmann::json& node, std::string_view key);

bool is_true(const nlohmann::json& node, std::string_view key);

/// The last part of a qualified name (a list of String).
std::string last_name(const nlohmann::json& names);

/// Calls `visit` for `root` and for everything below it. Needs no stack, however deep the tree.
void walk(const nlohmann::json& root, const std::function<void(const nlohmann::json&)>& visit);

}  // namespace gauntlet::sql
