#include "harness/bench/chart.h"
#include "harness/bench/measure.h"
#include "harness/bench/row_figures.h"
#include "harness/bench/sample_study_test.h"
#include "harness/bench/study_html.h"
#include "harness/bench/study_json.h"
#include "harness/bench/study_text.h"
#include "harness/bench/timeline_html.h"
#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::bench {
namespace {

using testing::ContainsRegex;
using testing::DoubleNear;
using testing::HasSubstr;
using testing::Not;

TEST(RowFigures, CompareWithinTheRoundsSoThatASlowOneCountsForNothing) {
  const Study study = sample_study();
  const RowFigures reference = figures_of(study, study.rows[1]);
  ASSERT_TRUE(reference.to_floor && reference.to_floor->interval);
  EXPECT_THAT(reference.to_floor->median, DoubleNear((2 + 2.4 * 16) / (2 + 2.0 * 16), 1e-9));
  EXPECT_THAT(reference.to_floor->interval->high, DoubleNear(reference.to_floor->median, 1e-9));
  EXPECT_FALSE(reference.to_reference);
  EXPECT_FALSE(figures_of(study, study.rows[0]).to_floor);
}

TEST(RowFigures, OfAWrongRunnerAreComparedWithNobodys) {
  Study study = sample_study();
  study.rows[2].runs[3].wrong = "migration 2 took effect 2 times";
  const RowFigures wrong = figures_of(study, study.rows[2]);
  EXPECT_EQ(wrong.wrong_runs, 1U);
  EXPECT_EQ(wrong.wrong, "migration 2 took effect 2 times");
  EXPECT_FALSE(wrong.to_floor);
  EXPECT_FALSE(wrong.to_reference);
}

TEST(Growth, IsTheSlopeOverTheReplicasAndItsRatioToTheFloors) {
  const auto growths = growths_of(sample_study());
  ASSERT_EQ(growths.size(), 3U);
  EXPECT_EQ(growths[1].who, "gauntlet-migrate");
  EXPECT_EQ(growths[1].from, 16U);
  EXPECT_EQ(growths[1].cell.replicas, 64U);
  ASSERT_TRUE(growths[1].to_floor && growths[1].to_floor->interval);
  EXPECT_THAT(growths[1].to_floor->median, DoubleNear(1.2, 1e-9));
  EXPECT_FALSE(growths[0].to_floor);
}

TEST(Growth, LeavesOutWhoWasWrongInALargeFleet) {
  Study study = sample_study();
  study.rows[8].runs[0].wrong = "replica 3 of 64 ended with exit 1";
  EXPECT_EQ(growths_of(study).size(), 2U);
}

TEST(Lead, IsOfTheFastestOtherThatWasRightInEachCell) {
  Study study = sample_study();
  EXPECT_THAT(text_of(study), HasSubstr("in 3 cells\n  at most 5 pending, 16 replicas: x 0.49 "));
  EXPECT_THAT(text_of(study), HasSubstr("beyond x 1.3 in 0 of them\n\n"));
  study.rows.push_back(row_of(32, "quick <one>", Role::other, 1.5));
  study.rows.push_back(row_of(64, "quick and wrong", Role::other, 1));
  study.rows.back().runs[2].wrong = "migration 2 took effect 2 times";
  const auto leads = leads_of(study);
  ASSERT_EQ(leads.size(), 3U);
  EXPECT_EQ(leads[1].who, "quick <one>");
  EXPECT_THAT(leads[1].ratio.median, DoubleNear((2 + 2.4 * 32) / (2 + 1.5 * 32), 1e-9));
  EXPECT_EQ(leads[2].who, "some <runner>");
  EXPECT_THAT(text_of(study), HasSubstr("beyond x 1.3 in 1 of them\n    5 pending, 32 replicas: "
                                        "x 1.58 [1.58, 1.58] of quick <one>\n"));
  EXPECT_THAT(html_of({study}),
              HasSubstr("32 replicas: quick &lt;one&gt; leads by more than x 1.3: "
                        "the reference takes x 1.58 [1.58, 1.58]"));
}

TEST(Lead, IsNobodysOverAReferenceThatWasWrong) {
  Study study = sample_study();
  for (Row& row : study.rows)
    if (row.role == Role::reference) row.runs[0].wrong = "replica 3 ended with exit 1";
  EXPECT_TRUE(leads_of(study).empty());
}

TEST(Told, SaysNothingOfFewRoundsAndOfAnIntervalAroundOne) {
  EXPECT_EQ(told_by({.median = 2}, 0), Told::too_few_rounds);
  EXPECT_EQ(told_by({.median = 1.1, .interval = figures::Interval{.low = 0.9, .high = 1.3}}, 0.1),
            Told::no_difference);
  EXPECT_EQ(told_by({.median = 1.1, .interval = figures::Interval{.low = 1.05, .high = 1.3}}, 0.1),
            Told::slower);
  EXPECT_EQ(told_by({.median = 0.9, .interval = figures::Interval{.low = 0.8, .high = 0.95}}, 0.1),
            Told::faster);
}

TEST(Told, SaysNothingOfANoisyRun) {
  EXPECT_EQ(told_by({.median = 2, .interval = figures::Interval{.low = 1.5, .high = 3}}, 0.2),
            Told::too_noisy);
}

TEST(StudyJson, IsReadAgainAsItWasWritten) {
  Study study = sample_study();
  study.rows[2].runs[3].wrong = "migration 2 took effect 2 times";
  study.rows[3].unsure = "no table of a known migration tool was found";
  const Study read = study_of(json_of(study));
  EXPECT_EQ(json_of(read), json_of(study));
  EXPECT_EQ(text_of(read), text_of(study));
  EXPECT_EQ(html_of({read}), html_of({study}));
}

TEST(StudyJson, IsInTheFormatOfGoogleBenchmark) {
  const auto json = nlohmann::json::parse(json_of(sample_study()));
  EXPECT_EQ(json.at("context").at("num_cpus"), 2);
  const auto& row = json.at("benchmarks").at(1);
  EXPECT_EQ(row.at("name"), "5 pending/round_trip_ms:0/replicas:16/gauntlet-migrate");
  EXPECT_EQ(row.at("run_type"), "iteration");
  EXPECT_EQ(row.at("iterations"), 9);
  EXPECT_EQ(row.at("time_unit"), "ms");
  EXPECT_THAT(row.at("real_time").get<double>(), DoubleNear(40.4, 1e-9));
  EXPECT_TRUE(row.at("cpu_time").is_number());
}

TEST(StudyJson, RefusesWhatItDidNotWrite) {
  EXPECT_THROW(study_of("{}"), runner::Error);
  EXPECT_THROW(study_of("no JSON"), runner::Error);
}

TEST(StudyText, NamesServerSettingsMachineAndRounds) {
  const std::string text = text_of(sample_study());
  EXPECT_THAT(text, HasSubstr("server: PostgreSQL 15.20, locale C; fsync=off\n"));
  EXPECT_THAT(text, HasSubstr("machine: 2 cores, load 0.5 before and 1.5 after\n"));
  EXPECT_THAT(text, HasSubstr("9 interleaved rounds"));
}

TEST(StudyText, TellsRatiosSlopesAndWhoIsSlowerThanTheReference) {
  const std::string text = text_of(sample_study());
  EXPECT_THAT(text, HasSubstr("1.19 [1.19, 1.19]"));
  EXPECT_THAT(text,
              ContainsRegex("16 to 64 replicas: gauntlet-migrate: .* a replica .*, x floor 1.20"));
  EXPECT_THAT(text, ContainsRegex("64 replicas: some <runner>: .* of the reference: slower"));
}

TEST(StudyText, ShowsAWrongRunnerAsWrongAndNotAsFast) {
  Study study = sample_study();
  for (Row& row : study.rows) {
    if (row.role == Role::other) row.runs[3].wrong = "migration 2 took effect 2 times";
  }
  const std::string text = text_of(study);
  EXPECT_THAT(text, HasSubstr("WRONG in 1 of 9 runs: migration 2 took effect 2 times"));
  EXPECT_THAT(text, Not(HasSubstr("of the reference")));
  EXPECT_THAT(markdown_of(study), HasSubstr("wrong in 1 of 9"));
}

TEST(StudyText, ConcludesNothingFromOneRoundAndSaysSo) {
  Study study = sample_study();
  study.facts.rounds = 1;
  for (Row& row : study.rows) row.runs.resize(1);
  const std::string text = text_of(study);
  EXPECT_THAT(text, HasSubstr("nothing is concluded"));
  EXPECT_THAT(text, Not(HasSubstr(": slower")));
}

TEST(StudyText, MarksANoisyRow) {
  Study study = sample_study();
  EXPECT_THAT(text_of(study), Not(HasSubstr("measure it again")));
  for (std::size_t round = 0; round < 9; ++round)
    study.rows[1].runs[round].makespan_ms = 10 + 10 * static_cast<double>(round);
  EXPECT_THAT(text_of(study), HasSubstr("%!"));
  EXPECT_THAT(text_of(study), HasSubstr("measure it again"));
}

TEST(StudyMarkdown, HasALineACellAndAColumnAContender) {
  const std::string table = markdown_of(sample_study());
  EXPECT_THAT(table,
              HasSubstr("| to do | round trip | replicas | bare program | gauntlet-migrate |"));
  EXPECT_THAT(table,
              HasSubstr("| 5 pending | local | 16 | 34 ms | 40 ms (x 1.19) | 82 ms (x 2.41) |"));
  EXPECT_THAT(table, HasSubstr("1.20 x the floor"));
  EXPECT_THAT(table, HasSubstr("`gauntlet bench --replicas 16,32,64`"));
}

TEST(StudyHtml, NeedsNothingFromElsewhereAndEscapesWhatIsNotOurs) {
  const std::string page = html_of({sample_study(), sample_study()});
  EXPECT_THAT(page, Not(HasSubstr("http")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("some &lt;runner&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("some <runner>")));
  EXPECT_THAT(page, HasSubstr("SELECT 1 &lt; 2"));
  EXPECT_THAT(page, Not(HasSubstr("nan")));
}

TEST(Chart, OfNothingIsNothingAndOfOnePointIsNoDivisionByZero) {
  EXPECT_EQ(chart({}, {{.name = "empty"}}), "");
  const std::string one = chart({}, {{.name = "one", .points = {{3, 4}}}});
  EXPECT_THAT(one, HasSubstr("<circle"));
  EXPECT_THAT(one, Not(HasSubstr("nan")));
  EXPECT_THAT(one, Not(HasSubstr("inf")));
}

core::Event event_of(core::Event::Kind kind, std::size_t replica, int ms,
                     std::optional<std::size_t> step = {}) {
  return {.kind = kind, .replica = replica, .at = std::chrono::milliseconds(ms), .step = step};
}

TEST(Counted, TellsStatementsAndRoundTripsOfAReplicaAndWhatItDidWhen) {
  using Kind = core::Event::Kind;
  core::History history{.replicas = 2};
  history.steps = {
      {.step = {.sql = "SELECT 1;\n  SELECT 2"}, .reply = core::Reply{.statements = {{}, {}}}},
      {.step = {.kind = core::Step::Kind::wait}, .reply = core::Reply{}}};
  history.events = {event_of(Kind::released, 0, 10),    event_of(Kind::released, 1, 10),
                    event_of(Kind::opened, 1, 12),      event_of(Kind::asked, 1, 13, 0),
                    event_of(Kind::answered, 1, 14, 0), event_of(Kind::asked, 1, 14, 1),
                    event_of(Kind::answered, 1, 20, 1), event_of(Kind::exited, 0, 40),
                    event_of(Kind::exited, 1, 21)};
  const Counted counted = counted_of(history);
  EXPECT_EQ(counted.statements, 1);
  EXPECT_EQ(counted.round_trips, 0.5);
  ASSERT_EQ(counted.lanes.size(), 2U);
  EXPECT_EQ(counted.lanes[0].left_ms, 11);
  ASSERT_EQ(counted.lanes[0].spans.size(), 3U);
  EXPECT_EQ(counted.lanes[0].spans[1].what, "SELECT 1; SELECT 2");
  EXPECT_EQ(counted.lanes[0].spans[1].from_ms, 3);
  EXPECT_EQ(counted.lanes[0].spans[2].what, "wait");
}

core::StepRecord asked_by(std::size_t replica, const std::string& sql, const std::string& value) {
  return {.step = {.session = {.replica = replica}, .sql = sql},
          .reply = core::Reply{.statements = {{.tag = "SELECT 1", .rows = 1, .value = value}}}};
}

TEST(Timeline, ShowsWhoHeldTheLockFromWhenForHowLong) {
  using Kind = core::Event::Kind;
  core::History history{.replicas = 2};
  history.steps = {asked_by(0, "SELECT pg_advisory_lock(7)", ""),
                   asked_by(0, "SELECT pg_advisory_unlock(7)", "t"),
                   asked_by(1, "SELECT pg_advisory_lock(7)", "")};
  history.events = {event_of(Kind::released, 0, 10),    event_of(Kind::asked, 0, 11, 0),
                    event_of(Kind::let_go, 0, 11, 0),   event_of(Kind::answered, 0, 12, 0),
                    event_of(Kind::asked, 0, 40, 1),    event_of(Kind::let_go, 0, 40, 1),
                    event_of(Kind::answered, 0, 41, 1), event_of(Kind::asked, 1, 13, 2),
                    event_of(Kind::let_go, 1, 13, 2),   event_of(Kind::answered, 1, 42, 2),
                    event_of(Kind::exited, 0, 43),      event_of(Kind::exited, 1, 50)};
  const Counted counted = counted_of(history);
  ASSERT_EQ(counted.lanes.at(0).held.size(), 1U);
  EXPECT_EQ(counted.lanes[0].held[0].from_ms, 2);
  EXPECT_EQ(counted.lanes[0].held[0].until_ms, 30);
  const std::string page = timeline_html(counted);
  EXPECT_THAT(page, HasSubstr("2.0 to 30.0 ms: holds the lock 7"));
  EXPECT_THAT(page, HasSubstr("<tr><td>1<td>2.0<td>30.0<td>28.0<td class=t>7</tr>"));
}

TEST(Timeline, SaysThatNoLockWasHeld) {
  const std::string page = timeline_html({.lanes = {{.left_ms = 5}}});
  EXPECT_THAT(page, HasSubstr("No replica was seen to hold an advisory lock"));
  EXPECT_THAT(page, Not(HasSubstr("class=holds")));
}

}  // namespace
}  // namespace gauntlet::bench
