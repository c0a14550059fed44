#include "harness/sql/effects.h"

#include "harness/sql/tokens.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace gauntlet::sql {
namespace {

using nlohmann::json;
using runner::Lexer;
using runner::Token;

/// How a call outlives a rollback.
enum class Reach {
  session,  ///< sequences, and locks that end with the session
  outside,  ///< files, programs, other sessions, other servers
};

struct Function {
  std::string_view name;
  Reach reach;
};

constexpr std::array functions = {
    Function{"nextval", Reach::session},
    Function{"setval", Reach::session},
    Function{"pg_advisory_lock", Reach::session},
    Function{"pg_advisory_lock_shared", Reach::session},
    Function{"pg_try_advisory_lock", Reach::session},
    Function{"pg_try_advisory_lock_shared", Reach::session},
    Function{"pg_advisory_unlock", Reach::session},
    Function{"pg_advisory_unlock_shared", Reach::session},
    Function{"pg_advisory_unlock_all", Reach::session},
    Function{"lo_export", Reach::outside},
    Function{"pg_cancel_backend", Reach::outside},
    Function{"pg_copy_logical_replication_slot", Reach::outside},
    Function{"pg_copy_physical_replication_slot", Reach::outside},
    Function{"pg_create_logical_replication_slot", Reach::outside},
    Function{"pg_create_physical_replication_slot", Reach::outside},
    Function{"pg_create_restore_point", Reach::outside},
    Function{"pg_drop_replication_slot", Reach::outside},
    Function{"pg_file_rename", Reach::outside},
    Function{"pg_file_unlink", Reach::outside},
    Function{"pg_file_write", Reach::outside},
    Function{"pg_promote", Reach::outside},
    Function{"pg_reload_conf", Reach::outside},
    Function{"pg_replication_slot_advance", Reach::outside},
    Function{"pg_rotate_logfile", Reach::outside},
    Function{"pg_stat_reset", Reach::outside},
    Function{"pg_switch_wal", Reach::outside},
    Function{"pg_terminate_backend", Reach::outside},
};

std::optional<Reach> reach_of(std::string_view function) {
  if (function == "dblink" || function.starts_with("dblink_")) return Reach::outside;
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&](const Function& known) { return known.name == function; });
  return found == functions.end() ? std::nullopt : std::optional(found->reach);
}

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

void add_survivor(Effects& effects, const std::string& words, Reach reach) {
  add_once(effects.survives_rollback, words);
  if (reach == Reach::outside) add_once(effects.irrevocable, words);
}

/// A function of somebody's own schema may bear any name.
bool is_ours(const json& names, std::string_view function) {
  if (names.size() < 2 || function.starts_with("dblink")) return true;
  return text(member(names.front(), "String"), "sval") == "pg_catalog";
}

void collect_calls(const json& root, Effects& effects) {
  walk(root, [&](const json& node) {
    const json& names = member(member(node, "FuncCall"), "funcname");
    const std::string function = last_name(names);
    if (const auto reach = reach_of(function); reach && is_ours(names, function))
      add_survivor(effects, function + "()", *reach);
  });
}

bool is_analyze(const json& explain) {
  const json& options = member(explain, "options");
  return std::any_of(options.begin(), options.end(), [](const json& option) {
    return text(member(option, "DefElem"), "defname") == "analyze";
  });
}

/// Adding a column computes its default for every row, and changing a type its USING expression.
void collect_alter_table_calls(const json& node, Effects& effects) {
  for (const json& entry : member(node, "cmds")) {
    const json& command = member(entry, "AlterTableCmd");
    const std::string type = text(command, "subtype");
    if (type == "AT_AddColumn" || type == "AT_AlterColumnType")
      collect_calls(member(command, "def"), effects);
  }
}

void collect_executed_calls(const StatementTree& tree, Effects& effects) {
  constexpr std::array<std::string_view, 8> executed = {"SelectStmt", "InsertStmt", "UpdateStmt",
                                                        "DeleteStmt", "MergeStmt",  "CallStmt",
                                                        "CopyStmt",   "ExecuteStmt"};
  const std::string& kind = tree.kind();
  const bool runs =
      std::find(executed.begin(), executed.end(), kind) != executed.end() ||
      (kind == "CreateTableAsStmt" && !is_true(member(tree.node(), "into"), "skipData")) ||
      (kind == "ExplainStmt" && is_analyze(tree.node()));
  if (runs) collect_calls(tree.node(), effects);
  if (kind == "AlterTableStmt") collect_alter_table_calls(tree.node(), effects);
}

void collect_copy(const json& node, Effects& effects) {
  const std::string direction = is_true(node, "is_from") ? "FROM" : "TO";
  if (is_true(node, "is_program"))
    add_survivor(effects, "COPY " + direction + " PROGRAM", Reach::outside);
  else if (direction == "TO" && !text(node, "filename").empty())
    add_survivor(effects, "COPY TO a file of the server", Reach::outside);
}

using Words = std::pair<std::string_view, std::string_view>;

template <std::size_t count>
std::string words_for(const std::array<Words, count>& table, std::string_view key) {
  for (const auto& [name, words] : table)
    if (name == key) return std::string(words);
  return {};
}

/// What stands in the catalogues that all databases share.
std::string shared_object(std::string_view object_type) {
  static constexpr std::array<Words, 5> shared = {{{"OBJECT_DATABASE", "DATABASE"},
                                                   {"OBJECT_ROLE", "ROLE"},
                                                   {"OBJECT_TABLESPACE", "TABLESPACE"},
                                                   {"OBJECT_SUBSCRIPTION", "SUBSCRIPTION"},
                                                   {"OBJECT_PARAMETER_ACL", "PARAMETER"}}};
  return words_for(shared, object_type);
}

