// Steps that a runner has as code, between files on SQLite: a small runner with one, and the
// store's service.
#include "harness/verify/sqlite_ground_test.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

void add_files_around_a_code_step(Folder& folder) {
  folder.add("1_t.up.sql", "CREATE TABLE t (v int);\nINSERT INTO t VALUES (1);\n")
      .add("3_more.up.sql", "INSERT INTO t VALUES (2);\n");
}

TEST(CodeStep, IsRunByTheRunnerAloneBetweenTheFiles) {
  Folder folder;
  add_files_around_a_code_step(folder);
  const core::Result result = boot_of(folder, ephemeral_file, "code");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
  EXPECT_THAT(told_by(result), HasSubstr("(2 (tenfold)) were run by the runner alone"));
}

TEST(CodeStep, HidesNoFileThatIsRecordedAndNotRun) {
  Folder folder;
  add_files_around_a_code_step(folder);
  const core::Result result = boot_of(folder, ephemeral_file, "code-skips-last");
  EXPECT_THAT(ids_of(result), ElementsAre("rows-missing")) << all_told(result);
}

TEST(CodeStep, ThatDoesNotRunAloneLeavesTheFilesUncompared) {
  Folder folder;
  add_files_around_a_code_step(folder);
  const core::Result result = boot_of(folder, ephemeral_file, "code-refuses-gaps");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
  EXPECT_THAT(told_by(result),
              AllOf(HasSubstr("not compared"), HasSubstr("a later step is applied")));
}

// ---- the store, with a service that has a step as code

const std::string store_service = std::string(GAUNTLET_BINARY_DIR) + "/bin/store-service";

Options store_options(const std::string& database) {
  Options options;
  options.migrations = std::string(GAUNTLET_SOURCE_DIR) + "/migrations/store";
  options.database = database;
  options.runner = store_service + " --migrate-only";
  options.service = store_service;
  options.health_url = "http://127.0.0.1:{port}/healthz";
  options.applied_through = 0;
  return options;
}

TEST(Store, HoldsInEveryCheckOverAnEmptyFileAndOverOneThatIsOlderThanItsMigrations) {
  const GivenSqlite old(
      "CREATE TABLE items (id integer PRIMARY KEY, name text NOT NULL UNIQUE,"
      " price_cents integer NOT NULL CHECK (price_cents >= 0),"
      " currency text NOT NULL DEFAULT 'EUR');"
      "INSERT INTO items (name, price_cents) VALUES ('nail', 2), ('screw', 5);");
  for (const std::string& database : {std::string(ephemeral_file), old.url()}) {
    SCOPED_TRACE(database);
    const core::Report report = verify(store_options(database), {});
    for (const core::Result& result : report.results) {
      const Verdict expected =
          result.id == "check/rollback" ? Verdict::not_applicable : Verdict::holds;
      EXPECT_EQ(result.judgement.verdict, expected) << result.id << all_told(result);
    }
    EXPECT_THAT(told_by(report.results.at(3)),
                HasSubstr("steps that are code (3 (item_currency)) were run by the runner alone"));
  }
  EXPECT_TRUE(old.is_untouched());
}

}  // namespace
}  // namespace gauntlet::verify::test
