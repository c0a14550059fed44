#include "harness/sql/names.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>

namespace gauntlet::sql {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;

void add(Names& names, const std::string& name) {
  if (!name.empty()) names.insert(name);
}

/// Roles and collations stand anywhere in a tree, always in the same shape.
void collect_everywhere(const json& root, MigrationFacts& facts) {
  walk(root, [&](const json& node) {
    if (text(node, "roletype") == "ROLESPEC_CSTRING") add(facts.roles, text(node, "rolename"));
    add(facts.collations, last_name(member(node, "collname")));
    add(facts.collations, last_name(member(node, "collation")));
  });
}

void add_language(MigrationFacts& facts, const std::string& language) {
  if (language != "sql" && language != "c" && language != "internal")
    add(facts.languages, language);
}

/// LANGUAGE x in CREATE FUNCTION's options and in DO's arguments.
void collect_language(const json& options, MigrationFacts& facts) {
  for (const json& option : options)
    if (const json& element = member(option, "DefElem"); text(element, "defname") == "language")
      add_language(facts, text(member(member(element, "arg"), "String"), "sval"));
}

/// SET ROLE x and SET SESSION AUTHORIZATION x are settings to the grammar.
void collect_set_role(const json& node, MigrationFacts& facts) {
  const std::string setting = text(node, "name");
  if (setting != "role" && setting != "session_authorization") return;
  for (const json& value : member(node, "args")) {
    const std::string role = text(member(member(value, "A_Const"), "sval"), "sval");
    if (role != "none") add(facts.roles, role);
  }
}

void collect_renamed(const json& node, MigrationFacts& facts) {
  const std::string type = text(node, "renameType");
  if (type == "OBJECT_COLLATION") add(facts.collations_created, text(node, "newname"));
  if (type != "OBJECT_ROLE") return;
  add(facts.roles, text(node, "subname"));
  add(facts.roles_created, text(node, "newname"));
}

/// CREATE COLLATION x (…), and CREATE COLLATION x FROM y.
void collect_collation(const json& node, MigrationFacts& facts) {
  if (text(node, "kind") != "OBJECT_COLLATION") return;
  add(facts.collations_created, last_name(member(node, "defnames")));
  for (const json& option : member(node, "definition")) {
    const json& element = member(option, "DefElem");
    if (text(element, "defname") == "from")
      add(facts.collations, last_name(member(member(member(element, "arg"), "List"), "items")));
  }
}

void collect_owner_of_database(const json& node, MigrationFacts& facts) {
  for (const json& option : member(node, "options"))
    if (const json& element = member(option, "DefElem"); text(element, "defname") == "owner")
      add(facts.roles, text(member(member(element, "arg"), "String"), "sval"));
}

void collect_extension(const json& node, MigrationFacts& facts) {
  const std::string extension = text(node, "extname");
  add(facts.extensions, extension);
  // The extension of a language bears its name.
  add(facts.languages_created, extension);
}

bool is_of_a_word(char c) {
  return c == '_' || c == '$' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// Takes `word`, and the white space after it, off the front of `text`; false if it is not there.
bool take_word(std::string_view& text, std::string_view word) {
  const auto same = [](char one, char other) {
    return std::tolower(static_cast<unsigned char>(one)) == other;
  };
  if (text.size() <= word.size() || is_of_a_word(text[word.size()]) ||
      !std::equal(word.begin(), word.end(), text.begin(),
                  [&](char lower, char c) { return same(c, lower); })) {
    return false;
  }
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return true;
}

/// The name that `text` begins with, folded as PostgreSQL does; empty if there is none.
std::string name_at(std::string_view text) {
  if (text.starts_with('"')) return std::string(text.substr(1, text.find('"', 1) - 1));
  std::string name;
  for (const char c : text) {
    if (!is_of_a_word(c)) break;
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

/// A block's language is not ours to parse, and what it creates may stand in a string: its words.
void collect_extensions_of_block(std::string_view body, MigrationFacts& facts) {
  for (std::size_t at = 0; at < body.size(); ++at) {
    if (at > 0 && is_of_a_word(body[at - 1])) continue;
    std::string_view rest = body.substr(at);
    if (!take_word(rest, "create") || !take_word(rest, "extension")) continue;
    if (take_word(rest, "if") && take_word(rest, "not")) take_word(rest, "exists");
    add(facts.extensions_in_blocks, name_at(rest));
  }
}

void collect_block(const json& arguments, MigrationFacts& facts) {
  collect_language(arguments, facts);
  for (const json& argument : arguments)
    if (const json& element = member(argument, "DefElem"); text(element, "defname") == "as")
      collect_extensions_of_block(text(member(member(element, "arg"), "String"), "sval"), facts);
}

}  // namespace

void collect_names(const StatementTree& tree, MigrationFacts& facts) {
  const json& node = tree.node();
  const std::string& kind = tree.kind();
  const bool expects_roles = kind != "DropRoleStmt" || !is_true(node, "missing_ok");
  if (expects_roles) collect_everywhere(node, facts);
  if (kind == "CreateRoleStmt") add(facts.roles_created, text(node, "role"));
  if (kind == "GrantRoleStmt")
    for (const json& role : member(node, "granted_roles"))
      add(facts.roles, text(member(role, "AccessPriv"), "priv_name"));
  if (kind == "VariableSetStmt") collect_set_role(node, facts);
  if (kind == "RenameStmt") collect_renamed(node, facts);
  if (kind == "CommentStmt" && text(node, "objtype") == "OBJECT_ROLE")
    add(facts.roles, text(member(member(node, "object"), "String"), "sval"));
  if (kind == "CreatedbStmt") collect_owner_of_database(node, facts);
  if (kind == "CreateExtensionStmt") collect_extension(node, facts);
  if (kind == "CreatePLangStmt") add(facts.languages_created, text(node, "plname"));
  if (kind == "CreateFunctionStmt") collect_language(member(node, "options"), facts);
  if (kind == "DoStmt") collect_block(member(node, "args"), facts);
  if (kind == "CreateTransformStmt") add_language(facts, text(node, "lang"));
  if (kind == "DefineStmt") collect_collation(node, facts);
}

}  // namespace gauntlet::sql
