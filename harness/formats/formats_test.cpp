#include "harness/formats/folder.h"
#include "harness/formats/format.h"
#include "harness/formats/read_test.h"
#include "harness/formats/templates.h"
#include "runner/sql/statement.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Reading read_by_any_runner(const std::string& format, const Files& files) {
  std::vector<File> all;
  for (const auto& [name, bytes] : files)
    all.push_back({.path = "m/" + name, .name = name, .bytes = bytes});
  const Format relaxed = as_read_by_any_runner(*find_format(format));
  return relaxed.read(relaxed, all);
}

runner::Place place_of(const runner::Script& script, std::string_view word) {
  return runner::place_of_byte(script.sql(), script.sql().find(word));
}

TEST(Formats, AreFoundByEachNameThatIsListed) {
  for (const Format& format : formats()) {
    SCOPED_TRACE(format.name);
    EXPECT_EQ(find_format(format.name), &format);
    EXPECT_NE(format.read, nullptr);
    EXPECT_NE(format.write, nullptr);
    EXPECT_FALSE(format.files.empty());
  }
  EXPECT_EQ(find_format("gauntlet "), nullptr);
}

/// What a layout writes it reads: the same steps, down files where there are some.
TEST(Formats, ReadWhatTheyWrite) {
  const auto neutral = read("gauntlet", {{"1_parcels.up.sql", "CREATE TABLE parcels(id int);\n"},
                                         {"1_parcels.down.sql", "DROP TABLE parcels;\n"},
                                         {"12_note.up.sql", "COMMENT ON TABLE parcels IS 'x';\n"}});
  for (const Format& format : formats()) {
    SCOPED_TRACE(format.name);
    Files written;
    for (const auto& [name, text] : format.write(neutral.listing.migrations))
      written.emplace_back(name, text);
    const Reading again = read(std::string(format.name), written);
    ASSERT_EQ(again.listing.migrations.size(), 2U);
    EXPECT_THAT(again.listing.migrations[0].name, HasSubstr("parcels"));
    EXPECT_THAT(again.listing.migrations[0].up.bytes, HasSubstr("CREATE TABLE parcels(id int)"));
    EXPECT_THAT(again.listing.migrations[0].up.bytes, testing::Not(HasSubstr("DROP")));
    if (again.listing.migrations[0].down) {
      EXPECT_THAT(
          again.listing.migrations[0].down->bytes,
          testing::AllOf(HasSubstr("DROP TABLE parcels"), testing::Not(HasSubstr("CREATE"))));
    }
    EXPECT_THAT(problems(again), IsEmpty());
  }
}

TEST(Formats, KeepAFilesByteOrderMarkWhereTheToolReadsIt) {
  const std::string mark = "\xEF\xBB\xBF";
  const auto with = read("gauntlet", {{"1_a.up.sql", mark + "SELECT 1"}});
  const auto without = read("gauntlet", {{"1_a.up.sql", "SELECT 1"}});
  for (const Format& format : formats()) {
    SCOPED_TRACE(format.name);
    const auto begins_with_mark = [&](const Reading& neutral) {
      const auto files = format.write(neutral.listing.migrations);
      return std::any_of(files.begin(), files.end(),
                         [&](const auto& file) { return file.second.starts_with(mark); });
    };
    EXPECT_TRUE(begins_with_mark(with));
    EXPECT_FALSE(begins_with_mark(without));
  }
}

TEST(Formats, FindAMarkOnWhichTheirToolFails) {
  const std::string mark = "\xEF\xBB\xBF";
  const auto marked = [&](const std::string& text) { return Files{{"1_a.sql", mark + text}}; };
  const std::string goose = "-- +goose Up\nSELECT 1;\n";
  EXPECT_THAT(problems(read("goose", marked(goose))), ElementsAre("byte-order-mark"));
  EXPECT_THAT(problems(read("goose", {{"1_a.sql", goose}})), IsEmpty());
  EXPECT_THAT(problems(read_by_any_runner("goose", marked(goose))),
              ElementsAre("byte-order-mark (warning)"));
  EXPECT_THAT(problems(read("gauntlet", {{"1_a.up.sql", mark + "SELECT 1"}})), IsEmpty());
}

