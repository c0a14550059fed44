#include "harness/core/verdict.h"

#include <gtest/gtest.h>

namespace gauntlet::core {
namespace {

TEST(Verdict, GrowsWorseFromNotApplicableOverHoldsAndUnknownToViolated) {
  EXPECT_EQ(worst(Verdict::not_applicable, Verdict::holds), Verdict::holds);
  EXPECT_EQ(worst(Verdict::unknown, Verdict::holds), Verdict::unknown);
  EXPECT_EQ(worst(Verdict::unknown, Verdict::violated), Verdict::violated);
}

TEST(Verdict, IsSpelledAsReportsSpellIt) {
  EXPECT_EQ(to_string(Verdict::holds), "holds");
  EXPECT_EQ(to_string(Verdict::violated), "violated");
  EXPECT_EQ(to_string(Verdict::unknown), "unknown");
  EXPECT_EQ(to_string(Verdict::not_applicable), "not-applicable");
}

TEST(Judgement, BeginsAsNothingJudgedAndIsUnknownUnlessAnOracleSaysHolds) {
  const Judgement fresh;
  EXPECT_EQ(to_string(fresh.verdict), "unknown");
  EXPECT_EQ(settled(fresh).verdict, Verdict::unknown);
  EXPECT_EQ(settled(fresh).reason, "nothing was judged");

  Judgement passed_over;
  merge(passed_over, not_applicable("it records no names"));
  EXPECT_EQ(settled(passed_over).verdict, Verdict::unknown);

  Judgement said;
  merge(said, judged({}));
  EXPECT_EQ(settled(said).verdict, Verdict::holds);
}

TEST(Judged, HoldsWithoutAFinding) { EXPECT_EQ(judged({}).verdict, Verdict::holds); }

TEST(Judged, HoldsWithOnlyAWarning) {
  const Judgement judgement =
      judged({{.id = "odd", .message = "odd", .severity = Severity::warning}});

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_EQ(judgement.findings.size(), 1U);
}

TEST(Judged, IsViolatedByOneViolationAmongWarnings) {
  EXPECT_EQ(judged({{.id = "odd", .message = "odd", .severity = Severity::warning},
                    {.id = "bad", .message = "bad"}})
                .verdict,
            Verdict::violated);
}

TEST(Merge, KeepsTheFirstReasonOfTheWorstAndEveryFinding) {
  Judgement whole = judged({{.id = "a", .message = "a", .severity = Severity::warning}});

  merge(whole, unknown("first"));
  merge(whole, unknown("second"));
  merge(whole, judged({{.id = "b", .message = "b", .severity = Severity::warning}}));

  EXPECT_EQ(whole.verdict, Verdict::unknown);
  EXPECT_EQ(whole.reason, "first");
  EXPECT_EQ(whole.findings.size(), 2U);
}

TEST(Merge, DropsTheReasonOfALesserVerdict) {
  Judgement whole = unknown("no server");

  merge(whole, judged({{.id = "bad", .message = "bad"}}));

  EXPECT_EQ(whole.verdict, Verdict::violated);
  EXPECT_EQ(whole.reason, "");
}

TEST(Merge, OfWhatIsNotApplicableChangesNoVerdict) {
  Judgement whole = judged({});

  merge(whole, not_applicable("records no names"));

  EXPECT_EQ(whole.verdict, Verdict::holds);
  EXPECT_EQ(whole.reason, "");
}

TEST(Merge, IntoWhatIsNotApplicableTakesTheVerdictOfThePart) {
  Judgement whole = not_applicable("records no names");

  merge(whole, judged({}));

  EXPECT_EQ(whole.verdict, Verdict::holds);
}

}  // namespace
}  // namespace gauntlet::core
