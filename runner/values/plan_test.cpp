#include "runner/values/plan.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

Migration on_disk(std::int64_t version, const std::string& name,
                  const std::string& sql = "SELECT 1") {
  Migration migration;
  migration.version = {version};
  migration.name = name;
  migration.up = {.file = "m/00" + std::to_string(version) + "_" + name + ".up.sql",
                  .bytes = sql,
                  .checksum = sha256(sql)};
  return migration;
}

AppliedRow row(std::int64_t version, const std::string& name,
               const std::optional<std::string>& checksum = sha256("SELECT 1")) {
  return {.version = {version}, .name = name, .checksum = checksum, .applied_at = "then"};
}

Mark mark(std::int64_t version) {
  Mark made;
  made.version = {version};
  made.name = "m";
  made.statement_index = 2;
  made.statements = 3;
  return made;
}

PlanPolicy policy() { return {.tracker = "\"public\".\"applied_migrations\""}; }

std::vector<std::int64_t> pending(const Plan& plan) {
  std::vector<std::int64_t> versions;
  for (const Migration* migration : plan.pending) versions.push_back(migration->version.number);
  return versions;
}

using Versions = std::vector<std::int64_t>;

TEST(Plan, RunsEverythingOnAnEmptyAppliedSet) {
  const std::vector files{on_disk(1, "a"), on_disk(2, "b")};
  EXPECT_EQ(pending(make_plan(files, {}, policy())), (Versions{1, 2}));
}

TEST(Plan, RunsAMigrationThatAppearsInAGap) {
  const std::vector files{on_disk(1, "a"), on_disk(2, "b"), on_disk(3, "c")};
  const AppliedSet applied{.rows = {row(3, "c"), row(1, "a")}, .marks = {}};
  EXPECT_EQ(pending(make_plan(files, applied, policy())), (Versions{2}));
}

TEST(Plan, OrdersByNumberWhateverTheOrderOfTheFiles) {
  const std::vector files{on_disk(10, "b"), on_disk(9, "a")};
  EXPECT_EQ(pending(make_plan(files, {}, policy())), (Versions{9, 10}));
}

TEST(Plan, NeverComparesANullChecksum) {
  const std::vector files{on_disk(1, "a")};
  const AppliedSet applied{.rows = {row(1, "a", std::nullopt)}, .marks = {}};
  EXPECT_TRUE(make_plan(files, applied, policy()).problems.empty());
}

TEST(Plan, RefusesARename) {
  const std::vector files{on_disk(1, "new")};
  const Plan plan = make_plan(files, {.rows = {row(1, "old")}, .marks = {}}, policy());
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_STREQ(
      plan.problems.front().what(),
      "error[renamed]: migration 1 is called \"new\" on disk but was applied as \"old\"\n"
      "  where: m/001_new.up.sql, tracker \"public\".\"applied_migrations\"\n"
      "  fix:   rename the file back to 001_old.up.sql; or, if the new name is meant: UPDATE "
      "\"public\".\"applied_migrations\" SET name = 'new' WHERE version = 1");
}

TEST(Plan, RefusesAnEdit) {
  const std::vector files{on_disk(1, "a", "SELECT 2")};
  const Plan plan = make_plan(files, {.rows = {row(1, "a")}, .marks = {}}, policy());
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().code(), "edited-after-apply");
}

TEST(Plan, IgnoresAnEditWhenChecksumsAreNotVerified) {
  const std::vector files{on_disk(1, "a", "SELECT 2")};
  PlanPolicy lenient = policy();
  lenient.checksums = PlanPolicy::Checksums::ignore;
  EXPECT_TRUE(make_plan(files, {.rows = {row(1, "a")}, .marks = {}}, lenient).problems.empty());
}

TEST(Plan, ReportsAnUnknownVersionAndRunsTheRest) {
  const std::vector files{on_disk(1, "a")};
  const Plan plan = make_plan(files, {.rows = {row(99, "z")}, .marks = {}}, policy());
  EXPECT_EQ(plan.notes, std::vector<std::string>{"migration 99 (z) is applied but not on disk"});
  EXPECT_TRUE(plan.problems.empty());
  EXPECT_EQ(pending(plan), (Versions{1}));
}

TEST(Plan, RefusesAnUnknownVersionWhenTold) {
  PlanPolicy strict = policy();
  strict.unknown = PlanPolicy::Unknown::refuse;
  const Plan plan = make_plan({}, {.rows = {row(99, "z")}, .marks = {}}, strict);
  ASSERT_EQ(plan.problems.size(), 1U);
  EXPECT_EQ(plan.problems.front().code(), "unknown-applied");
}

TEST(Plan, KeepsAMarkedMigrationApartFromThePending) {
  const std::vector files{on_disk(1, "m"), on_disk(2, "b")};
  const Plan plan = make_plan(files, {.rows = {}, .marks = {mark(1)}}, policy());
  EXPECT_EQ(pending(plan), (Versions{2}));
  ASSERT_EQ(plan.in_progress.size(), 1U);
}

TEST(Plan, OnlyReportsAMarkOfAnUnknownMigration) {
  const Plan plan = make_plan({}, {.rows = {}, .marks = {mark(5)}}, policy());
  EXPECT_TRUE(plan.in_progress.empty());
  EXPECT_EQ(plan.notes, std::vector<std::string>{"migration 5 (m) is in progress but not on disk"});
}

TEST(Compare, TellsTheStateOfEveryVersionOfEitherSide) {
  const std::vector files{on_disk(1, "a"), on_disk(2, "new"), on_disk(3, "c", "SELECT 2"),
                          on_disk(4, "d"), on_disk(5, "m")};
  const AppliedSet applied{.rows = {row(1, "a"), row(2, "old"), row(3, "c"), row(9, "z")},
                           .marks = {mark(5)}};
  std::string states;
  for (const Entry& entry : compare(files, applied, PlanPolicy::Checksums::verify)) {
    states += std::to_string(entry.version.number) + " " + to_string(entry.state) + " " +
              entry.progress + ";";
  }
  EXPECT_EQ(
      states,
      "1 applied ;2 renamed ;3 edited ;4 pending ;5 in-progress statement 2 of 3;9 unknown ;");
}

}  // namespace
}  // namespace gauntlet::runner
