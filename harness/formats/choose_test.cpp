#include "harness/formats/choose.h"

#include "harness/formats/read_test.h"

#include <gtest/gtest.h>

namespace gauntlet::formats {
namespace {

std::string chosen(const Files& files) {
  std::vector<File> all;
  for (const auto& [name, bytes] : files)
    all.push_back({.path = "m/" + name, .name = name, .bytes = bytes});
  const Choice choice = choose(all);
  return (choice.is_sure ? "" : "unsure: ") + std::string(choice.format->name);
}

TEST(Choose, KnowsALayoutByItsSigns) {
  const std::string any = "SELECT 1;\n";
  EXPECT_EQ(chosen({{"1_a.up.sql", any}, {"1_a.down.sql", any}}), "gauntlet");
  EXPECT_EQ(chosen({{"1_a.sql", "\n-- migrate:up\n"}}), "dbmate");
  EXPECT_EQ(chosen({{"1_a.sql", "-- +goose Up\n"}, {"2_b.go", "package m"}}), "goose");
  EXPECT_EQ(chosen({{"1-a.sql", "-- +migrate Up notransaction\n"}}), "sql-migrate");
  EXPECT_EQ(chosen({{"1_a.sql", "-- Up Migration\n"}}), "node-pg-migrate");
  EXPECT_EQ(chosen({{"1_a.sql", any}, {"2_b.sql", "-- no-transaction\nVACUUM;\n"}}), "sqlx");
  EXPECT_EQ(chosen({{"V1__a.sql", any}, {"R__views.sql", any}}), "flyway");
  EXPECT_EQ(chosen({{"V1__a.sql", any}, {"V2__b.rs", ""}}), "refinery");
  EXPECT_EQ(chosen({{"2024-01-01-000000_a/up.sql", any}}), "diesel");
  EXPECT_EQ(chosen({{"20240101_a/migration.sql", any}, {"migration_lock.toml", ""}}), "prisma");
  EXPECT_EQ(chosen({{"sqitch.plan", ""}, {"deploy/a.sql", any}}), "sqitch");
  EXPECT_EQ(chosen({{"order.txt", "b.sql\na.sql\n"}, {"a.sql", any}, {"b.sql", any}}),
            "order-file");
  EXPECT_EQ(chosen({{"001-a.sql", any}, {"002-b.sql", any}}), "plain");
  EXPECT_EQ(chosen({{"V0001.A.up.sql", any}, {"V0001.A.down.sql", any}}), "plain");
  EXPECT_EQ(chosen({{"001-a.up.sql", any}, {"001-a.down.sql", any}}), "plain");
  EXPECT_EQ(chosen({{"001_a.up.sql", any}, {"001_a.down.sql", any}}), "gauntlet");
  EXPECT_EQ(chosen({{"V1__a.sql", any}, {"V2__b.sql", any}}), "flyway");
  EXPECT_EQ(chosen({{"1_a.postgres.up.sql", any}, {"1_a.mysql.up.sql", any}}), "pop");
  EXPECT_EQ(chosen({{"0.9/00_a.sql", any}, {"0.10/00_b.sql", any}}), "version-folders");
  EXPECT_EQ(chosen({{"README.md", ""}}), "unsure: gauntlet");
}

TEST(Choose, TellsGolangMigrateFromOursByWhatOnlyItSends) {
  const std::string any = "SELECT 1;\n", own = "BEGIN;\nSELECT 1;\nCOMMIT;\n";
  EXPECT_EQ(chosen({{"1_a.up.sql", any}, {"2_b.up.sql", own}}), "golang-migrate");
  EXPECT_EQ(chosen({{"1_a.up.sql", any}, {"2_b.up.sql", "VACUUM;\n"}}), "golang-migrate");
  EXPECT_EQ(chosen({{"1_a.up.sql", "-- gauntlet: no-transaction\nVACUUM;\n"}, {"2_b.up.sql", own}}),
            "gauntlet");
}

TEST(Choose, TakesTheEndOfATriggerOfSqliteForNoTransaction) {
  const std::string trigger =
      "CREATE VIEW v AS SELECT 1;\nCREATE TRIGGER t BEFORE INSERT ON a WHEN NEW.b < 0\n"
      "BEGIN\n  SELECT raise(ABORT, 'too few');\nEND;\n";
  EXPECT_EQ(chosen({{"1_a.up.sql", trigger}}), "gauntlet");
  EXPECT_EQ(chosen({{"1_a.up.sql", "BEGIN;\n" + trigger + "COMMIT;\n"}}), "golang-migrate");
}

TEST(Choose, TakesNumbersThatAreSharedByHabitForAToolThatGoesByNames) {
  const std::string any = "SELECT 1;\n";
  Files files = {{"0001_a.up.sql", any},
                 {"0001_b.up.sql", any},
                 {"0002_c.up.sql", any},
                 {"0002_d.up.sql", any},
                 {"0003_e.up.sql", any}};
  EXPECT_EQ(chosen(files), "gauntlet") << "two shared numbers may be an accident";
  files.emplace_back("0003_f.up.sql", any);
  EXPECT_EQ(chosen(files), "maragu-migrate");
}

TEST(Choose, TakesTheLayoutOfMostFiles) {
  const std::string any = "SELECT 1;\n", goose = "-- +goose Up\n";
  EXPECT_EQ(chosen({{"1_a.up.sql", any}, {"2_b.sql", any}}), "gauntlet");
  EXPECT_EQ(chosen({{"1_a.sql", goose}, {"2_b.sql", goose}, {"3_c.sql", any}}), "goose");
  EXPECT_EQ(chosen({{"1_a.sql", goose}, {"2_b.sql", any}, {"3_c.sql", any}, {"4_d.sql", any}}),
            "plain");
}

TEST(Choose, NamesAToolWhoseMigrationsAreCode) {
  const auto tool = [](const std::string& name, const std::string& bytes) {
    return code_tool_of({{.path = name, .name = name, .bytes = bytes}});
  };
  EXPECT_EQ(tool("a1.py", "down_revision = None"), "Alembic");
  EXPECT_EQ(tool("0001_initial.py", "class Migration(migrations.Migration):"), "Django");
  EXPECT_EQ(tool("20240101_a.rb", "class A < ActiveRecord::Migration[7.0]"), "Rails");
  EXPECT_EQ(tool("20240101_a.up.fizz", ""), "pop (Buffalo, fizz)");
  EXPECT_EQ(tool("20240101_a.exs", "use Ecto.Migration"), "Ecto");
  EXPECT_EQ(tool("db.changelog.xml", "<databaseChangeLog>"), "Liquibase");
  EXPECT_EQ(tool("2024_01_01_a.php", "Schema::create('a')"), "Laravel");
  EXPECT_EQ(tool("m2024_a.rs", "impl MigrationTrait for Migration"), "SeaORM");
  EXPECT_EQ(tool("pom.xml", "<project>"), "");
  EXPECT_EQ(tool("setup.py", "import os"), "");
}

}  // namespace
}  // namespace gauntlet::formats
