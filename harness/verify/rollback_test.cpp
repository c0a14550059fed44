// Down files are tried each while its migration is the newest; one that fails hides no other.
#include "harness/verify/rollback.h"

#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using test::ids_of;
using test::told_by;
using testing::ElementsAre;
using testing::HasSubstr;

Files good_files() {
  return {{"1_a.up.sql", "CREATE TABLE a(id int);\n"},
          {"1_a.down.sql", "DROP TABLE a;\n"},
          {"2_b.up.sql", "ALTER TABLE a ADD COLUMN c int;\nCREATE INDEX a_c ON a(c);\n"},
          {"2_b.down.sql", "DROP INDEX a_c;\nALTER TABLE a DROP COLUMN c;\n"}};
}

core::Result judged(const Files& files, bool is_asked_for = true) {
  ScriptedRunner runner(files);
  if (is_asked_for) runner.options.checks = {"rollback"};
  return runner.run(rollback);
}

TEST(Rollback, HoldsForDownFilesThatRestore) {
  const core::Result result = judged(good_files());
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_THAT(ids_of(result), ElementsAre());
}

TEST(Rollback, FindsEachFileThatFailsAlsoBehindAnother) {
  Files files = good_files();
  files[1].sql = "DROP TABLE nobody;\n";
  files[3].sql = "ALTER TABL a;\n";
  const core::Result result = judged(files);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated);
  EXPECT_THAT(ids_of(result), ElementsAre("down-fails", "down-fails")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("1_a.down.sql fails: table \"nobody\" does not exist"));
}

TEST(Rollback, FindsADownThatLeavesWhatStopsTheNextUp) {
  Files files = good_files();
  files[3].sql = "SELECT 1;\n";
  const core::Result result = judged(files);
  EXPECT_THAT(ids_of(result), ElementsAre("down-does-not-restore", "up-fails-after-down"));
  EXPECT_THAT(told_by(result), HasSubstr("SQLSTATE 42701"));
}

Files framed_files() {
  return {{"1_a.up.sql", "BEGIN;\nCREATE TABLE a(id int);\nCOMMIT;\n"},
          {"1_a.down.sql", "-- away\nBEGIN;\nDROP TABLE a;\nCOMMIT;\n"},
          {"2_b.up.sql", "BEGIN; CREATE TABLE b(id int); COMMIT;\n"},
          {"2_b.down.sql", "BEGIN; DROP TABLE nobody; COMMIT;\n"},
          {"3_c.up.sql", "CREATE INDEX CONCURRENTLY a_id ON a(id);\n"},
          {"3_c.down.sql", "DROP INDEX CONCURRENTLY a_id;\n"}};
}

TEST(Rollback, TriesFilesThatBeginAndCommitThemselves) {
  ScriptedRunner runner(framed_files());
  runner.options.checks = {"rollback"};
  runner.options.format = *formats::find_format("golang-migrate");
  const core::Result result = runner.run(rollback);
  EXPECT_THAT(ids_of(result), ElementsAre("down-fails")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("2 down files tried"));
  EXPECT_THAT(told_by(result), HasSubstr("3_c.down.sql: not judged, for it runs outside"));
}

TEST(Rollback, WarnsOfADownThatLeavesMoreThanWasThere) {
  Files files = good_files();
  files[2].sql = "CREATE TABLE IF NOT EXISTS more(i int);\n";
  files[3].sql = "SELECT 1;\n";
  const core::Result result = judged(files);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_THAT(ids_of(result), ElementsAre("down-does-not-restore"));
}

TEST(Rollback, OnlyWarnsWhereNobodyAskedForIt) {
  Files files = good_files();
  files[1].sql = "DROP TABLE nobody;\n";
  const core::Result result = judged(files, false);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_THAT(ids_of(result), ElementsAre("down-fails"));
}

TEST(Rollback, IsNotApplicableWithoutADownFileAndUnknownWhereNothingApplies) {
  EXPECT_EQ(judged({{"1_a.up.sql", "CREATE TABLE a(id int);\n"}}).judgement.verdict,
            Verdict::not_applicable);
  Files files = good_files();
  files[0].sql = "CREATE TABLE a(id nonsense);\n";
  EXPECT_EQ(judged(files).judgement.verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::verify
