#include "runner/sqlite/sqlite_children.h"

#include "runner/sql/lexer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

namespace gauntlet::runner {

namespace {

bool execute(sqlite3* database, const char* sql) {
  return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

bool enforces_foreign_keys(sqlite3* database) {
  int enforces = 0;
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &enforces);
  return enforces != 0;
}

// The first column of every row; nothing where the statement fails. `?1` is `parameter`.
std::vector<std::string> column_of(sqlite3* database, const std::string& sql,
                                   const std::string& parameter = {}) {
  std::vector<std::string> values;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    return values;
  sqlite3_bind_text(statement, 1, parameter.data(), static_cast<int>(parameter.size()),
                    SQLITE_TRANSIENT);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    values.emplace_back(text == nullptr ? "" : text);
  }
  sqlite3_finalize(statement);
  return values;
}

std::string schema_named(const TableInStatement& table) {
  return table.schema.empty() ? "main" : table.schema;
}

}  // namespace

WatchedStatement::WatchedStatement(sqlite3* database, Kind kind, TableInStatement table,
                                   std::vector<std::string> children)
    : database_(database), kind_(kind), table_(std::move(table)), children_(std::move(children)) {}

bool WatchedStatement::begin() {
  // A transaction that only reads at first could not wait for its turn to write.
  owns_transaction_ = sqlite3_get_autocommit(database_) != 0;
  open_ = execute(database_, owns_transaction_ ? "BEGIN IMMEDIATE" : "SAVEPOINT gauntlet_watched");
  if (!open_) return false;
  if (kind_ == Kind::drop) {
    const auto rows = column_of(
        database_, fmt::format("SELECT count(*) FROM {}.{}", quoted_by('"', schema_named(table_)),
                               quoted_by('"', table_.name)));
    rows_ = rows.empty() ? 0 : std::stoll(rows.front());
  }
  changes_before_ = sqlite3_total_changes64(database_);
  sqlite3_update_hook(
      database_,
      [](void* self, int what, const char*, const char* table, sqlite3_int64) {
        auto* watched = static_cast<WatchedStatement*>(self);
        // An UPDATE of a key may also move its children: that loses nothing.
        if (watched->kind_ == Kind::update_or_replace && what != SQLITE_DELETE) return;
        ++watched->changed_[upper(table)];
      },
      this);
  return true;
}

// The count includes what foreign keys and triggers did, but not the rows that a REPLACE deleted
// (SQLite's sqlite3_total_changes64). A foreign key of the table to itself may empty columns of
// rows that are deleted afterwards.
std::int64_t WatchedStatement::changed_elsewhere() const {
  const std::int64_t all = sqlite3_total_changes64(database_) - changes_before_;
  const auto own = changed_.find(upper(table_.name));
  const std::int64_t seen = own == changed_.end() ? 0 : own->second;
  const std::int64_t counted = kind_ == Kind::drop ? rows_ : sqlite3_changes64(database_);
  return all - std::max(seen, counted);
}

bool WatchedStatement::a_trigger_mentions(const std::string& table) const {
  if (kind_ == Kind::drop) return false;  // a DROP TABLE runs none of the table's triggers
  const std::string statement = fmt::format(
      "SELECT sql FROM {}.sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE",
      quoted_by('"', schema_named(table_)));
  return std::ranges::any_of(
      column_of(database_, statement, table_.name),
      [&](const std::string& sql) { return upper(sql).find(upper(table)) != std::string::npos; });
}

std::string WatchedStatement::lost() const {
  std::string text;
  for (const std::string& child : children_) {
    const auto seen = changed_.find(upper(child));
    // What a trigger does is the statement's own doing.
    if (seen == changed_.end() || a_trigger_mentions(child)) continue;
    text += fmt::format("{}{} rows of {}", text.empty() ? "" : ", ", seen->second, child);
  }
  // The update hook is silent about tables without row ids.
  if (!text.empty() || kind_ == Kind::update_or_replace || a_trigger_mentions("")) return text;
  const std::int64_t rows = changed_elsewhere();
  return rows > 0 ? fmt::format("{} rows of other tables", rows) : "";
}

bool WatchedStatement::keep() {
  if (!execute(database_, owns_transaction_ ? "COMMIT" : "RELEASE gauntlet_watched")) return false;
  open_ = false;
  return true;
}

WatchedStatement::~WatchedStatement() {
  sqlite3_update_hook(database_, nullptr, nullptr);
  if (!open_) return;
  // After some errors SQLite has rolled back everything already.
  if (sqlite3_get_autocommit(database_) != 0) return;
  execute(database_, owns_transaction_ ? "ROLLBACK"
                                       : "ROLLBACK TO gauntlet_watched; RELEASE gauntlet_watched");
}

const std::vector<std::string>& ChildWatch::children_of(sqlite3* database,
                                                        const TableInStatement& table) {
  const std::string schema = quoted_by('"', schema_named(table));
  const auto [found, is_new] = children_.try_emplace(schema + "." + upper(table.name));
  if (is_new) {
    found->second =
        column_of(database,
                  fmt::format("SELECT DISTINCT m.name FROM {0}.sqlite_master AS m,"
                              " pragma_foreign_key_list(m.name, {1}) AS k WHERE m.type = 'table'"
                              " AND k.\"table\" = ?1 COLLATE NOCASE AND m.name <> ?1 COLLATE NOCASE"
                              " AND k.on_delete NOT IN ('NO ACTION', 'RESTRICT')",
                              schema, "'" + schema_named(table) + "'"),
                  table.name);
  }
  return found->second;
}

std::unique_ptr<WatchedStatement> ChildWatch::watch(sqlite3* database, std::string_view statement) {
  std::optional<TableInStatement> table = dropped_table(statement);
  auto kind = WatchedStatement::Kind::drop;
  if (!table) {
    table = written_table(statement);
    // Anything but a change of rows may change the schema.
    if (!table) children_.clear();
    if (!table || !says_replace(statement)) return nullptr;
    const bool says_update = statement.starts_with('u') || statement.starts_with('U');
    kind = says_update ? WatchedStatement::Kind::update_or_replace
                       : WatchedStatement::Kind::insert_or_replace;
  }
  if (!enforces_foreign_keys(database)) return nullptr;
  std::vector<std::string> children = children_of(database, *table);
  if (kind == WatchedStatement::Kind::drop) children_.clear();
  if (children.empty()) return nullptr;
  return std::unique_ptr<WatchedStatement>(
      new WatchedStatement(database, kind, *std::move(table), std::move(children)));
}

}  // namespace gauntlet::runner
