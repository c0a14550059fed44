// What SQLite says differently. Pure, but for the lock that it makes. Any thread may call.
#pragma once

#include "runner/values/sql_dialect.h"

namespace gauntlet::runner {

/// What runs outside a transaction has rules of its own (OutsideRules), which a derived class adds.
class SqliteDialect : public SqlDialect {
 public:
  Split split(std::string_view sql) const override;
  StatementNeeds needs_of(std::string_view statement) const override;
  OutsideStatement outside_statement(std::string_view statement) const override;
  bool is_setting(std::string_view statement) const override;

  // A deferred one would read first, and could not wait for its turn to write.
  std::string begin() const override { return "BEGIN IMMEDIATE"; }
  std::string begin_writing() const override { return begin(); }
  std::string begin_read_committed() const override { return begin(); }
  std::string bound_lock_waits(std::chrono::milliseconds) const override { return {}; }
  std::string bound_file_lock_waits(const RunSettings&) const override { return {}; }
  std::string lock_holders() const override { return {}; }
  // The session names the remedy of each code itself.
  ErrorKind kind_of(const SqlError&) const override { return ErrorKind::other; }
  bool is_refused_at_once(const SqlError&) const override { return false; }
  bool is_of_another_server(const SqlError&) const override { return false; }
  std::string statement_timeout_sample() const override { return {}; }
  // Nobody is told.
  bool is_the_bytes_fault(const SqlError&) const override { return false; }
  bool has_rebuild() const override { return true; }
  bool sends_whole_transactions() const override { return false; }

  std::vector<std::string> settings(const RunSettings&, Scope) const override { return {}; }
  std::vector<std::string> resets() const override;
  std::vector<std::string> resets_before() const override;
  std::string reset_session() const override;
  std::string reset_encoding() const override { return {}; }
  std::vector<std::string> own_role() const override { return {}; }

  // The code of the first two is the general one: the catalogue decides afterwards.
  bool names_a_missing_table(const SqlError& error) const override;
  bool names_foreign_columns(const SqlError& error) const override;
  bool names_an_existing_object(const SqlError&) const override { return false; }
  bool is_busy(const SqlError& error) const override;
  bool is_done(const SqlError& error) const override;
  std::string refused_commit_advice(const SqlError& error) const override;
  std::string process_noun() const override { return "process"; }

  std::unique_ptr<Lock> make_lock(Session& session, LockMode mode, std::int64_t key,
                                  std::string tracker_table) const override;
  const TrackerSql& tracker_sql() const override;
};

const TrackerSql& sqlite_tracker_sql();

}  // namespace gauntlet::runner
