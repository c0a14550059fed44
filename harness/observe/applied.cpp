#include "harness/core/recorded_name.h"
#include "harness/formats/tracker.h"
#include "harness/observe/file.h"
#include "harness/observe/observe.h"
#include "harness/observe/parts.h"
#include "harness/observe/reader.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::observe {

namespace {

constexpr const char* name_it = "name it with --applied-query 'select version, name from …'";

struct Candidate {
  std::string table;  // qualified, quoted where it must be
  bool on_search_path = false;
  const formats::Tracker* tracker = nullptr;
};

constexpr const char* tables = R"(
select c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
  n.nspname = any (current_schemas(false)),
  (select string_agg(a.attname, ' ') from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 2)";

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool keep_only(std::vector<Candidate>& found, std::string_view tool) {
  const auto is_its = [tool](const Candidate& one) { return one.tracker->tool == tool; };
  if (tool.empty() || std::none_of(found.begin(), found.end(), is_its)) return false;
  std::erase_if(found, [&](const Candidate& one) { return !is_its(one); });
  return true;
}

// Those on the search path; if there are none there, those elsewhere. With one of `tool`, no other.
std::vector<Candidate> candidates_of(Reader& reader, std::string_view tool) {
  std::vector<Candidate> found;
  for (const Row& row : reader.ask(tables)) {
    const formats::Tracker* tracker =
        formats::recognise(text_of(row.at(0)), words_of(row.at(3).value_or("")));
    if (tracker == nullptr) continue;
    found.push_back(
        {.table = text_of(row.at(1)), .on_search_path = row.at(2) == "t", .tracker = tracker});
  }
  const bool any_on_path = std::any_of(found.begin(), found.end(),
                                       [](const Candidate& one) { return one.on_search_path; });
  if (any_on_path) {
    std::erase_if(found, [](const Candidate& one) { return !one.on_search_path; });
  }
  if (keep_only(found, tool)) return found;
  // gauntlet-migrate takes over what golang-migrate recorded, and leaves that table where it is.
  const bool taken_over = std::any_of(found.begin(), found.end(), [](const Candidate& one) {
    return one.tracker->tool == "gauntlet-migrate";
  });
  if (taken_over) {
    std::erase_if(found, [](const Candidate& one) { return one.tracker->only_newest; });
  }
  return found;
}

// Cut at its point it would be the version of another.
bool is_dotted(std::string_view version) {
  const std::size_t point = version.find_first_not_of("0123456789");
  return point != std::string_view::npos && version[point] == '.' &&
         version.find_first_of("0123456789", point) == point + 1;
}

// False with the reason when a row's version is no number.
bool append(core::Applied& applied, const Row& row, bool is_file_name, std::string& missing) {
  const std::string recorded = row.at(0).value_or("null");
  const std::optional<std::int64_t> version = core::version_of(recorded);
  if (!version || is_dotted(recorded)) {
    missing =
        fmt::format("{} holds the version {}, which is no whole number", applied.tracker, recorded);
    return false;
  }
  core::AppliedRow& read = applied.rows.emplace_back(core::AppliedRow{.version = *version});
  if (row.size() > 1 && row[1])
    read.name = is_file_name ? core::name_of(*row[1], *version) : *row[1];
  return true;
}

std::optional<core::Applied> ask_user(Reader& reader, const std::string& query,
                                      std::string& missing) {
  core::Applied applied = {.tracker = query};
  Reader::Table table;
  try {
    table = reader.ask_foreign(query);
  } catch (const ReadError& error) {
    const bool not_there = error.sqlstate() == "42P01" || error.sqlstate() == "3F000";
    if (!not_there) throw;
    missing = "the tracker cannot be read: " + error.message();
    return std::nullopt;
  }
  if (table.columns.empty()) {
    missing = "the tracker's query gives no column";
    return std::nullopt;
  }
  applied.only_newest = table.columns.front() == formats::newest_column;
  for (const Row& row : table.rows) {
    if (!append(applied, row, true, missing)) return std::nullopt;
  }
  return applied;
}

// gauntlet-migrate keeps its mark of a begun migration in a table of its own.
bool has_unfinished(Reader& reader, const Candidate& candidate) {
  if (candidate.tracker->tool != "gauntlet-migrate") return false;
  try {
    const Rows rows =
        reader.ask(fmt::format("select exists (select from {}_in_progress)", candidate.table));
    return rows.at(0).at(0) == "t";
  } catch (const ReadError& error) {
    if (error.sqlstate() != "42P01") throw;
    return false;
  }
}

std::optional<core::Applied> read_tracker(Reader& reader, const Candidate& candidate,
                                          std::string& missing) {
  const formats::Tracker& tracker = *candidate.tracker;
  if (!tracker.not_supported.empty()) {
    missing = fmt::format("{} is {}'s: {}; {}", candidate.table, tracker.tool,
                          tracker.not_supported, name_it);
    return std::nullopt;
  }
  std::string query(tracker.query);
  for (std::size_t at = query.find("{}"); at != std::string::npos; at = query.find("{}", at)) {
    query.replace(at, 2, candidate.table);
    at += candidate.table.size();
  }
  core::Applied applied = {.tracker = candidate.table,
                           .only_newest = tracker.only_newest,
                           .tool = std::string(tracker.tool)};
  for (const Row& row : reader.ask(query)) {
    const bool succeeded = row.at(2) == "t";
    applied.dirty = applied.dirty || !succeeded;
    // Where every migration has its row, that of a failed one does not say that it was applied.
    if (!row.at(0) || (!succeeded && !tracker.only_newest)) continue;
    if (!append(applied, row, tracker.file_names, missing)) return std::nullopt;
  }
  applied.dirty = applied.dirty || has_unfinished(reader, candidate);
  return applied;
}

}  // namespace

std::optional<core::Applied> read_applied(Reader& reader, const std::string& query,
                                          std::string& missing, std::string_view tool) {
  missing.clear();
  if (!query.empty()) return ask_user(reader, query, missing);
  const std::vector<Candidate> candidates = candidates_of(reader, tool);
  if (candidates.empty()) {
    missing = fmt::format("no table of a known migration tool was found; {}", name_it);
    return std::nullopt;
  }
  if (candidates.size() > 1) {
    std::string named;
    for (const Candidate& one : candidates) named += (named.empty() ? "" : ", ") + one.table;
    missing = fmt::format("there is more than one tracker ({}); {}", named, name_it);
    return std::nullopt;
  }
  return read_tracker(reader, candidates.front(), missing);
}

std::optional<core::Applied> applied(const arena::Address& address, const std::string& query,
                                     std::string& missing, std::string_view tool) {
  if (!address.file().empty()) return applied_in_file(address, query, missing, tool);
  Reader reader(address);
  return read_applied(reader, query, missing, tool);
}

std::vector<std::string> tracker_like_tables(const arena::Address& address) {
  if (!address.file().empty()) return tracker_like_tables_of_file(address);
  // By its name, or by a version beside what only a tracker says of one.
  constexpr const char* like = R"(
select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
  and (c.relname ~* '(migr|schema_?(version|history|info)|change_?log|db_?version|applied_)'
    or (exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
          and a.attname ~* '^(version|version_?(id|num|number)|migration(_?name|_?id)?|filename)$')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
          and a.attname ~* '(dirty|applied|executed|installed|checksum|run_on|run_at|migrated)')))
order by 1)";
  Reader reader(address);
  std::vector<std::string> found;
  for (const Row& row : reader.ask(like)) found.push_back(text_of(row.at(0)));
  return found;
}

}  // namespace gauntlet::observe
