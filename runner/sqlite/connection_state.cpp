#include "runner/sqlite/connection_state.h"

#include "runner/sql/lexer.h"

#include <array>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

// PRAGMAs that change the connection and can be read. Others change the file (user_version), change
// the process (hard_heap_limit), or are undone by the session itself (busy_timeout).
constexpr std::array<const char*, 27> pragmas = {"analysis_limit",     "automatic_index",
                                                 "cache_size",         "cache_spill",
                                                 "cell_size_check",    "checkpoint_fullfsync",
                                                 "count_changes",      "empty_result_callbacks",
                                                 "foreign_keys",       "full_column_names",
                                                 "fullfsync",          "ignore_check_constraints",
                                                 "journal_mode",       "journal_size_limit",
                                                 "legacy_alter_table", "locking_mode",
                                                 "max_page_count",     "mmap_size",
                                                 "query_only",         "read_uncommitted",
                                                 "recursive_triggers", "reverse_unordered_selects",
                                                 "short_column_names", "synchronous",
                                                 "temp_store",         "trusted_schema",
                                                 "wal_autocheckpoint"};

std::string value_of(Session& session, const std::string& pragma) {
  const Result result = session.query("PRAGMA " + pragma);
  return result.rows.empty() ? "" : result.rows.front().front().value_or("");
}

std::set<std::string> column_of(Session& session, const std::string& statement) {
  std::set<std::string> values;
  const Result result = session.send(statement).front();
  for (const auto& row : result.rows) values.insert(row[0].value_or(""));
  return values;
}

}  // namespace

ConnectionState::ConnectionState(Session& session, std::string_view sql, Reads reads)
    : session_(session) {
  const std::string text = upper(sql);
  const auto says = [&](const char* word) {
    return reads == Reads::any || text.find(word) != std::string::npos;
  };
  pragmas_ = says("PRAGMA");
  temporary_ = says("TEMP");
  attached_ = says("ATTACH");
  if (pragmas_) {
    for (const char* pragma : pragmas) values_[pragma] = value_of(session, pragma);
  }
  if (temporary_) temporary_before_ = temporary_objects();
  if (attached_) attached_before_ = attached_files();
}

void ConnectionState::restore() const {
  if (attached_) detach_files();
  if (temporary_) drop_temporary_objects();
  if (pragmas_) restore_pragmas();
}

void ConnectionState::restore_pragmas() const {
  // It cannot be read, and is off unless a migration says otherwise.
  session_.send("PRAGMA case_sensitive_like = OFF");
  for (const auto& [pragma, before] : values_) {
    const std::string now = value_of(session_, pragma);
    // The write-ahead log is the file's, and stays.
    const bool is_file_s = pragma == "journal_mode" && (now == "wal" || before == "wal");
    if (before.empty() || now == before || is_file_s) continue;
    session_.send(fmt::format("PRAGMA {} = {}", pragma, before));
  }
}

std::set<std::string> ConnectionState::temporary_objects() const {
  return column_of(session_,
                   "SELECT 'DROP ' || type || ' IF EXISTS temp.\"' || replace(name, '\"', '\"\"')"
                   " || '\"' FROM sqlite_temp_master WHERE type IN ('table', 'view', 'trigger')"
                   " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'");
}

void ConnectionState::drop_temporary_objects() const {
  for (const std::string& drop : temporary_objects()) {
    if (!temporary_before_.contains(drop)) session_.send(drop);
  }
}

std::set<std::string> ConnectionState::attached_files() const {
  return column_of(session_,
                   "SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp')");
}

void ConnectionState::detach_files() const {
  for (const std::string& name : attached_files()) {
    if (!attached_before_.contains(name)) session_.send("DETACH " + session_.identifier(name));
  }
}

}  // namespace gauntlet::runner
