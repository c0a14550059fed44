#include "harness/formats/other_database.h"

#include <gtest/gtest.h>

namespace gauntlet::formats {
namespace {

TEST(OtherDatabase, IsToldByWordsThatPostgresqlHasNot) {
  EXPECT_EQ(other_database_of("CREATE TABLE t (id int auto_increment)"),
            "MySQL (`AUTO_INCREMENT`)");
  EXPECT_EQ(other_database_of("CREATE TABLE `t` (id int)"), "MySQL (names in backticks)");
  EXPECT_EQ(other_database_of("drop index i on t;"), "MySQL (`DROP INDEX … ON`)");
  EXPECT_EQ(other_database_of("CREATE TABLE t (a boolean DEFAULT 1)"),
            "MySQL or H2 (`BOOLEAN DEFAULT 1`)");
  EXPECT_EQ(other_database_of("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)"),
            "SQLite (`AUTOINCREMENT`)");
}

TEST(OtherDatabase, IsNotToldByStringsCommentsAndPostgresqlsOwnWords) {
  EXPECT_EQ(other_database_of("-- AUTO_INCREMENT\nSELECT 'LONGTEXT', '`';"), "");
  EXPECT_EQ(other_database_of("DROP INDEX i; CREATE INDEX i ON t (a);"), "");
  EXPECT_EQ(other_database_of("CREATE TABLE t (a double precision NOT NULL, b boolean DEFAULT "
                              "true, c int GENERATED ALWAYS AS IDENTITY);"),
            "");
}

}  // namespace
}  // namespace gauntlet::formats
