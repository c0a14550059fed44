// What PostgreSQL says differently. Pure, but for the lock that it makes. Any thread may call.
#pragma once

#include "runner/values/sql_dialect.h"

namespace gauntlet::runner {

/// What runs outside a transaction has rules of its own (OutsideRules), which a derived class adds.
class PostgresDialect : public SqlDialect {
 public:
  Split split(std::string_view sql) const override;
  StatementNeeds needs_of(std::string_view statement) const override;
  OutsideStatement outside_statement(std::string_view statement) const override;
  bool is_setting(std::string_view) const override { return false; }

  std::string begin() const override { return "BEGIN"; }
  std::string begin_writing() const override { return "BEGIN READ WRITE"; }
  std::string begin_read_committed() const override {
    return "BEGIN ISOLATION LEVEL READ COMMITTED";
  }
  std::string bound_lock_waits(std::chrono::milliseconds limit) const override;
  std::string bound_file_lock_waits(const RunSettings& settings) const override;
  std::string lock_holders() const override;
  ErrorKind kind_of(const SqlError& error) const override;
  bool is_refused_at_once(const SqlError& error) const override;
  bool is_of_another_server(const SqlError& error) const override;
  std::string statement_timeout_sample() const override;
  bool is_the_bytes_fault(const SqlError& error) const override;
  bool has_rebuild() const override { return false; }
  bool sends_whole_transactions() const override { return true; }

  std::vector<std::string> settings(const RunSettings& settings, Scope scope) const override;
  std::vector<std::string> resets() const override;
  std::vector<std::string> resets_before() const override { return {}; }
  std::string reset_session() const override;
  std::string reset_encoding() const override { return "SET client_encoding = 'UTF8'"; }
  std::vector<std::string> own_role() const override {
    return {"SET LOCAL SESSION AUTHORIZATION DEFAULT", "SET LOCAL role TO DEFAULT"};
  }

  bool names_a_missing_table(const SqlError& error) const override;
  bool names_foreign_columns(const SqlError& error) const override;
  bool names_an_existing_object(const SqlError& error) const override;
  bool is_busy(const SqlError& error) const override;
  bool is_done(const SqlError& error) const override;
  std::string refused_commit_advice(const SqlError& error) const override;
  std::string process_noun() const override { return "server process"; }

  std::unique_ptr<Lock> make_lock(Session& session, LockMode mode, std::int64_t key,
                                  std::string tracker_table) const override;
  const TrackerSql& tracker_sql() const override;
};

const TrackerSql& postgres_tracker_sql();

}  // namespace gauntlet::runner
