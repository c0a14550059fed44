// The applied set as the database holds it: the tracker, the in-progress marks beside it, and the
// SQL that reads and writes both. Holds no lock of its own: whoever writes must hold the migration
// lock. Belongs to one session, so to one thread.
#pragma once

#include "runner/tracker/tracker_sql.h"
#include "runner/values/direction.h"
#include "runner/values/message.h"
#include "runner/values/plan.h"
#include "runner/values/run.h"
#include "runner/values/session.h"
#include "runner/values/sql_dialect.h"
#include "runner/values/table_name.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::runner {

/// One read of the database: what is applied, and what the server says of itself.
struct Reading {
  AppliedSet applied;
  bool tracker_exists = false;
  bool marks_exist = false;  ///< the table of in-progress marks
  bool schema_exists = true;
  std::string schema;   ///< where the tracker is, or would be created; empty: nowhere
  int backend_pid = 0;  ///< of the process that answered
  /// The server has client_connection_check_interval (PostgreSQL 14) and may use it.
  bool checks_connection = false;
  /// The session's waits for locks were bounded when it was read.
  bool has_lock_timeout = false;
};

class Tracker {
 public:
  /// Sends nothing. Throws: Error `bad-table-name`.
  Tracker(Session& session, const TrackerOptions& options);

  /// The first read: one statement where the tracker exists, and never waits. The schema is
  /// resolved here, by the server, and used ever after. Throws: SqlError; Error `foreign-tracker`,
  /// `no-schema`.
  Reading read();

  /// Just the rows, for who has nothing to do if they are all that there is to know: one statement,
  /// several times cheaper than read() in a new server process, whose caches are empty. nullopt
  /// where it does not tell all (no tracker, no rows, a mark), and read() is to follow. Unlike
  /// read(), it takes the marks that the search path finds for the tracker's: a table of marks
  /// alone, in a schema before the tracker's, hides them. nullopt also on SQLite. Throws: SqlError
  /// if the connection is lost.
  std::optional<AppliedSet> glance();

  /// One statement that reads again after the first read; reading_of() understands its result.
  /// `last` tells which tables there were: without the tracker it only asks which there are now.
  std::string read_statement(const Reading& last) const;
  /// Throws: Error `unexpected-reply` unless each row has `reading_columns` columns.
  Reading reading_of(const Result& result) const;
  static constexpr std::size_t reading_columns = 8;

  /// A condition that is true while one of `versions` is not recorded.
  std::string pending_condition(const std::vector<Version>& versions, const Reading& last) const;

  /// Fails, as SqlDialect::is_done() knows, if `version` is recorded already, or downwards not any
  /// more.
  std::string recheck_statement(Version version, Direction direction) const;

  /// Where the lock does not tell (SQLite): fails, as SqlDialect::is_busy() knows, while `version`
  /// has a mark; else empty.
  std::string refuse_mark_statement(Version version) const;
  /// The same: fails, as SqlDialect::is_done() knows, unless `mark` stands as it was read.
  std::string recheck_mark_statement(const Mark& mark) const;

  /// What creates the tables (and the schema) that `reading` found missing; empty if none is.
  std::vector<OwnStatement> create_statements(const Reading& reading) const;

  std::string insert_row(Version version, const std::string& name,
                         const std::optional<std::string>& checksum) const;
  std::string delete_row(Version version) const;
  std::string update_checksum(Version version, const std::optional<std::string>& checksum) const;
  std::string insert_mark(const Mark& mark) const;
  /// The mark is now this session's.
  std::string move_mark(Version version, int statement_index) const;
  /// See Mark::was_refused().
  std::string mark_as_refused(Version version) const;
  std::string delete_mark(Version version) const;

  const std::string& schema() const { return schema_; }        ///< set by the first read
  std::string name() const { return schema_ + "." + table_; }  ///< `schema.table`, for messages
  std::string quoted() const;                                  ///< qualified and quoted for SQL
  std::string quoted_marks() const;

 private:
  Reading read_what_there_is();
  Reading read_as(const Reading& last);
  TrackerTables tables() const;
  SqlError told(const SqlError& error) const;
  Error foreign(const std::string& why) const;
  std::string constant(const std::optional<std::string>& text) const;

  Session& session_;
  const SqlDialect& dialect_;
  const TrackerSql& sql_;
  std::string schema_;
  std::string table_;
  bool is_missing_ = false;  ///< as a glance found
};

}  // namespace gauntlet::runner
