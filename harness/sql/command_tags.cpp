#include "harness/sql/command_tags.h"

#include "harness/sql/tokens.h"

#include <algorithm>
#include <array>

namespace gauntlet::sql {
namespace {

// Command tags are these words, or begin with one and a space.
constexpr std::array<std::string_view, 23> writing_tags = {
    "INSERT", "UPDATE",   "DELETE",   "MERGE",    "COPY",    "CREATE", "ALTER",   "DROP",
    "GRANT",  "REVOKE",   "COMMENT",  "TRUNCATE", "REINDEX", "VACUUM", "CLUSTER", "REFRESH",
    "IMPORT", "SECURITY", "REASSIGN", "DO",       "CALL",    "SELECT", "ANALYZE"};

std::string_view first_word(std::string_view tag) { return tag.substr(0, tag.find(' ')); }

}  // namespace

bool may_write(std::string_view tag) {
  return std::find(writing_tags.begin(), writing_tags.end(), first_word(tag)) != writing_tags.end();
}

bool wrote(std::string_view tag, std::string_view statement) {
  if (!may_write(tag)) return false;
  const std::string_view word = first_word(tag);
  if (word == "SELECT") return starts_with_word(statement, "CREATE");  // CREATE TABLE AS
  if (word == "COPY") return has_words(statement, {"FROM"}) && !tag.ends_with(" 0");
  if (word == "CREATE") return !has_words(statement, {"IF", "NOT", "EXISTS"});
  if (word == "DROP") return !has_words(statement, {"IF", "EXISTS"});
  return !tag.ends_with(" 0");
}

bool waits_for_lock(std::string_view sql) {
  for (const char* function : {"PG_ADVISORY_LOCK", "PG_ADVISORY_XACT_LOCK",
                               "PG_ADVISORY_LOCK_SHARED", "PG_ADVISORY_XACT_LOCK_SHARED"})
    if (has_words(sql, {function})) return true;
  return has_words(sql, {"LOCK", "TABLE"}) && !has_words(sql, {"NOWAIT"});
}

}  // namespace gauntlet::sql
