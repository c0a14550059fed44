// The applied set in a SQLite file, in whichever tool's tracker.
#include "harness/core/recorded_name.h"
#include "harness/formats/tracker.h"
#include "harness/observe/file.h"
#include "harness/observe/reader.h"
#include "runner/read_only.h"
#include "runner/sqlite.h"
#include "runner/values/error.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::observe {

namespace {

using TrackerRows = std::vector<std::vector<std::optional<std::string>>>;

struct FileTracker {
  std::string table;
  const formats::Tracker* tracker = nullptr;
};

std::vector<std::string> tables_in(runner::Session& session) {
  std::vector<std::string> tables;
  for (const auto& row : session
                             .query("SELECT name FROM main.sqlite_master WHERE type = 'table'"
                                    " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
                             .rows)
    tables.push_back(text_of(row[0]));
  return tables;
}

std::set<std::string> columns_of(runner::Session& session, const std::string& table) {
  std::set<std::string> columns;
  for (const auto& row : session.query("SELECT name FROM pragma_table_info($1)", {table}).rows)
    columns.insert(text_of(row[0]));
  return columns;
}

/// The tracker's query is PostgreSQL's; but for its casts SQLite reads it, too.
std::string query_of(const FileTracker& found, const runner::Session& session) {
  std::string query(found.tracker->query);
  const auto replace = [&](std::string_view part, const std::string& by) {
    for (std::size_t at = query.find(part); at != std::string::npos;
         at = query.find(part, at + by.size()))
      query.replace(at, part.size(), by);
  };
  replace("::text", "");
  replace("{}", session.identifier(found.table));
  return query;
}

bool add_row(core::Applied& applied, const std::vector<std::optional<std::string>>& row,
             bool is_file_name, std::string& missing) {
  const auto version = core::version_of(row.at(0).value_or(""));
  if (!version) {
    missing = fmt::format("{} holds the version {}, which is no whole number", applied.tracker,
                          row.at(0).value_or("null"));
    return false;
  }
  core::AppliedRow& read = applied.rows.emplace_back(core::AppliedRow{.version = *version});
  if (row.size() > 1 && row[1])
    read.name = is_file_name ? core::name_of(*row[1], *version) : *row[1];
  return true;
}

std::optional<core::Applied> query_applied(runner::Session& session, const std::string& query,
                                           std::string& missing) {
  core::Applied applied{.tracker = query};
  runner::Result read;
  try {
    read = session.query(query);
  } catch (const runner::SqlError& error) {
    if (error.said().sqlite_code != "SQLITE_ERROR") throw;
    missing = "the tracker cannot be read: " + error.said().message;
    return std::nullopt;
  }
  applied.only_newest = !read.columns.empty() && read.columns.front() == formats::newest_column;
  for (const auto& row : read.rows) {
    if (!add_row(applied, row, true, missing)) return std::nullopt;
  }
  return applied;
}

std::optional<core::Applied> read_file_tracker(runner::Session& session, const FileTracker& found,
                                               std::string& missing) {
  const formats::Tracker& tracker = *found.tracker;
  if (!tracker.not_supported.empty()) {
    missing = fmt::format("{} is {}'s: {}; name it with --applied-query 'select version, name …'",
                          found.table, tracker.tool, tracker.not_supported);
    return std::nullopt;
  }
  core::Applied applied{.tracker = found.table,
                        .only_newest = tracker.only_newest,
                        .tool = std::string(tracker.tool)};
  for (const auto& row : session.query(query_of(found, session)).rows) {
    const bool succeeded = row.at(2).value_or("0") != "0";
    applied.dirty = applied.dirty || !succeeded;
    if (!row.at(0) || (!succeeded && !tracker.only_newest)) continue;
    if (!add_row(applied, row, tracker.file_names, missing)) return std::nullopt;
  }
  return applied;
}

std::vector<FileTracker> trackers_in(runner::Session& session, std::string_view tool) {
  std::vector<FileTracker> found;
  for (const std::string& table : tables_in(session)) {
    std::set<std::string> columns = columns_of(session, table);
    // A tracker of ours may be older than its last columns.
    if (table == "applied_migrations") columns.insert({"applied_at", "checksum"});
    const auto* tracker = formats::recognise(table, columns);
    if (tracker != nullptr) found.push_back({.table = table, .tracker = tracker});
  }
  const auto is_tool = [&](const FileTracker& one) {
    return !tool.empty() && one.tracker->tool == tool;
  };
  if (std::ranges::any_of(found, is_tool))
    std::erase_if(found, [&](const FileTracker& one) { return !is_tool(one); });
  const bool is_taken_over = std::ranges::any_of(
      found, [](const FileTracker& one) { return one.tracker->tool == "gauntlet-migrate"; });
  if (is_taken_over)
    std::erase_if(found, [](const FileTracker& one) { return one.tracker->only_newest; });
  return found;
}

bool has_marks(runner::Session& session) {
  constexpr std::string_view marks = "applied_migrations_in_progress";
  const auto tables = tables_in(session);
  return std::ranges::find(tables, marks) != tables.end() &&
         !session.query(fmt::format("SELECT 1 FROM {} LIMIT 1", marks)).rows.empty();
}

}  // namespace

std::optional<core::Applied> applied_in_file(const arena::Address& address,
                                             const std::string& query, std::string& missing,
                                             std::string_view tool) {
  std::optional<core::Applied> applied;
  missing = "no table of a known migration tool was found in the file";
  read_if_database(address, [&](runner::Session& session) {
    applied.reset();
    if (!query.empty()) {
      applied = query_applied(session, query, missing);
      return;
    }
    const auto found = trackers_in(session, tool);
    if (found.size() > 1)
      missing = fmt::format("there is more than one tracker ({}, {}); name it with --applied-query",
                            found[0].table, found[1].table);
    if (found.size() != 1) return;
    applied = read_file_tracker(session, found.front(), missing);
    if (applied && applied->tool == "gauntlet-migrate")
      applied->dirty = applied->dirty || has_marks(session);
  });
  if (applied) missing.clear();
  return applied;
}

std::vector<std::string> tracker_like_tables_of_file(const arena::Address& address) {
  std::vector<std::string> like;
  read_if_database(address, [&](runner::Session& session) {
    like.clear();
    for (const auto& row :
         session
             .query("SELECT name FROM main.sqlite_master WHERE type = 'table' AND ("
                    "name LIKE '%migr%' OR name LIKE '%schema%version%' OR"
                    " name LIKE '%schema%history%' OR name LIKE '%schema%info%' OR"
                    " name LIKE '%change%log%' OR name LIKE '%db%version%' OR"
                    " name LIKE '%applied%') ORDER BY name")
             .rows)
      like.push_back(text_of(row[0]));
  });
  return like;
}

}  // namespace gauntlet::observe
