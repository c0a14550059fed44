// Layouts that are no more than numbers in names: pop, folders of versions, plain files, an order.
#include "harness/formats/read_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Pop, TakesTheFileForPostgresBeforeTheOneForAll) {
  const Reading reading = read("pop", {{"1_a.up.sql", "SELECT 'all';"},
                                       {"1_a.postgres.up.sql", "SELECT 'postgres';"},
                                       {"1_a.postgres.down.sql", "SELECT 'down';"},
                                       {"2_b.mysql.up.sql", "SELECT 'mysql';"},
                                       {"3_c.autocommit.up.sql", "VACUUM;"},
                                       {"4_d.up.fizz", "create_table()"}});
  ASSERT_THAT(names_in(reading), testing::ElementsAre("a", "c"));
  EXPECT_EQ(reading.listing.migrations[0].up.bytes, "SELECT 'postgres';");
  EXPECT_TRUE(reading.listing.migrations[0].down);
  EXPECT_THAT(reading.listing.migrations[1].up.bytes, HasSubstr("-- gauntlet: no-transaction"));
  EXPECT_THAT(reading.notes, testing::ElementsAre(HasSubstr("4_d.up.fizz is written in fizz")));
}

TEST(Pop, CountsStepsWhereNumbersAreTooLarge) {
  const Reading reading = read("pop", {{"20150100000002000000_b.up.sql", "SELECT 2;"},
                                       {"20150100000001000000_a.up.sql", "SELECT 1;"},
                                       {"20150100000001000000_a.down.sql", "SELECT 0;"}});
  ASSERT_THAT(names_in(reading), testing::ElementsAre("a", "b"));
  EXPECT_EQ(reading.listing.migrations[1].version.number, 2);
  EXPECT_TRUE(reading.listing.migrations[0].down);
}

TEST(MaraguMigrate, KnowsAStepByItsWholeName) {
  const Reading reading = read("maragu-migrate", {{"0001_b.up.sql", "SELECT 'b';"},
                                                  {"0001_a.up.sql", "SELECT 'a';"},
                                                  {"0001_a.down.sql", "SELECT 'undo a';"},
                                                  {"0002_c_up.sql", "SELECT 'c';"},
                                                  {"0003_d.sql", "SELECT 'd';"}});
  ASSERT_THAT(steps(reading), ElementsAre("1 a", "1 b", "2 c"));
  EXPECT_TRUE(reading.listing.problems.empty());
  EXPECT_TRUE(reading.listing.migrations[0].down);
  EXPECT_FALSE(reading.listing.migrations[1].down);
}

TEST(MaraguMigrate, CountsStepsWhereANameHasNoNumber) {
  const Reading reading =
      read("maragu-migrate", {{"2_b.up.sql", "SELECT 2;"}, {"first.up.sql", "SELECT 1;"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 2_b", "2 first"));
}

TEST(AnyLayout, CallsAStepWithoutANameAsItsFile) {
  const std::string both = "-- +migrate Up\nSELECT 1;\n-- +migrate Down\nSELECT 2;\n";
  const Reading reading = read("sql-migrate", {{"0001.sql", both}, {"0002-b.sql", both}});
  EXPECT_THAT(names_in(reading), testing::ElementsAre("0001", "b"));
  EXPECT_TRUE(reading.listing.problems.empty());
}

TEST(VersionFolders, SortsByTheFoldersNumbersAndThenByTheFiles) {
  const std::string any = "SELECT 1;";
  const Reading reading = read("version-folders", {{"0.10/00__a.sql", any},
                                                   {"0.9/01__c.sql", any},
                                                   {"0.9/00__b.up.sql", any},
                                                   {"0.9/00__b.down.sql", any},
                                                   {"demo/00__x.sql", any},
                                                   {"LATEST.sql", any}});
  EXPECT_THAT(names_in(reading), testing::ElementsAre("0.9__b", "0.9__c", "0.10__a"));
}

TEST(Plain, PairsItsFilesAndPassesOverALetter) {
  const Reading reading = read("plain", {{"V0001.Initial_Schema.up.sql", "SELECT 1;"},
                                         {"V0001.Initial_Schema.down.sql", "SELECT 2;"},
                                         {"V0010.Users.up.sql", "SELECT 3;"}});
  ASSERT_EQ(reading.listing.migrations.size(), 2U);
  EXPECT_EQ(reading.listing.migrations[0].name, "Initial_Schema");
  EXPECT_TRUE(reading.listing.migrations[0].down);
  EXPECT_EQ(reading.listing.migrations[1].version.number, 10);
}

TEST(Plain, TakesAnySeparatorAndSaysWhatOnlyPsqlRuns) {
  const Reading reading = read("plain", {{"001-a.sql", "SELECT 1;"}, {"002 b.sql", "SELECT 2;"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "2 b"));
  EXPECT_EQ(reading.only_by_its_runner, "");
  EXPECT_THAT(read("plain", {{"1-a.sql", "\\set x 1\nSELECT :x;\n"}}).only_by_its_runner,
              HasSubstr("1-a.sql has commands of psql"));
}

TEST(OrderFile, GivesTheOrder) {
  const Reading reading =
      read("order-file", {{"order.txt", "# first\n002-b.sql\n001-a.sql\ngone.sql\n"},
                          {"001-a.sql", "SELECT 1;"},
                          {"002-b.sql", "SELECT 2;"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 b", "2 a"));
  EXPECT_THAT(problems(reading), ElementsAre("missing-file"));
}

}  // namespace
}  // namespace gauntlet::formats
