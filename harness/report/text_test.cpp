#include "harness/report/golden.h"
#include "harness/report/legible.h"
#include "harness/report/report.h"
#include "harness/report/sample_reports.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::report {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Text, OfAReportThatHolds) {
  const std::string now = text(all_hold());
  EXPECT_EQ(now, golden("all_hold.txt", now));
}

TEST(Text, OfAReportWithFindings) {
  const std::string now = text(much_is_wrong());
  EXPECT_EQ(now, golden("much_is_wrong.txt", now));
}

TEST(Text, OfAScenarioThatFailsTellsItsStory) {
  const std::string now = text(a_scenario_fails());
  EXPECT_EQ(now, golden("a_scenario_fails.txt", now));
}

TEST(Text, OfANarrowTerminal) {
  const std::string now = text(much_is_wrong(), {.width = 60});
  EXPECT_EQ(now, golden("much_is_wrong_narrow.txt", now));
}

TEST(Text, OfMessagesOfAnyBytes) {
  const std::string now = text(any_bytes());
  EXPECT_EQ(now, golden("any_bytes.txt", now));
}

TEST(Text, OfARunInWhichNothingRan) {
  const std::string now = text(nothing_ran());
  EXPECT_EQ(now, golden("nothing_ran.txt", now));
}

TEST(Text, ShowsOfALongHistoryOnlyTheFilesWorthALine) {
  core::Result result = {.id = "check/dry-run"};
  for (int i = 1; i <= 400; ++i) {
    result.files.push_back({.file = fmt::format("{:03}_a.up.sql", i)});
  }
  result.files[6].locks = {{.relation = "public.a", .mode = "ShareLock"}};
  result.files[7].what = core::FileOutcome::What::failed;
  for (std::size_t i = 8; i < 400; ++i) {
    result.files[i].what = core::FileOutcome::What::not_judged;
    result.files[i].why = "follows 008";
  }

  const std::string all = text({.results = {result}});

  EXPECT_THAT(all, HasSubstr("007_a.up.sql"));
  EXPECT_THAT(all, HasSubstr("008_a.up.sql"));
  EXPECT_THAT(all, Not(HasSubstr("006_a.up.sql")));
  EXPECT_THAT(all, HasSubstr("6 more files: ok"));
  EXPECT_THAT(all, HasSubstr("392 more files: not judged"));
}

/// Six checks; three with findings of which hardly two are alike, and what a program printed.
core::Report two_hundred_findings() {
  const std::vector<std::string> ids = {"lint", "status",   "dry-run",
                                        "boot", "replicas", "rollback"};
  std::string printed = "a single run fails; it printed:";
  for (int line = 0; line < 30; ++line) printed += fmt::format("\nwarning: {}", line);
  core::Report report;
  for (const std::string& id : ids) {
    core::Result result{.id = "check/" + id, .notes = std::vector<std::string>(30, "noted")};
    std::vector<core::Finding> findings;
    for (int number = 0; number < 70 && id != "status" && id != "dry-run"; ++number)
      findings.push_back({.id = fmt::format("cause-{}", number % 9),
                          .message = printed + std::string(static_cast<std::size_t>(number), 'x'),
                          .fix = "mend it"});
    result.judgement = id == "replicas" ? core::unknown(printed) : core::judged(findings);
    report.results.push_back(std::move(result));
  }
  return report;
}

TEST(Text, OfTwoHundredFindingsIsShorterThanSixtyLines) {
  const std::string short_text = text(two_hundred_findings());
  EXPECT_LT(std::ranges::count(short_text, '\n'), 60) << short_text;
  EXPECT_THAT(short_text, HasSubstr("of cause-8"));
  const std::string whole = text(two_hundred_findings(), {.all = true});
  EXPECT_GT(std::ranges::count(whole, '\n'), 200);
  EXPECT_THAT(whole, HasSubstr("warning: 15"));
}

TEST(Text, ShortensWhatAProgramPrintedToItsFirstAndLastLines) {
  const std::string short_text = text(two_hundred_findings());
  EXPECT_THAT(short_text, HasSubstr("a single run fails; it printed:"));
  EXPECT_THAT(short_text, HasSubstr("more lines: --all)"));
}

TEST(Text, TellsOnceWhySeveralAreNotApplicable) {
  const auto not_asked = [](std::string id, std::string why) {
    return core::Result{.id = std::move(id), .judgement = core::not_applicable(std::move(why))};
  };
  const std::string all =
      text({.results = {not_asked("a/one", "it has hooks"),
                        {.id = "a/two", .judgement = core::judged({})},
                        not_asked("b/three", "it is about a file"),
                        not_asked("b/four", "it has hooks"),
                        {.id = "b/five", .judgement = core::unknown("it has hooks")}}});
  EXPECT_THAT(all, HasSubstr("\n\n2 not applicable: it has hooks\n    a/one, b/four\n"));
  EXPECT_THAT(all, Not(HasSubstr("a/one  ")));
  EXPECT_THAT(all, HasSubstr("b/five "));
  EXPECT_THAT(all, ContainsRegex("b/three +not-applicable .*\n    it is about a file"));
  EXPECT_THAT(all, HasSubstr("3 not applicable\n"));
}

TEST(Text, EndsInVerdictAndExitCode) {
  EXPECT_THAT(text(much_is_wrong()), EndsWith("\nverdict: violated (exit 1)\n"));
  EXPECT_THAT(text(all_hold()), EndsWith("\nverdict: holds (exit 0)\n"));
  EXPECT_THAT(text(nothing_ran()), EndsWith("\nverdict: unknown (exit 2)\n"));
}

TEST(Text, BeginsWithTheServer) {
  EXPECT_THAT(text(all_hold()), StartsWith("server: PostgreSQL 15.20, locale C.UTF-8"));
}

TEST(Text, KeepsEveryLineButTheReplayWithinTheWidth) {
  std::istringstream lines(text(much_is_wrong(), {.width = 60}));
  for (std::string each; std::getline(lines, each);) {
    SCOPED_TRACE(each);
    EXPECT_TRUE(columns_of(each) <= 60 || each.starts_with("replay: "));
  }
}

TEST(Text, IsColouredOnlyWhenAsked) {
  EXPECT_THAT(text(much_is_wrong()), Not(HasSubstr("\x1b[")));
  EXPECT_THAT(text(much_is_wrong(), {.colour = true}),
              HasSubstr("\x1b[31;1merror[applied-twice]: \x1b[0mpublic.journal"));
}

TEST(Text, IsTheSameWithColourButForTheColours) {
  EXPECT_EQ(legible(text(much_is_wrong(), {.colour = true})), text(much_is_wrong()));
}

TEST(Text, TellsAReplayThatSeveralResultsShareOnce) {
  const std::string all = text(much_is_wrong());
  const std::string replay = "replay: gauntlet verify --checks replicas --seed 42\n";

  ASSERT_THAT(all, HasSubstr(replay));
  EXPECT_EQ(all.find(replay), all.rfind(replay));
}

}  // namespace
}  // namespace gauntlet::report
