#include "runner/tracker/legacy.h"

#include "runner/tracker/tracker_sql.h"
#include "runner/values/number.h"
#include "runner/values/own_query.h"
#include "runner/values/table_name.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

struct Found {
  std::string quoted, text, columns;
};

std::optional<Found> found_in(Session& session, const Result& result) {
  require_columns(result, 3);
  if (result.rows.empty()) return std::nullopt;
  const auto& row = result.rows.front();
  const std::string schema = row[0].value_or(""), table = row[1].value_or("");
  return Found{.quoted = session.identifier(schema) + "." + session.identifier(table),
               .text = schema + "." + table,
               .columns = row[2].value_or("")};
}

Result rows_of(Session& session, const Found& found, LegacyLock lock) {
  const TrackerSql& sql = session.dialect().tracker_sql();
  Message message;
  if (lock == LegacyLock::shared) {
    add_statement(message.before, Purpose::quiet, sql.lock_legacy(found.quoted));
  }
  message.before.push_back({Purpose::take_over, sql.read_legacy(found.quoted)});
  return query_own(session, message, 2);
}

Legacy legacy_of(const Found& found, const Result& result) {
  Legacy legacy{.state = Legacy::State::empty, .table = found.text, .columns = {}, .version = {}};
  if (result.rows.empty()) return legacy;
  // golang-migrate writes -1 for "none".
  const auto version = number_in<std::int64_t>(result.rows.front()[0].value_or(""));
  if (result.rows.size() > 1 || !version) {
    legacy.state = Legacy::State::foreign;
    legacy.columns = found.columns;
    return legacy;
  }
  legacy.version = Version{*version};
  if (result.rows.front()[1] == "true") {
    legacy.state = Legacy::State::dirty;
  } else if (*version >= 0) {
    legacy.state = Legacy::State::clean;
  }
  return legacy;
}

}  // namespace

LegacySearch::LegacySearch(Session& session, const std::string& tracker_schema,
                           std::string legacy_table)
    : session_(session), legacy_table_(std::move(legacy_table)) {
  const TableName name = parse_table_name(
      legacy_table_.empty() ? "schema_migrations" : legacy_table_, "--legacy-table");
  const TrackerSql& sql = session.dialect().tracker_sql();
  const std::string schema = sql.schema_of(name.schema);
  const bool search = !legacy_table_.empty() && schema.empty();
  statement_ =
      sql.find_legacy(session, schema.empty() ? tracker_schema : schema, name.table, search);
}

std::string LegacySearch::refusal() const {
  return fmt::format("SELECT 1 / CASE WHEN EXISTS ({}) THEN 0 ELSE 1 END", statement_);
}

Legacy LegacySearch::read(const Result& result, LegacyLock lock) const {
  const auto found = found_in(session_, result);
  if (!found) return {};
  Legacy legacy{.state = Legacy::State::foreign,
                .table = found->text,
                .columns = found->columns,
                .version = {}};
  if (found->columns == "dirty, version") {
    legacy = legacy_of(*found, rows_of(session_, *found, lock));
  }
  if (legacy.state == Legacy::State::foreign && !legacy_table_.empty()) {
    throw Error("foreign-legacy-table",
                fmt::format("{} is not golang-migrate's table: it has one row of (version, dirty)",
                            legacy.table),
                fmt::format("--legacy-table; its columns are ({})", legacy.columns),
                "name golang-migrate's table, or leave --legacy-table out");
  }
  return legacy;
}

Legacy read_legacy(Session& session, const std::string& tracker_schema,
                   const std::string& legacy_table, LegacyLock lock) {
  const LegacySearch search(session, tracker_schema, legacy_table);
  return search.read(query_own(session, message_of(Purpose::search, search.statement()), 3), lock);
}

std::string Legacy::text() const {
  switch (state) {
    case State::missing:
      return {};
    case State::empty:
      return table + " is empty";
    case State::clean:
      return fmt::format("{} is clean at {}", table, version->number);
    case State::dirty:
      return fmt::format("{} is dirty at {}", table, version->number);
    case State::foreign:
      return fmt::format("{} ({}) is another tool's and was not read", table, columns);
  }
  return {};
}

void count_as_applied(const std::vector<Migration>& available, Version up_to, AppliedSet& applied) {
  for (const Migration& migration : available) {
    if (migration.version > up_to) continue;
    applied.rows.push_back(
        {.version = migration.version, .name = migration.name, .checksum = {}, .applied_at = {}});
  }
}

Error dirty_legacy(const Legacy& legacy) {
  return {
      "legacy-dirty",
      fmt::format("the predecessor's migration {} began and did not end", legacy.version->number),
      legacy.text(),
      fmt::format("repair what migration {} left behind, then tell the predecessor what is true: "
                  "`migrate force VERSION`, or UPDATE {} SET version = VERSION, dirty = false",
                  legacy.version->number, legacy.table)};
}

}  // namespace gauntlet::runner
