#include "harness/core/report.h"

#include <gtest/gtest.h>

namespace gauntlet::core {
namespace {

Report report_of(const std::vector<Verdict>& verdicts) {
  Report report;
  for (const Verdict verdict : verdicts) {
    report.results.push_back({.id = "check/some", .judgement = {.verdict = verdict}});
  }
  return report;
}

TEST(Report, HoldsWhenAllThatAppliesHolds) {
  const Report report = report_of({Verdict::holds, Verdict::not_applicable, Verdict::holds});

  EXPECT_EQ(report.verdict(), Verdict::holds);
  EXPECT_EQ(report.exit_code(), 0);
}

TEST(Report, IsViolatedAlsoBesideWhatIsUnknown) {
  const Report report = report_of({Verdict::violated, Verdict::unknown, Verdict::holds});

  EXPECT_EQ(report.verdict(), Verdict::violated);
  EXPECT_EQ(report.exit_code(), 1);
}

TEST(Report, IsUnknownWhenOneResultIs) {
  const Report report = report_of({Verdict::holds, Verdict::unknown});

  EXPECT_EQ(report.verdict(), Verdict::unknown);
  EXPECT_EQ(report.exit_code(), 2);
}

TEST(Report, IsUnknownWhenNothingRan) {
  EXPECT_EQ(report_of({}).verdict(), Verdict::unknown);
  EXPECT_EQ(report_of({}).exit_code(), 2);
}

TEST(Report, IsUnknownWhenNothingWasJudged) {
  EXPECT_EQ(report_of({Verdict::nothing_judged}).exit_code(), 2);
  EXPECT_EQ(report_of({Verdict::nothing_judged, Verdict::not_applicable}).exit_code(), 2);
  EXPECT_EQ(report_of({Verdict::nothing_judged, Verdict::holds}).exit_code(), 2);
}

TEST(Report, IsUnknownWhenNothingApplied) {
  EXPECT_EQ(report_of({Verdict::not_applicable}).exit_code(), 2);
}

}  // namespace
}  // namespace gauntlet::core
