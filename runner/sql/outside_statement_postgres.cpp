#include "runner/sql/lexer.h"
#include "runner/sql/outside_statement.h"
#include "runner/sql/parse_tree.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <array>
#include <optional>

#include <nlohmann/json.hpp>

namespace gauntlet::runner {

namespace {

using nlohmann::json;
using Kind = OutsideStatement::Kind;
using Object = OutsideStatement::Object;
using Change = OutsideStatement::Change;

/// A longer statement is data, not a change of the session.
constexpr std::size_t parsed_bytes_max = 1U << 16U;

std::string relation(const json& range_var) {
  const std::string schema = text(range_var, "schemaname");
  return (schema.empty() ? "" : quoted_by('"', schema) + ".") +
         quoted_by('"', text(range_var, "relname"));
}

std::string first_word(std::string_view sql) {
  Lexer lexer(sql);
  auto token = lexer.next();
  while (token && token->kind == Token::Kind::comment) token = lexer.next();
  return token ? upper(token->text) : "";
}

// The names of a list of String nodes: `{app, t}`.
std::string dotted(const json& names) {
  std::string made;
  for (const json& name : names) {
    made += (made.empty() ? "" : ".") + quoted_by('"', text(member(name, "String"), "sval"));
  }
  return made;
}

OutsideStatement object(Object object, Change change, std::string words, std::string name) {
  return {.kind = Kind::object,
          .object = object,
          .change = change,
          .words = std::move(words),
          .name = std::move(name)};
}

// SELECT set_config('search_path', 'app', false): a SET in other words.
bool is_set_config(const json& select) {
  if (!member(select, "fromClause").is_null()) return false;
  const json& targets = member(select, "targetList");
  return targets.is_array() && std::ranges::all_of(targets, [](const json& target) {
           const json& call = member(member(member(target, "ResTarget"), "val"), "FuncCall");
           const json& names = member(call, "funcname");
           const json& arguments = member(call, "args");
           if (!names.is_array() || names.empty() || arguments.size() != 3) return false;
           const json& local = member(member(arguments[2], "A_Const"), "boolval");
           return text(member(names.back(), "String"), "sval") == "set_config" &&
                  !local.is_null() && !is_true(local, "boolval");
         });
}

bool is_temporary(const json& node) {
  const auto persists_not = [](const json& range_var) {
    return text(range_var, "relpersistence") == "t";
  };
  return persists_not(member(node, "relation")) || persists_not(member(node, "view")) ||
         persists_not(member(node, "sequence")) ||
         persists_not(member(member(node, "into"), "rel")) ||
         persists_not(member(member(member(node, "intoClause"), "IntoClause"), "rel")) ||
         persists_not(member(member(node, "intoClause"), "rel"));
}

OutsideStatement index_dropped(const json& node, const std::string& words) {
  const json& objects = member(node, "objects");
  if (!objects.is_array() || objects.size() != 1) return {.kind = Kind::unknown, .words = words};
  return object(Object::index, Change::removes, words,
                dotted(member(member(objects[0], "List"), "items")));
}

OutsideStatement partition_detached(const json& node, const std::string& words) {
  OutsideStatement made = object(Object::partition, Change::removes, words, "");
  made.table = relation(member(node, "relation"));
  for (const json& entry : member(node, "cmds")) {
    const json& command = member(entry, "AlterTableCmd");
    if (text(command, "subtype") != "AT_DetachPartition") continue;
    made.name = relation(member(member(member(command, "def"), "PartitionCmd"), "name"));
  }
  return made;
}

// Of a statement that refuses a transaction block.
OutsideStatement alone(const std::string& kind, const json& node, const std::string& words) {
  if (kind == "IndexStmt") {
    const std::string name = text(node, "idxname");
    OutsideStatement made = object(Object::index, Change::makes, words, name);
    made.table = relation(member(node, "relation"));
    return made;
  }
  if (kind == "DropStmt") return index_dropped(node, words);
  if (kind == "AlterTableStmt") return partition_detached(node, words);
  if (kind == "CreatedbStmt")
    return object(Object::database, Change::makes, words, text(node, "dbname"));
  if (kind == "DropdbStmt")
    return object(Object::database, Change::removes, words, text(node, "dbname"));
  if (kind == "CreateTableSpaceStmt")
    return object(Object::tablespace, Change::makes, words, text(node, "tablespacename"));
  if (kind == "DropTableSpaceStmt")
    return object(Object::tablespace, Change::removes, words, text(node, "tablespacename"));
  if (kind == "CreateSubscriptionStmt")
    return object(Object::subscription, Change::makes, words, text(node, "subname"));
  if (kind == "DropSubscriptionStmt")
    return object(Object::subscription, Change::removes, words, text(node, "subname"));
  if (kind == "DiscardStmt") return {.kind = Kind::setting, .words = words};
  return {.kind = Kind::repeatable, .words = words};
}

OutsideStatement reindex(const json& node, const std::string& words) {
  OutsideStatement made{.kind = Kind::repeatable, .object = Object::reindex, .words = words};
  const std::string kind = text(node, "kind");
  if (kind == "REINDEX_OBJECT_INDEX") made.name = relation(member(node, "relation"));
  if (kind == "REINDEX_OBJECT_TABLE") made.table = relation(member(node, "relation"));
  return made;
}

OutsideStatement of_tree(const std::string& kind, const json& node, const StatementNeeds& needs) {
  if (kind == "TransactionStmt") {
    const bool prepared = needs.no_transaction.has_value();
    if (prepared)
      return object(Object::prepared, Change::removes, *needs.no_transaction, text(node, "gid"));
    return {.kind = needs.is_savepoint ? Kind::framed : Kind::control,
            .words = needs.transaction_control.value_or("SAVEPOINT")};
  }
  if (kind == "CallStmt") return {.kind = Kind::commits, .words = "CALL"};
  if (kind == "DoStmt") return {.kind = Kind::commits, .words = "DO"};
  if (kind == "ReindexStmt") return reindex(node, needs.no_transaction.value_or("REINDEX"));
  if (needs.no_transaction) return alone(kind, node, *needs.no_transaction);
  // Each of a partitioned table, or of several tables, is done in transactions of its own.
  if (kind == "VacuumStmt") return {.kind = Kind::repeatable, .words = "ANALYZE"};
  if (kind == "ClusterStmt") return {.kind = Kind::repeatable, .words = "CLUSTER"};
  if (kind == "VariableSetStmt") {
    const bool transaction =
        is_true(node, "is_local") || text(node, "name").starts_with("TRANSACTION");
    return {.kind = transaction ? Kind::framed : Kind::setting, .words = "SET"};
  }
  constexpr std::array<std::string_view, 4> settings = {"PrepareStmt", "DeallocateStmt", "LoadStmt",
                                                        "DiscardStmt"};
  if (std::ranges::find(settings, kind) != settings.end() ||
      (kind == "SelectStmt" && is_set_config(node))) {
    return {.kind = Kind::setting, .words = "SET"};
  }
  return {.kind = Kind::framed, .words = "", .makes_temporary = is_temporary(node)};
}

OutsideStatement guessed(const std::string& word, const StatementNeeds& needs) {
  if (needs.transaction_control)
    return {.kind = Kind::control, .words = *needs.transaction_control};
  if (word == "CALL" || word == "DO") return {.kind = Kind::commits, .words = word};
  if (word == "VACUUM" || word == "REINDEX" || word == "CLUSTER" || word == "ANALYZE") {
    return {.kind = Kind::repeatable, .words = needs.no_transaction.value_or(word)};
  }
  if (needs.no_transaction) return {.kind = Kind::unknown, .words = *needs.no_transaction};
  return {.kind = Kind::framed, .words = word};
}

}  // namespace

OutsideStatement outside_statement_postgres(std::string_view sql) {
  const std::string word = first_word(sql);
  constexpr std::array<std::string_view, 6> data = {"INSERT", "UPDATE", "DELETE",
                                                    "MERGE",  "VALUES", "WITH"};
  if (std::ranges::find(data, word) != data.end()) return {.words = word};
  const StatementNeeds needs = needs_of(sql);
  const auto tree = sql.size() > parsed_bytes_max ? std::nullopt : parse_to_json(sql);
  const json document = tree ? json::parse(*tree, nullptr, false) : json();
  const json& statements = member(document, "stmts");
  if (!statements.is_array() || statements.size() != 1) return guessed(word, needs);
  const json& statement = member(statements[0], "stmt");
  if (!statement.is_object() || statement.empty()) return guessed(word, needs);
  return of_tree(statement.begin().key(), statement.begin().value(), needs);
}

}  // namespace gauntlet::runner
