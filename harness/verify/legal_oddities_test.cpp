// Histories that look odd and are right, each beside a flawed twin: settings that leak from one
// file into the next, values that differ by transaction, a database that no dump restores.
#include "harness/arena/server.h"
#include "harness/verify/replicas.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using test::ids_of;
using test::told_by;
using testing::Contains;
using testing::ElementsAre;

core::Report verified(const Files& files) {
  test::Folder folder;
  for (const WrittenFile& file : files) folder.add(file.name, file.sql);
  Options options = test::options_for(folder, "ephemeral");
  options.replicas = 4;
  return verify(options, {});
}

void expect_to_hold(const core::Report& report) {
  for (const core::Result& result : report.results) {
    // These folders have no down files to roll back by.
    const Verdict right = result.id == "check/rollback" ? Verdict::not_applicable : Verdict::holds;
    EXPECT_EQ(result.judgement.verdict, right) << result.id << ": " << told_by(result);
  }
}

/// Each file leaves its session in a state that the next one must not see.
Files leaking_files(const std::string& after_the_path) {
  return {{"001_path.up.sql",
           "CREATE SCHEMA app;\nSET search_path = app;\nCREATE TABLE t(i int PRIMARY KEY);\n"
           "SET timezone = 'Asia/Tokyo';\nSET lock_timeout = '1s';\n"},
          {"002_empty_path.up.sql", after_the_path +
                                        "SELECT pg_catalog.set_config('search_path', '', false);\n"
                                        "SET default_transaction_read_only = on;\n"},
          {"003_role.up.sql",
           "CREATE TABLE u(i int PRIMARY KEY, j int UNIQUE DEFERRABLE INITIALLY IMMEDIATE);\n"
           "INSERT INTO u VALUES (1, 1), (2, 2);\nSET CONSTRAINTS ALL DEFERRED;\n"
           "UPDATE u SET j = 3 - j;\nSET ROLE pg_monitor;\n"},
          {"004_after.up.sql", "CREATE TABLE v(i int);\nUPDATE u SET j = j;\n"}};
}

TEST(SettingsThatLeak, AreNoFindingTwiceOver) {
  const Files files = leaking_files("ALTER TABLE app.t ADD COLUMN j int;\n");
  expect_to_hold(verified(files));
  expect_to_hold(verified(files));
}

TEST(SettingsThatLeak, AreOneWhereTheNextFileReliesOnThem) {
  const core::Report report = verified(leaking_files("ALTER TABLE t ADD COLUMN j int;\n"));
  EXPECT_EQ(report.verdict(), Verdict::violated);
  for (const core::Result& result : report.results) {
    if (result.id != "check/dry-run") continue;
    EXPECT_THAT(ids_of(result), ElementsAre("migration-fails")) << told_by(result);
  }
}

/// An outbox keeps the id of the transaction that wrote each row.
Files outbox_files() {
  return {{"001_outbox.up.sql",
           "CREATE TABLE outbox(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
           "  xact xid8 NOT NULL DEFAULT pg_current_xact_id(), body text);\n"},
          {"002_seed.up.sql", "INSERT INTO outbox(body) VALUES ('catalogue'), ('prices');\n"},
          {"003_more.up.sql", "INSERT INTO outbox(body) VALUES ('ready');\n"}};
}

TEST(TransactionIdsInRows, AreNoFindingTwiceOver) {
  expect_to_hold(verified(outbox_files()));
  expect_to_hold(verified(outbox_files()));
}

TEST(TransactionIdsInRows, HideNoFileThatRunsTwice) {
  const ScriptedRunner runner(outbox_files(), one_session_runner("", ""));
  const core::Result result = runner.run(replicas);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result),
              Contains(testing::AnyOf("applied-twice", "rows-added", "replica-failed")));
}

/// A CHECK whose function names another one without its schema: pg_restore cannot fill the table.
class NoDumpRestores : public testing::Test {
 protected:
  NoDumpRestores() {
    server_.run(base_ +
                "CREATE TABLE applied_migrations(version bigint PRIMARY KEY, name text NOT NULL,"
                " applied_at timestamptz NOT NULL DEFAULT now(), checksum text);"
                "INSERT INTO applied_migrations VALUES (1, 'triples');"
                "INSERT INTO triples SELECT g, 'v' FROM generate_series(1, 10) g");
  }

  core::Report verified(const std::string& pending) const {
    test::Folder folder;
    folder.add("001_triples.up.sql", base_).add("002_value_index.up.sql", pending);
    Options options = test::options_for(folder, server_.address().conninfo());
    options.replicas = 2;
    return verify(options, {});
  }

  /// Somebody is connected, so that no copy of the database's files can be made.
  const std::string base_ =
      "CREATE FUNCTION limit_of(t text) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length(t)';\n"
      "CREATE FUNCTION is_small(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$\n"
      "BEGIN RETURN limit_of(t) < 100; END $$;\n"
      "CREATE TABLE triples(id int PRIMARY KEY, value text CHECK (is_small(value)));\n";
  const test::GivenServer server_;
  const std::unique_ptr<runner::Session> somebody_ = server_.connect();
};

TEST_F(NoDumpRestores, AccusesNoPendingFile) {
  for (const char* pending :
       {"CREATE INDEX triples_value ON triples (value);\n",
        "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY triples_value ON triples "
        "(value);\n"}) {
    SCOPED_TRACE(pending);
    for (const core::Result& result : verified(pending).results)
      EXPECT_NE(result.judgement.verdict, Verdict::violated) << result.id << told_by(result);
  }
}

TEST_F(NoDumpRestores, HidesNoFileThatFails) {
  const core::Report report = verified("ALTER TABLE triples ADD COLUMN nosuch nosuchtype;\n");
  EXPECT_EQ(report.verdict(), Verdict::violated);
}

}  // namespace
}  // namespace gauntlet::verify
