#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;
using Versions = std::vector<std::int64_t>;

core::Judgement judge_applied_once(const Versions& on_disk, const Versions& journal) {
  Observation seen{.journal = journal};
  for (const std::int64_t version : on_disk) seen.on_disk.push_back({.version = version});
  return ask(oracle("applied-once"), seen);
}

TEST(AppliedOnce, HoldsWhenEachVersionIsJournalledOnce) {
  EXPECT_EQ(judge_applied_once({1, 2, 3}, {1, 3, 2}).verdict, Verdict::holds);
}

TEST(AppliedOnce, IsViolatedByAVersionThatIsJournalledTwice) {
  const auto judgement = judge_applied_once({1, 2}, {1, 2, 2});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "applied-twice");
  EXPECT_EQ(judgement.findings[0].where.version, 2);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("migration 2 took effect 2 times"));
}

TEST(AppliedOnce, IsViolatedByAVersionThatIsNotJournalled) {
  const auto judgement = judge_applied_once({1, 2}, {1});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "not-applied");
  EXPECT_EQ(judgement.findings[0].where.version, 2);
}

TEST(AppliedOnce, IsViolatedByAVersionThatIsNotOnDisk) {
  EXPECT_EQ(judge_applied_once({1}, {1, 7}).findings.at(0).id, "applied-unknown");
}

TEST(AppliedOnce, IsUnknownWhenTheJournalWasNotRead) {
  EXPECT_EQ(ask(oracle("applied-once"), {.on_disk = {{.version = 1}}}).verdict, Verdict::unknown);
}

TEST(AppliedOnce, IsUnknownWhenNothingIsOnDisk) {
  EXPECT_EQ(judge_applied_once({}, {}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
