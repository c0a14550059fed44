// Statements compared by their tokens: comments, white space and the closing semicolon do not
// count. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::truth {

/// The statements of a script or a message; those without any token are left out.
std::vector<std::string_view> statements_of(std::string_view sql);

enum class StatementKind {
  begin,
  end,      ///< COMMIT, ROLLBACK, END, ABORT
  setting,  ///< SET, RESET, DISCARD, set_config(): role and search_path among them
  /// A setting that changes nothing of what a file says: bounds of time, a name, and the encoding
  /// that the runner declares for its text. Where that is another than its bytes are in, the server
  /// stores other letters than the file has.
  aside,
  /// A setting that makes a file say something else than it does by itself: backslashes in plain
  /// strings, or no triggers and no foreign keys.
  twisting,
  groundwork,  ///< CREATE SCHEMA, CREATE EXTENSION
  write,       ///< any other statement that changes something
  other,
};
StatementKind kind_of(std::string_view statement);

/// The object that a statement creates, alters or writes to, in lower case. Both are empty if the
/// words do not show an object; `schema` is empty, too, if the name has no schema.
struct Target {
  std::string schema = {}, name = {};
};
Target qualified_target_of(std::string_view statement);
/// The target's name without its schema.
inline std::string target_of(std::string_view statement) {
  return qualified_target_of(statement).name;
}

/// Does `text` hold `name` as a word of its own, in any case?
bool mentions(std::string_view text, std::string_view name);

/// A statement's beginning on one line, at most 80 bytes.
std::string shortened(std::string_view statement);

/// `of` from a little before the first place where it is not `other`, at most 80 bytes; control
/// characters as escapes, so that a difference in line ends shows.
std::string from_difference(std::string_view of, std::string_view other);

/// Do these words, of a SET or of a connection's options, set what StatementKind::twisting says?
bool is_twisting(std::string_view words);

}  // namespace gauntlet::truth
