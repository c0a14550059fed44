// A database as it stood at one moment, in comparable form. Values; no effects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::core {

/// Every object of the schema: `table public.orders` -> its definition, volatile bits stripped.
using Catalogue = std::map<std::string, std::string>;

/// One table's rows, independent of their order.
struct TableData {
  std::int64_t rows = 0;
  std::map<std::string, std::string> columns = {};  ///< column -> hash over all its values
  /// Column -> hash over all its values, each with its row's key: it changes when values move from
  /// row to row. The key is the primary key's first column, or else the table's first column.
  std::map<std::string, std::string> by_key = {};

  friend bool operator==(const TableData&, const TableData&) = default;
};
using Data = std::map<std::string, TableData>;  ///< by schema-qualified name

/// Every file of a SQLite database's folder -> its size and a hash of its bytes.
using Files = std::map<std::string, std::string>;

using Sequences = std::map<std::string, std::string>;  ///< name -> `7` or `7 (called)`

/// What a session left behind in this database.
struct Leftovers {
  std::vector<std::string> advisory_locks = {};      ///< key and the session that holds it
  std::vector<std::string> open_transactions = {};   ///< sessions idle in a transaction
  std::vector<std::string> running_statements = {};  ///< statements that outlived their client
};

/// Parts that could not be taken are absent, and `missing` says why.
struct Snapshot {
  std::optional<Catalogue> catalogue = {};
  std::optional<Data> data = {};
  std::optional<Sequences> sequences = {};
  std::optional<Files> files = {};  ///< absent where the database is a server's
  std::optional<Leftovers> leftovers = {};
  std::string missing = {};
};

/// A row that says that a lock is taken, in a table of locks.
struct LockRow {
  std::string table = {};    ///< qualified, as SQL writes it
  std::string row = {};      ///< as JSON, at most 200 characters
  std::string since = {};    ///< the first time in it; empty: it has none
  std::string removal = {};  ///< how it is given back, in backquotes
};

/// One line of a tracker. A tool that records no name has none.
struct AppliedRow {
  std::int64_t version = 0;
  std::optional<std::string> name = {};

  friend auto operator<=>(const AppliedRow&, const AppliedRow&) = default;
};

/// The applied set as a tracker tells it.
struct Applied {
  std::string tracker = {};           ///< the table, or the query that was asked
  std::vector<AppliedRow> rows = {};  ///< as recorded, repetitions included
  /// The tracker keeps only the newest version (golang-migrate): `rows` is that one row.
  bool only_newest = false;
  bool dirty = false;
  std::string tool = {};  ///< whose table it is; empty where a query was asked
};

}  // namespace gauntlet::core
