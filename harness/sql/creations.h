// What a script creates, and which extensions it looks for, read from its parse tree. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::sql {

/// An object that a statement creates, or that it renames to this name. Names are as PostgreSQL
/// folds them: lower case unless quoted.
struct Creation {
  std::string kind = {};  ///< `table`, `index`, `schema`, `role`, `function`, `type`, `extension` …
  std::string schema = {};  ///< empty if the statement names none; an index's is its table's
  std::string name = {};
  bool is_temporary = false;  ///< seen by its own session alone
};

class StatementTree;

/// In order. A DO block is not looked into: see names_in_blocks().
std::vector<Creation> creations_in(std::string_view script);
/// Of one statement: at most one.
std::vector<Creation> creations_of(const StatementTree& tree);

/// Every word and every quoted name in the text of DO blocks, in lower case, strings inside them
/// included: what a block creates is seldom known, what it cannot create is.
std::set<std::string> names_in_blocks(std::string_view script);

/// The extensions that a statement, or the body of a block, looks up in pg_extension or
/// pg_available_extensions by name.
std::set<std::string> extensions_looked_for(std::string_view script);

}  // namespace gauntlet::sql
