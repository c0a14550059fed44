// Rows of other tables that a statement deletes or empties without naming them. A DROP TABLE first
// deletes the table's rows, and a REPLACE deletes the row that it replaces: foreign keys declared
// with ON DELETE CASCADE, SET NULL or SET DEFAULT act on both. Part of the session on SQLite;
// belongs to its thread.
#pragma once

#include "runner/sql/statement_sqlite.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;

namespace gauntlet::runner {

/// Runs one statement so that it can be undone, and counts what its foreign keys did meanwhile.
class WatchedStatement {
 public:
  ~WatchedStatement();  ///< undoes the statement unless keep() succeeded
  WatchedStatement(const WatchedStatement&) = delete;
  WatchedStatement& operator=(const WatchedStatement&) = delete;

  /// False if the connection could not begin; the connection has the error.
  bool begin();
  /// After the statement: what it did to other tables (`2 rows of messages`), or empty.
  std::string lost() const;
  /// False if the connection could not commit; the connection has the error.
  bool keep();

 private:
  friend class ChildWatch;
  enum class Kind { drop, insert_or_replace, update_or_replace };
  WatchedStatement(sqlite3* database, Kind kind, TableInStatement table,
                   std::vector<std::string> children);

  std::int64_t changed_elsewhere() const;
  bool a_trigger_mentions(const std::string& table) const;

  sqlite3* database_;
  Kind kind_;
  TableInStatement table_;
  std::vector<std::string> children_;
  bool owns_transaction_ = false, open_ = false;
  std::int64_t rows_ = 0, changes_before_ = 0;
  std::map<std::string, std::int64_t> changed_;  ///< rows by table, as the update hook saw them
};

/// Decides which statements of a connection need to be watched.
class ChildWatch {
 public:
  /// nullptr for a statement that can touch no rows of other tables through foreign keys.
  std::unique_ptr<WatchedStatement> watch(sqlite3* database, std::string_view statement);

 private:
  struct Parent {
    std::vector<std::string> children;
    bool replaces = false;  ///< its own UNIQUE … ON CONFLICT REPLACE, which no statement has to say
  };
  const Parent& parent(sqlite3* database, const TableInStatement& table);
  static std::unique_ptr<WatchedStatement> watched(sqlite3* database, WatchedStatement::Kind kind,
                                                   const TableInStatement& table,
                                                   const std::vector<std::string>& children);

  /// By table, as long as only rows are written: a schema with foreign keys may have many tables.
  std::map<std::string, Parent> parents_;
};

}  // namespace gauntlet::runner
