#include "harness/verify/allowed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Severity;
using core::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;

core::Report report_with(Severity severity) {
  core::Report report;
  report.results.push_back(
      {.id = "check/lint",
       .judgement = core::judged(
           {{.id = "cluster-wide", .where = {.file = "db/1_a.up.sql"}, .severity = severity}})});
  return report;
}

Allowance allowance(const char* id = "cluster-wide", const char* until = "") {
  return {.file = "1_a.up.sql", .id = id, .reason = "reviewed", .until = until};
}

std::vector<std::string> ids_of(const core::Report& report) {
  std::vector<std::string> ids;
  for (const core::Finding& finding : report.results.at(0).judgement.findings)
    ids.push_back(finding.id);
  return ids;
}

TEST(Allowances, AreReadWithReasonAndDay) {
  const auto read = allowance_in("allow cluster-wide: reviewed by ops until 2027-01-31");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, "cluster-wide");
  EXPECT_EQ(read->reason, "reviewed by ops");
  EXPECT_EQ(read->until, "2027-01-31");
  EXPECT_EQ(allowance_in("allow x: until we mend it")->until, "");
  EXPECT_FALSE(allowance_in("allow cluster-wide"));
  EXPECT_FALSE(allowance_in("allow cluster-wide: "));
  EXPECT_FALSE(allowance_in("no-transaction"));
}

TEST(Allowances, TakeAFindingOutAndTellIt) {
  core::Report report = report_with(Severity::violation);
  apply_allowances(report, {allowance()}, "2026-06-01", true);
  EXPECT_EQ(report.verdict(), Verdict::holds);
  EXPECT_THAT(ids_of(report), IsEmpty());
  EXPECT_THAT(report.results.at(0).notes,
              ElementsAre("allowed: 1 cluster-wide in 1_a.up.sql: reviewed"));
}

TEST(Allowances, CountOnlyForTheirFileAndId) {
  core::Report report = report_with(Severity::violation);
  Allowance elsewhere = allowance();
  elsewhere.file = "2_b.up.sql";
  apply_allowances(report, {elsewhere, allowance("other")}, "2026-06-01", false);
  EXPECT_EQ(report.verdict(), Verdict::violated);
  EXPECT_THAT(ids_of(report), ElementsAre("cluster-wide"));
}

TEST(Allowances, ThatAreOverOrMeetNothingAreWarnings) {
  core::Report report = report_with(Severity::violation);
  apply_allowances(report, {allowance("cluster-wide", "2026-05-31"), allowance("other")},
                   "2026-06-01", true);
  EXPECT_EQ(report.verdict(), Verdict::violated);
  EXPECT_THAT(ids_of(report), ElementsAre("cluster-wide", "allowance-over", "unused-allowance"));
}

TEST(Allowances, LeaveWhatIsUnknownUnknown) {
  core::Report report = report_with(Severity::violation);
  report.results.at(0).judgement.reason = "the second part could not be judged";
  apply_allowances(report, {allowance()}, "2026-06-01", true);
  EXPECT_EQ(report.verdict(), Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::verify
