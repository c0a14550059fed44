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

const ChildWatch::Parent& ChildWatch::parent(sqlite3* database, const TableInStatement& table) {
  const std::string schema = quoted_by('"', schema_named(table));
  const auto [found, is_new] = parents_.try_emplace(schema + "." + upper(table.name));
  Parent& parent = found->second;
  if (!is_new) return parent;
  parent.children =
      column_of(database,
                fmt::format("SELECT DISTINCT m.name FROM {0}.sqlite_master AS m,"
                            " pragma_foreign_key_list(m.name, {1}) AS k WHERE m.type = 'table'"
                            " AND k.\"table\" = ?1 COLLATE NOCASE AND m.name <> ?1 COLLATE NOCASE"
                            " AND k.on_delete NOT IN ('NO ACTION', 'RESTRICT')",
                            schema, "'" + schema_named(table) + "'"),
                table.name);
  if (parent.children.empty()) return parent;
  const std::string definition = fmt::format(
      "SELECT sql FROM {}.sqlite_master WHERE type = 'table' AND name = ?1 COLLATE NOCASE", schema);
  for (const std::string& sql : column_of(database, definition, table.name)) {
    const std::string text = upper(sql);
    parent.replaces =
        text.find("CONFLICT") != std::string::npos && text.find("REPLACE") != std::string::npos;
  }
  return parent;
}

std::unique_ptr<WatchedStatement> ChildWatch::watch(sqlite3* database, std::string_view statement) {
  using Kind = WatchedStatement::Kind;
  if (const auto dropped = dropped_table(statement)) {
    const auto children = enforces_foreign_keys(database) ? parent(database, *dropped).children
                                                          : std::vector<std::string>();
    parents_.clear();
    return watched(database, Kind::drop, *dropped, children);
  }
  const auto written = written_table(statement);
  if (!written) {
    parents_.clear();  // anything but a change of rows may change the schema
    return nullptr;
  }
  if (!enforces_foreign_keys(database)) return nullptr;
  const Parent& of = parent(database, written->table);
  if (!written->says_replace && !of.replaces) return nullptr;
  return watched(database, written->is_update ? Kind::update_or_replace : Kind::insert_or_replace,
                 written->table, of.children);
}

std::unique_ptr<WatchedStatement> ChildWatch::watched(sqlite3* database,
                                                      WatchedStatement::Kind kind,
                                                      const TableInStatement& table,
                                                      const std::vector<std::string>& children) {
  if (children.empty()) return nullptr;
  return std::unique_ptr<WatchedStatement>(new WatchedStatement(database, kind, table, children));
}

}  // namespace gauntlet::runner
