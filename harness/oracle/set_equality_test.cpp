#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::AppliedRow;
using core::Verdict;
using ::testing::HasSubstr;
using ::testing::Not;
using Rows = std::vector<AppliedRow>;

core::Judgement judge_set_equality(const Rows& on_disk, const core::Applied& applied) {
  return ask(oracle("set-equality"), {.on_disk = on_disk, .applied = applied});
}

core::Judgement judge_set_equality(const Rows& on_disk, const Rows& applied) {
  return judge_set_equality(on_disk, core::Applied{.tracker = "public.t", .rows = applied});
}

core::Applied newest(const Rows& rows) {
  return {.tracker = "public.schema_migrations", .rows = rows, .only_newest = true};
}

const Rows disk = {{1, "init"}, {2, "add"}, {3, "index"}};

TEST(SetEquality, HoldsWhenVersionsAndNamesAreTheSame) {
  EXPECT_EQ(judge_set_equality(disk, disk).verdict, Verdict::holds);
}

TEST(SetEquality, HoldsByVersionWhenTheTrackerRecordsNoNames) {
  EXPECT_EQ(judge_set_equality(disk, Rows{{1, {}}, {2, {}}, {3, {}}}).verdict, Verdict::holds);
}

TEST(SetEquality, HoldsForANameThatBeginsWithItsNumberOrEndsAsAFile) {
  const Rows odd = {{1, "001_init"}, {2, "load.sql"}};
  EXPECT_EQ(judge_set_equality(odd, odd).verdict, Verdict::holds);
  EXPECT_EQ(judge_set_equality(odd, Rows{{1, "init"}, {2, "load"}}).verdict, Verdict::holds);
  const auto judgement = judge_set_equality(odd, Rows{{1, "002_init"}, {2, "load.sql"}});
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings.at(0).id, "recorded-name-differs");
}

TEST(SetEquality, CountsTheFilesThatShareAVersion) {
  const Rows two = {{1, "a"}, {2, "b"}, {2, "c"}};
  EXPECT_EQ(judge_set_equality(two, two).verdict, Verdict::holds);
  const auto missing = judge_set_equality(two, Rows{{1, "a"}, {2, "b"}});
  ASSERT_EQ(missing.findings.size(), 1U);
  EXPECT_EQ(missing.findings[0].id, "not-recorded");
  EXPECT_EQ(missing.findings[0].message,
            "2 files of version 2 are on disk, and public.t records 1 of them");
  const auto twice = judge_set_equality(two, Rows{{1, "a"}, {2, "b"}, {2, "c"}, {2, "c"}});
  ASSERT_EQ(twice.findings.size(), 1U);
  EXPECT_EQ(twice.findings[0].id, "recorded-twice");
}

TEST(SetEquality, IsViolatedByAHoleBelowTheMaximum) {
  const auto judgement = judge_set_equality(disk, Rows{{1, "init"}, {3, "index"}});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings.at(0).id, "not-recorded");
  EXPECT_EQ(judgement.findings.at(0).message, "migration 2 (add) is on disk but not in public.t");
  EXPECT_EQ(judgement.findings.at(0).where.version, 2);
}

TEST(SetEquality, TellsHowToSayThatOnlyTheNewestIsKept) {
  const auto fix = [](const Rows& applied) {
    return judge_set_equality(disk, applied).findings.at(0).fix;
  };
  EXPECT_THAT(fix({{3, {}}}), HasSubstr("AS newest"));
  EXPECT_THAT(fix({{2, {}}}), Not(HasSubstr("newest")));
  EXPECT_THAT(fix({{1, {}}, {3, {}}}), Not(HasSubstr("newest")));
}

TEST(SetEquality, IsViolatedByARecordWithoutAFile) {
  EXPECT_EQ(judge_set_equality({{1, "init"}}, Rows{{1, "init"}, {2, "add"}}).findings.at(0).id,
            "recorded-unknown");
}

TEST(SetEquality, IsViolatedByAVersionThatIsRecordedTwice) {
  const auto judgement = judge_set_equality({{1, "init"}}, Rows{{1, "init"}, {1, "init"}});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "recorded-twice");
}

TEST(SetEquality, IsViolatedByAnotherName) {
  const auto judgement = judge_set_equality({{1, "init"}}, Rows{{1, "start"}});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "recorded-name-differs");
  EXPECT_EQ(judgement.findings[0].message, "migration 1 (init) is recorded in public.t as start");
}

TEST(SetEquality, IsViolatedByADirtyTracker) {
  const auto judgement = judge_set_equality(
      {{1, {}}}, core::Applied{.tracker = "t", .rows = {{1, {}}}, .dirty = true});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "tracker-dirty");
}

TEST(SetEquality, HoldsWhenTheOnlyRowKeptIsTheGreatestOnDiskAndSaysSo) {
  const auto judgement = judge_set_equality(disk, newest({{3, {}}}));

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_THAT(judgement.reason, HasSubstr("keeps only the newest version"));
}

TEST(SetEquality, IsViolatedWhenTheOnlyRowKeptIsNotTheGreatestOnDisk) {
  EXPECT_EQ(judge_set_equality(disk, newest({{2, {}}})).findings.at(0).id, "not-recorded");
  EXPECT_EQ(judge_set_equality(disk, newest({})).findings.at(0).id, "not-recorded");
  EXPECT_EQ(judge_set_equality(disk, newest({{4, {}}})).findings.at(0).id, "recorded-unknown");
}

TEST(SetEquality, IsViolatedByTwoRowsWhereOneIsKept) {
  EXPECT_EQ(judge_set_equality(disk, newest({{3, {}}, {3, {}}})).findings.at(0).id,
            "recorded-twice");
}

TEST(SetEquality, IsUnknownWhenTheAppliedSetIsNotKnown) {
  const auto judgement = ask(oracle("set-equality"),
                             {.on_disk = disk, .applied_missing = "no tracker was recognised"});

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_EQ(judgement.reason, "no tracker was recognised");
}

}  // namespace
}  // namespace gauntlet::oracle