TEST(Formats, OfAnyRunnerKeepDuplicatesAndWarn) {
  const Files files = {{"001_a.up.sql", "SELECT 1"},
                       {"002_b.up.sql", "SELECT 2"},
                       {"002_c.up.sql", "SELECT 3"},
                       {"003_code.down.sql", "SELECT 4"}};
  EXPECT_THAT(problems(read("gauntlet", files)),
              ElementsAre("duplicate-version", "down-without-up"));
  const Reading relaxed = read_by_any_runner("gauntlet", files);
  EXPECT_THAT(steps(relaxed), ElementsAre("1 a", "2 b", "2 c"));
  EXPECT_THAT(problems(relaxed),
              ElementsAre("duplicate-version (warning)", "down-without-up (warning)"));
}

TEST(GolangMigrate, ReadsItsOwnPattern) {
  const Reading reading = read("golang-migrate", {{"1_a.up.sql", "SELECT 1"},
                                                  {"2_.up.sql", "SELECT 2"},
                                                  {"3_c.up.pgsql", "SELECT 3"},
                                                  {"4-d.up.sql", "SELECT 4"},
                                                  {"README.md", ""}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "2 unnamed", "3 c"));
  EXPECT_THAT(problems(reading), ElementsAre("unrecognized-file (warning)"));
}

