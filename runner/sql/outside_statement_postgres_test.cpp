#include "runner/sql/outside_statement.h"

#include <string>

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

using OutsideKind = OutsideStatement::Kind;
using OutsideObject = OutsideStatement::Object;

OutsideKind kind_of(const std::string& sql) { return outside_statement_postgres(sql).kind; }

std::string object_of(const std::string& sql) {
  const OutsideStatement what = outside_statement_postgres(sql);
  return std::to_string(static_cast<int>(what.object)) + " " + what.name + " " + what.table;
}

TEST(OutsideStatement, SharesATransactionWithItsMarkWhereItCan) {
  for (const char* sql :
       {"INSERT INTO t VALUES (1)", "CREATE TABLE t(x int)", "SELECT f()", "SAVEPOINT s",
        "SET LOCAL work_mem = '1MB'", "ALTER TABLE p DETACH PARTITION q FINALIZE",
        "CREATE TABLE t (a int, b int VIRTUAL)", "WITH x AS (SELECT 1) SELECT * FROM x", ""}) {
    SCOPED_TRACE(sql);
    EXPECT_EQ(kind_of(sql), OutsideKind::framed);
  }
}

TEST(OutsideStatement, IsASettingWhereOnlyTheSessionChanges) {
  for (const char* sql :
       {"SET search_path = app", "RESET ALL", "SET ROLE r", "SET SESSION AUTHORIZATION r",
        "SELECT set_config('a.b', 'c', false)", "PREPARE p AS SELECT 1", "DISCARD ALL"}) {
    SCOPED_TRACE(sql);
    EXPECT_EQ(kind_of(sql), OutsideKind::setting);
  }
  EXPECT_EQ(kind_of("SELECT set_config('a.b', 'c', true)"), OutsideKind::framed);
  EXPECT_EQ(kind_of("SELECT set_config('a.b', 'c', false), f()"), OutsideKind::framed);
}

TEST(OutsideStatement, MayCommitAPartInACallOrADo) {
  EXPECT_EQ(kind_of("CALL p()"), OutsideKind::commits);
  EXPECT_EQ(kind_of("DO $$ BEGIN NULL; END $$"), OutsideKind::commits);
}

TEST(OutsideStatement, MayBeDoneAgain) {
  for (const char* sql : {"VACUUM", "ANALYZE t", "REINDEX TABLE t", "REINDEX SCHEMA s", "CLUSTER t",
                          "ALTER SYSTEM SET a = 1", "ALTER DATABASE d SET TABLESPACE s"}) {
    SCOPED_TRACE(sql);
    EXPECT_EQ(kind_of(sql), OutsideKind::repeatable);
  }
}

TEST(OutsideStatement, NamesTheObjectThatTellsWhatBecameOfIt) {
  const auto expect = [](OutsideObject object, const std::string& names) {
    return std::to_string(static_cast<int>(object)) + " " + names;
  };
  EXPECT_EQ(object_of("CREATE INDEX CONCURRENTLY \"I x\" ON app.t(x)"),
            expect(OutsideObject::index, "I x \"app\".\"t\""));
  EXPECT_EQ(object_of("CREATE INDEX CONCURRENTLY ON t(x)"), expect(OutsideObject::index, " \"t\""));
  EXPECT_EQ(object_of("DROP INDEX CONCURRENTLY app.i"),
            expect(OutsideObject::index, "\"app\".\"i\" "));
  EXPECT_EQ(object_of("REINDEX INDEX CONCURRENTLY i"), expect(OutsideObject::reindex, "\"i\" "));
  EXPECT_EQ(object_of("ALTER TABLE p DETACH PARTITION s.q CONCURRENTLY"),
            expect(OutsideObject::partition, "\"s\".\"q\" \"p\""));
  EXPECT_EQ(object_of("DROP DATABASE d"), expect(OutsideObject::database, "d "));
  EXPECT_EQ(object_of("CREATE TABLESPACE s LOCATION ''"), expect(OutsideObject::tablespace, "s "));
  EXPECT_EQ(object_of("DROP SUBSCRIPTION s"), expect(OutsideObject::subscription, "s "));
  EXPECT_EQ(object_of("COMMIT PREPARED 'g'"), expect(OutsideObject::prepared, "g "));
}

TEST(OutsideStatement, SeesWhatEndsWithItsSession) {
  for (const char* sql :
       {"CREATE TEMP TABLE t(x int)", "CREATE TEMP TABLE t AS SELECT 1",
        "SELECT 1 AS x INTO TEMP t", "CREATE TEMP VIEW v AS SELECT 1", "CREATE TEMP SEQUENCE s"}) {
    SCOPED_TRACE(sql);
    EXPECT_TRUE(outside_statement_postgres(sql).makes_temporary);
  }
  EXPECT_FALSE(outside_statement_postgres("CREATE TABLE t(x int)").makes_temporary);
}

}  // namespace
}  // namespace gauntlet::runner
