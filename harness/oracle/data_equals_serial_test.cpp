#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Data;
using core::TableData;
using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_data_equals_serial(const Observation& observation) {
  return ask(oracle("data-equals-serial"), observation);
}

core::Snapshot with(Data data) { return {.data = std::move(data)}; }

TableData rows(std::int64_t count, const std::string& id, const std::string& at = "t") {
  return {.rows = count, .columns = {{"id", id}, {"at", at}}};
}

Observation observation(const Data& first, const Data& second, const Data& here) {
  return {.after = with(here), .serial = {with(first), with(second)}};
}

TEST(DataEqualsSerial, HoldsWhenRowsAndStableColumnsAreEqual) {
  const auto judgement = judge_data_equals_serial(observation({{"public.a", rows(4, "x", "1")}},
                                                              {{"public.a", rows(4, "x", "2")}},
                                                              {{"public.a", rows(4, "x", "3")}}));

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_EQ(judgement.reason, "not compared, since two serial runs differ there: public.a.at");
}

TEST(DataEqualsSerial, IsViolatedByMoreRowsThanASerialRunLeaves) {
  const Data serial = {{"public.a", rows(4, "x")}};

  const auto judgement =
      judge_data_equals_serial(observation(serial, serial, {{"public.a", rows(8, "y")}}));

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "applied-twice");
  EXPECT_EQ(judgement.findings[0].message,
            "public.a holds 4 rows more than a serial run leaves: 8 rows, serial 4");
}

TEST(DataEqualsSerial, IsViolatedByMissingRows) {
  const Data serial = {{"public.a", rows(4, "x")}};

  const auto judgement =
      judge_data_equals_serial(observation(serial, serial, {{"public.a", rows(1, "y")}}));

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "rows-missing");
}

TEST(DataEqualsSerial, IsViolatedByAnotherValueInAStableColumn) {
  const Data serial = {{"public.a", rows(4, "x")}};

  const auto judgement =
      judge_data_equals_serial(observation(serial, serial, {{"public.a", rows(4, "y")}}));

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "data-differs");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("column id"));
}

TEST(DataEqualsSerial, IsViolatedByValuesThatMovedToOtherRows) {
  TableData serial = rows(4, "x");
  serial.by_key = {{"id", "i"}, {"at", "1"}};
  TableData here = serial;
  here.by_key["at"] = "2";

  const auto judgement = judge_data_equals_serial(
      observation({{"public.a", serial}}, {{"public.a", serial}}, {{"public.a", here}}));

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "data-differs");
  EXPECT_EQ(judgement.findings[0].message,
            "public.a holds a serial run's values, but in other rows, in column at");
}

TEST(DataEqualsSerial, HoldsWhereTheKeysOfSerialRunsDiffer) {
  TableData first = rows(4, "x");
  TableData second = first;
  TableData here = first;
  first.by_key["id"] = "1";
  second.by_key["id"] = "2";
  here.by_key["id"] = "3";

  EXPECT_EQ(judge_data_equals_serial(
                observation({{"public.a", first}}, {{"public.a", second}}, {{"public.a", here}}))
                .verdict,
            Verdict::holds);
}

TEST(DataEqualsSerial, LeavesATableOutWhoseRowsSerialRunsCountDifferently) {
  const auto judgement = judge_data_equals_serial(observation(
      {{"a", rows(4, "x")}, {"b", rows(1, "b")}}, {{"a", rows(5, "x")}, {"b", rows(1, "b")}},
      {{"a", rows(9, "x")}, {"b", rows(1, "b")}}));

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_THAT(judgement.reason, HasSubstr("differ there: a"));
}

TEST(DataEqualsSerial, LeavesTablesOfOneSideOnlyToTheSchema) {
  const Data serial = {{"a", rows(4, "x")}, {"b", rows(1, "b")}};

  EXPECT_EQ(judge_data_equals_serial(
                observation(serial, serial, {{"a", rows(4, "x")}, {"c", rows(1, "c")}}))
                .verdict,
            Verdict::holds);
}

TEST(DataEqualsSerial, ComparesOnlyTheRowCountOfTheTracker) {
  const Data serial = {{"public.history", rows(4, "x", "3 ms")}};
  Observation seen = observation(serial, serial, {{"public.history", rows(4, "x", "5 ms")}});
  seen.applied = core::Applied{.tracker = "public.history"};

  EXPECT_EQ(judge_data_equals_serial(seen).verdict, Verdict::holds);
  (*seen.after->data)["public.history"].rows = 5;
  EXPECT_EQ(judge_data_equals_serial(seen).verdict, Verdict::violated);
}

TEST(DataEqualsSerial, FindsTheTrackerInAQuery) {
  const Data serial = {{"public.history", rows(4, "x", "3 ms")}};
  Observation seen = observation(serial, serial, {{"public.history", rows(4, "x", "5 ms")}});
  seen.applied = core::Applied{.tracker = "SELECT version FROM \"history\" ORDER BY 1"};

  EXPECT_EQ(judge_data_equals_serial(seen).verdict, Verdict::holds);
}

TEST(DataEqualsSerial, HoldsForASetWithoutAnyTable) {
  EXPECT_EQ(judge_data_equals_serial(observation({}, {}, {})).verdict, Verdict::holds);
}

TEST(DataEqualsSerial, IsUnknownWhenNoTableCanBeCompared) {
  const auto judgement = judge_data_equals_serial(
      observation({{"a", rows(4, "x")}}, {{"a", rows(5, "x")}}, {{"a", rows(9, "x")}}));

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("differ there: a"));
}

TEST(DataEqualsSerial, IsUnknownWithoutTwoSerialRuns) {
  EXPECT_EQ(judge_data_equals_serial({.after = with({}), .serial = {with({})}}).verdict,
            Verdict::unknown);
}

TEST(DataEqualsSerial, IsUnknownWhenDataWasNotRead) {
  const Observation seen = {.after = core::Snapshot{.missing = "too large"},
                            .serial = {with({}), with({})}};

  const auto judgement = judge_data_equals_serial(seen);

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("too large"));
}

// A line a replica in a log of its own is no data of the migrations; a tracker is compared.
TEST(DataEqualsSerial, LeavesOutTheTablesThatTheRunnerMadeForItself) {
  const auto with_rows = [](std::int64_t rows) {
    return with({{"public.runs", {.rows = rows}}, {"public.t", {.rows = 1}}});
  };
  const Oracle& asked = oracle("data-equals-serial");
  Observation seen{.after = with_rows(16), .serial = {with_rows(1), with_rows(1)}};
  EXPECT_EQ(ask(asked, seen).verdict, core::Verdict::violated);
  seen.own_tables = {"runs"};
  EXPECT_EQ(ask(asked, seen).verdict, core::Verdict::holds);
  seen.applied = core::Applied{.tracker = "public.runs"};
  EXPECT_EQ(ask(asked, seen).verdict, core::Verdict::violated);
}

}  // namespace
}  // namespace gauntlet::oracle