TEST(GolangMigrate, RecordsAVersionWithADownFileAlone) {
  const Reading reading = read(
      "golang-migrate",
      {{"1_a.up.sql", "SELECT 1"}, {"2_code.down.sql", "SELECT 2"}, {"3_b.up.sql", "SELECT 3"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "2 code", "3 b"));
  EXPECT_EQ(reading.listing.migrations[1].up.bytes, "");
  EXPECT_THAT(problems(reading), ElementsAre("down-without-up (warning)"));
}

TEST(GolangMigrate, RefusesTwoFilesOfAVersionAsTheToolDoes) {
  const Files files = {{"1_a.up.sql", ""}, {"1_b.up.sql", ""}};
  EXPECT_THAT(problems(read("golang-migrate", files)), ElementsAre("duplicate-version"));
  EXPECT_THAT(problems(read_by_any_runner("golang-migrate", files)),
              ElementsAre("duplicate-version (warning)"));
}

TEST(Dbmate, KeepsLinesAndColumnsOfItsSections) {
  const Reading reading = read("dbmate", {{"20240101_a.sql",
                                           "-- note\n-- migrate:up\nCREATE TABLE a(x int);\n"
                                           "-- migrate:down\n  DROP TABLE a;\n"}});
  ASSERT_EQ(reading.listing.migrations.size(), 1U);
  const auto& step = reading.listing.migrations[0];
  EXPECT_EQ(place_of(step.up, "CREATE"), (runner::Place{3, 1}));
  EXPECT_THAT(step.up.bytes, testing::Not(HasSubstr("DROP")));
  EXPECT_EQ(place_of(*step.down, "DROP"), (runner::Place{5, 3}));
  EXPECT_FALSE(runner::directives_of(step.up.sql()).no_transaction);
}

TEST(Dbmate, SaysNoTransactionInTheNeutralWords) {
  const Reading reading =
      read("dbmate", {{"1_a.sql", "-- migrate:up transaction:false\nVACUUM;\n-- migrate:down\n"}});
  EXPECT_TRUE(runner::directives_of(reading.listing.migrations[0].up.sql()).no_transaction);
  EXPECT_EQ(place_of(reading.listing.migrations[0].up, "VACUUM"), (runner::Place{2, 1}));
}

TEST(Goose, ReadsStatementsNoTransactionAndSaysThatGoIsSkipped) {
  const Reading reading =
      read("goose", {{"1_a.sql",
                      "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\n"
                      "-- +goose Down\nSELECT 2;\n"},
                     {"2_b.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nVACUUM;\n"},
                     {"3_c.go", ""},
                     {"3_c_test.go", ""},
                     {"4_d.sql", "SELECT 4;\n"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "2 b"));
  const auto& all = reading.listing.migrations;
  EXPECT_FALSE(runner::directives_of(all[0].up.sql()).no_transaction);
  EXPECT_TRUE(runner::directives_of(all[1].up.sql()).no_transaction);
  EXPECT_THAT(reading.notes, ElementsAre(HasSubstr("3_c.go is a step in Go: skipped")));
  EXPECT_THAT(problems(reading), ElementsAre("unrecognized-file (warning)"));
}

TEST(NodePgMigrate, TellsStepsApartByTheirNames) {
  const Reading reading = read(
      "node-pg-migrate", {{"1_a.sql", "-- Up Migration\nSELECT 1;\n-- Down Migration\nSELECT 2;"},
                          {"1_b.sql", "SELECT 3;"},
                          {"2-c.js", ""}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "1 b"));
  EXPECT_THAT(problems(reading), IsEmpty());
  EXPECT_THAT(reading.notes, ElementsAre(HasSubstr("2-c.js is a step in code")));
}

TEST(Sqitch, FollowsItsPlan) {
  const Reading reading = read("sqitch", {{"sqitch.plan",
                                           "%project=x\n\nb 2001-01-01 a <a@b> # x\n"
                                           "@tag 2001\na [b] 2001\ngone 2001\n"},
                                          {"deploy/a.sql", "SELECT 1;"},
                                          {"deploy/b.sql", "SELECT 2;"},
                                          {"revert/b.sql", "SELECT 3;"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 b", "2 a"));
  EXPECT_TRUE(reading.listing.migrations[0].down.has_value());
  EXPECT_THAT(problems(reading), ElementsAre("missing-file"));
}

TEST(SqlMigrate, ReadsItsSectionsAndItsMark) {
  const Reading reading =
      read("sql-migrate",
           {{"1-a.sql", "-- +migrate Up notransaction\nVACUUM;\n-- +migrate Down\nSELECT 2;\n"},
            {"1-b.sql", "-- +migrate Up\nSELECT 3;\n"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "1 b"));
  EXPECT_TRUE(runner::directives_of(reading.listing.migrations[0].up.sql()).no_transaction);
  EXPECT_FALSE(runner::directives_of(reading.listing.migrations[1].up.sql()).no_transaction);
  EXPECT_THAT(problems(reading), IsEmpty());
}

TEST(Sqlx, ReadsSingleFilesPairsAndItsMark) {
  const Reading reading = read("sqlx", {{"1_a.sql", "SELECT 1;"},
                                        {"2_b.up.sql", "-- no-transaction\nVACUUM;"},
                                        {"2_b.down.sql", "SELECT 2;"}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "2 b"));
  EXPECT_TRUE(reading.listing.migrations[1].down.has_value());
  EXPECT_TRUE(runner::directives_of(reading.listing.migrations[1].up.sql()).no_transaction);
}

TEST(Flyway, OrdersVersionsUndoesAndRepeatables) {
  const Files files = {{"V2__b.sql", "SELECT 2;"},
                       {"V10__c.sql", "SELECT 10;"},
                       {"U2__b.sql", "SELECT -2;"},
                       {"R__views.sql", "SELECT 99;"},
                       {"sub/V1__a.sql", "SELECT 1;"}};
  const Reading own = read("flyway", files);
  EXPECT_THAT(steps(own), ElementsAre("1 a", "2 b", "10 c", "11 views"));
  EXPECT_TRUE(own.listing.migrations[1].down.has_value());
  const Reading others = read_by_any_runner("flyway", files);
  EXPECT_THAT(steps(others), ElementsAre("1 a", "2 b", "10 c"));
  EXPECT_THAT(others.notes, ElementsAre(HasSubstr("R__views.sql is repeatable")));
}

TEST(Flyway, NumbersVersionsWithPointsInTheirOrder) {
  const Reading reading =
      read("flyway",
           {{"V1.10__c.sql", ""}, {"V1.2__b.sql", ""}, {"V1__a.sql", ""}, {"V2.0__d.sql", ""}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "2 b", "3 c", "4 d"));
  EXPECT_THAT(reading.notes, ElementsAre(HasSubstr("numbered in their order")));
}

TEST(Flyway, BeginsAtTheBaseline) {
  const Reading reading = read(
      "flyway", {{"V1__a.sql", ""}, {"V2__b.sql", ""}, {"B2__all.sql", ""}, {"V3__c.sql", ""}});
  EXPECT_THAT(steps(reading), ElementsAre("2 all", "3 c"));
}

TEST(Flyway, RunsAFileWithoutATransactionWhereAStatementWantsNone) {
  const Reading reading = read("flyway", {{"V1__a.sql", "CREATE INDEX CONCURRENTLY i ON t(x);"},
                                          {"V2__b.sql", "SELECT 1;"}});
  EXPECT_TRUE(runner::directives_of(reading.listing.migrations[0].up.sql()).no_transaction);
  EXPECT_FALSE(runner::directives_of(reading.listing.migrations[1].up.sql()).no_transaction);
  EXPECT_THAT(problems(reading), IsEmpty());
  EXPECT_THAT(
      problems(read("flyway", {{"V1__a.sql", "SELECT 1; CREATE INDEX CONCURRENTLY i ON t(x);"}})),
      ElementsAre("mixed-transaction"));
}

TEST(Flyway, SaysThatOnlyItFillsPlaceholdersIn) {
  EXPECT_EQ(read("flyway", {{"V1__a.sql", "CREATE TABLE ${schema}.t ();"}}).only_by_its_runner,
            "V1__a.sql has the placeholder ${schema}, which only Flyway fills in");
  EXPECT_EQ(read("flyway", {{"V1__a.sql", "SELECT '$';"}}).only_by_its_runner, "");
}

TEST(Template, IsAMarkedCommentOnlyInsideAString) {
  EXPECT_EQ(template_in("SELECT to_regclass('/* TEMPLATE: schema */jobs');"),
            "/* TEMPLATE: schema */");
  EXPECT_EQ(template_in("DO $$ BEGIN PERFORM '/* TEMPLATE: schema */jobs'; END $$;"),
            "/* TEMPLATE: schema */");
  EXPECT_EQ(template_in("CREATE TABLE /* TEMPLATE: schema */jobs (id int);"), "");
  EXPECT_EQ(template_in("SELECT '/* no mark */';"), "");
}

TEST(Diesel, ReadsFoldersAndTheirSettings) {
  const Reading reading =
      read("diesel", {{"00000000000000_setup/up.sql", "SELECT 0;"},
                      {"2024-01-02-030405_a/up.sql", "VACUUM;"},
                      {"2024-01-02-030405_a/down.sql", "SELECT 2;"},
                      {"2024-01-02-030405_a/metadata.toml", "run_in_transaction = false"}});
  EXPECT_THAT(steps(reading), ElementsAre("0 setup", "20240102030405 a"));
  const auto& all = reading.listing.migrations;
  EXPECT_FALSE(runner::directives_of(all[0].up.sql()).no_transaction);
  EXPECT_TRUE(runner::directives_of(all[1].up.sql()).no_transaction);
  EXPECT_TRUE(all[1].down.has_value());
}

TEST(Prisma, ReadsFolders) {
  const Reading reading =
      read("prisma", {{"20240101_a/migration.sql", "SELECT 1;"}, {"migration_lock.toml", ""}});
  EXPECT_THAT(steps(reading), ElementsAre("20240101 a"));
  EXPECT_EQ(reading.listing.migrations[0].up.file, "m/20240101_a/migration.sql");
}

TEST(Refinery, ReadsSqlAndSaysThatRustIsSkipped) {
  const Reading reading =
      read("refinery", {{"V1__a.sql", "SELECT 1;"}, {"U3__b.sql", "SELECT 3;"}, {"V2__c.rs", ""}});
  EXPECT_THAT(steps(reading), ElementsAre("1 a", "3 b"));
  EXPECT_THAT(reading.notes, ElementsAre(HasSubstr("V2__c.rs is a step in Rust")));
}

TEST(Diesel, SortsVersionsAsTexts) {
  const std::string any = "SELECT 1;";
  const Reading reading = read("diesel", {{"2024-04-12-144536_b/up.sql", any},
                                          {"20240412144600000000_c/up.sql", any},
                                          {"2024-04_a/up.sql", any},
                                          {"2024-05-01-000000_d/up.sql", any}});
  EXPECT_THAT(names_in(reading), testing::ElementsAre("a", "b", "d"));
  const Reading longer =
      read("diesel", {{"202404121446000000_c/up.sql", any}, {"2024-05-01-000000_d/up.sql", any}});
  EXPECT_THAT(names_in(longer), testing::ElementsAre("c", "d"));
}

TEST(ForGauntletMigrate, MarksWhatPsqlRunsOutsideATransaction) {
  const Reading reading =
      read("plain", {{"1-a.sql", "BEGIN;\nSELECT 1;\nCOMMIT;"}, {"2-b.sql", "SELECT 2;"}});
  const auto files = for_gauntlet_migrate(*find_format("plain"), reading.listing.migrations);
  EXPECT_THAT(files.at("001_a.up.sql"), testing::StartsWith("-- gauntlet: no-transaction\nBEGIN"));
  EXPECT_EQ(files.at("002_b.up.sql"), "SELECT 2;");
}

TEST(ForGauntletMigrate, KeepsNamesThatItReads) {
  const Reading reading =
      read("golang-migrate",
           {{"7_a.up.sql", "SELECT 1"}, {"8_.up.sql", "SELECT 2"}, {"9_c.down.sql", "SELECT 3"}});
  const auto files =
      for_gauntlet_migrate(*find_format("golang-migrate"), reading.listing.migrations);
  EXPECT_TRUE(files.contains("7_a.up.sql"));
  EXPECT_TRUE(files.contains("008_unnamed.up.sql"));
  EXPECT_TRUE(files.contains("009_c.up.sql"));
}

}  // namespace
}  // namespace gauntlet::formats