/// Statements that act on any kind of object: the words before it, and where its kind is told.
std::string cluster_wide_by_object(const StatementTree& tree) {
  struct Generic {
    std::string_view kind, type_key, before, after;
  };
  static constexpr std::array<Generic, 5> generics = {
      {{"CommentStmt", "objtype", "COMMENT ON ", ""},
       {"SecLabelStmt", "objtype", "SECURITY LABEL ON ", ""},
       {"RenameStmt", "renameType", "ALTER ", " RENAME"},
       {"AlterOwnerStmt", "objectType", "ALTER ", " OWNER"},
       {"GrantStmt", "objtype", "GRANT ON ", ""}}};
  for (const auto& generic : generics) {
    if (generic.kind != tree.kind()) continue;
    const std::string object = shared_object(text(tree.node(), generic.type_key));
    if (object.empty()) return {};
    return std::string(generic.before) + object + std::string(generic.after);
  }
  return {};
}

std::string cluster_wide_of(const StatementTree& tree) {
  static constexpr std::array<Words, 19> always = {
      {{"CreateRoleStmt", "CREATE ROLE"},
       {"AlterRoleStmt", "ALTER ROLE"},
       {"AlterRoleSetStmt", "ALTER ROLE SET"},
       {"DropRoleStmt", "DROP ROLE"},
       {"GrantRoleStmt", "GRANT of a role"},
       {"CreatedbStmt", "CREATE DATABASE"},
       {"DropdbStmt", "DROP DATABASE"},
       {"AlterDatabaseStmt", "ALTER DATABASE"},
       {"AlterDatabaseSetStmt", "ALTER DATABASE SET"},
       {"AlterDatabaseRefreshCollStmt", "ALTER DATABASE"},
       {"CreateTableSpaceStmt", "CREATE TABLESPACE"},
       {"DropTableSpaceStmt", "DROP TABLESPACE"},
       {"AlterTableSpaceOptionsStmt", "ALTER TABLESPACE"},
       {"AlterSystemStmt", "ALTER SYSTEM"},
       {"ReassignOwnedStmt", "REASSIGN OWNED"},
       {"DropOwnedStmt", "DROP OWNED"},
       {"CreateSubscriptionStmt", "CREATE SUBSCRIPTION"},
       {"AlterSubscriptionStmt", "ALTER SUBSCRIPTION"},
       {"DropSubscriptionStmt", "DROP SUBSCRIPTION"}}};
  const std::string words = words_for(always, tree.kind());
  return words.empty() ? cluster_wide_by_object(tree) : words;
}

/// Calls `visit` with the name before every opening bracket, folded as PostgreSQL folds it.
void for_each_call(std::string_view statement, const std::function<void(std::string)>& visit) {
  Lexer lexer(statement);
  std::optional<Token> before;
  while (const auto token = lexer.next()) {
    if (token->kind == Token::Kind::comment) continue;
    if (token->text == "(" && before)
      if (std::string name = identifier_of(*before); !name.empty()) visit(std::move(name));
    before = token;
  }
}

bool is_data_statement(std::string_view statement) {
  const auto first = tokens_of(statement, 1);
  constexpr std::array<std::string_view, 7> data = {"SELECT", "INSERT", "UPDATE", "DELETE",
                                                    "MERGE",  "WITH",   "VALUES"};
  return !first.empty() && std::any_of(data.begin(), data.end(), [&](auto word) {
    return runner::is_word(first.front(), word);
  });
}

std::string guessed_cluster_wide(const std::vector<Token>& tokens) {
  if (tokens.size() < 2) return {};
  const auto verb = runner::upper(tokens[0].text);
  const auto object = runner::upper(tokens[1].text);
  if (verb == "ALTER" && object == "SYSTEM") return "ALTER SYSTEM";
  if (verb != "CREATE" && verb != "ALTER" && verb != "DROP") return {};
  const bool mapping = tokens.size() > 2 && runner::is_word(tokens[2], "MAPPING");
  constexpr std::array<std::string_view, 6> shared = {"ROLE",     "USER",       "GROUP",
                                                      "DATABASE", "TABLESPACE", "SUBSCRIPTION"};
  if (mapping || std::find(shared.begin(), shared.end(), object) == shared.end()) return {};
  return verb + " " + object;
}

}  // namespace

Effects effects_of(const StatementTree& tree) {
  Effects effects;
  if (const auto words = cluster_wide_of(tree); !words.empty()) effects.cluster_wide = {words};
  if (tree.kind() == "CopyStmt") collect_copy(tree.node(), effects);
  collect_executed_calls(tree, effects);
  return effects;
}

Effects guessed_effects(std::string_view statement) {
  constexpr std::size_t first_words = 64;
  Effects effects;
  const auto tokens = tokens_of(statement, first_words);
  if (const auto words = guessed_cluster_wide(tokens); !words.empty())
    effects.cluster_wide = {words};
  const bool copies = !tokens.empty() && runner::is_word(tokens.front(), "COPY");
  if (copies && std::any_of(tokens.begin(), tokens.end(),
                            [](const Token& token) { return runner::is_word(token, "PROGRAM"); }))
    add_survivor(effects, "COPY with a PROGRAM", Reach::outside);
  if (copies || is_data_statement(statement))
    for_each_call(statement, [&](const std::string& function) {
      if (const auto reach = reach_of(function)) add_survivor(effects, function + "()", *reach);
    });
  return effects;
}

bool speaks_of_the_world(std::string_view statement) {
  if (!is_data_statement(statement)) return true;
  bool calls = false;
  for_each_call(statement, [&](const std::string& name) { calls = calls || reach_of(name); });
  return calls || has_words(statement, {"COLLATE"});
}

}  // namespace gauntlet::sql
