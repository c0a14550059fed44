#include "harness/certify/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::certify {
namespace {

using testing::HasSubstr;
using testing::Not;
using Weight = Grade::Weight;

Certificate with(Weight weight) {
  return {.runner = "tool",
          .date = "2026-01-02",
          .gauntlet = "1",
          .server = "PostgreSQL 15",
          .grades = {{.area = Area::drift,
                      .what = "edited",
                      .grade = "ignored",
                      .why = "nothing | happened",
                      .weight = weight}}};
}

TEST(Certificate, IsViolatedByHarmAndByABrokenPromiseAndNotByAWish) {
  EXPECT_EQ(with(Weight::harm).verdict(), core::Verdict::violated);
  EXPECT_EQ(with(Weight::wish).verdict(), core::Verdict::holds);
  EXPECT_EQ(with(Weight::fine).verdict(), core::Verdict::holds);
  Certificate broken = with(Weight::fine);
  broken.promises = {{.id = "detects-edits", .state = JudgedPromise::State::broken}};
  EXPECT_EQ(broken.verdict(), core::Verdict::violated);
}

TEST(Certificate, IsUnknownWhereSomethingIsUndecidedOrNothingWasJudged) {
  EXPECT_EQ(with(Weight::undecided).verdict(), core::Verdict::unknown);
  EXPECT_EQ(with(Weight::not_asked).verdict(), core::Verdict::unknown);
  EXPECT_EQ(Certificate{}.verdict(), core::Verdict::unknown);
}

TEST(Certificate, ReportShowsABrokenPromiseApartFromAWish) {
  Certificate certificate = with(Weight::wish);
  certificate.promises = {{.id = "detects-edits",
                           .page = "https://tool/docs",
                           .state = JudgedPromise::State::broken,
                           .why = "drift edited is ignored"}};
  const core::Report report = report_of(certificate, 1);
  ASSERT_EQ(report.results.size(), 2U);
  EXPECT_EQ(report.results[0].id, "promise/detects-edits");
  EXPECT_EQ(report.results[0].judgement.verdict, core::Verdict::violated);
  EXPECT_THAT(report.results[0].judgement.findings.at(0).fix, HasSubstr("https://tool/docs"));
  EXPECT_EQ(report.results[1].id, "certify/drift");
  EXPECT_EQ(report.results[1].judgement.verdict, core::Verdict::holds);
  EXPECT_EQ(report.results[1].judgement.findings.at(0).severity, core::Severity::warning);
}

TEST(Certificate, MarkdownHasAHeadingOnlyForWhatThereIs) {
  const std::string page = markdown(with(Weight::wish));
  EXPECT_THAT(page, HasSubstr("# tool: holds"));
  EXPECT_THAT(page, HasSubstr("## What we wish were otherwise"));
  EXPECT_THAT(page, HasSubstr("nothing \\| happened"));
  EXPECT_THAT(page, Not(HasSubstr("## What harms")));
  EXPECT_THAT(page, Not(HasSubstr("## What the tool promises")));
}

}  // namespace
}  // namespace gauntlet::certify
