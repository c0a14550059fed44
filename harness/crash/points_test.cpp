#include "harness/crash/points.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::crash {
namespace {

using testing::ElementsAre;

const std::vector<truth::File> point_files = {
    {.name = "001_a.up.sql", .version = 1, .sql = "CREATE TABLE a (n int); CREATE TABLE b (n int)"},
    {.name = "002_b.up.sql", .version = 2, .sql = "INSERT INTO a VALUES (7)"},
    {.name = "003_c.up.sql", .version = 3, .sql = "INSERT INTO b VALUES (9)"}};

class RecordedRun {
 public:
  RecordedRun& step(const std::string& sql, bool leaves_open, const std::string& tag) {
    const std::size_t number = history_.steps.size();
    core::StepRecord record{.step = {.index = number, .sql = sql}};
    record.reply = core::Reply{.statements = {{.tag = tag}}, .in_transaction = leaves_open};
    history_.steps.push_back(std::move(record));
    return *this;
  }

  /// A migration of one message a statement.
  RecordedRun& migration(std::initializer_list<const char*> body, int version) {
    step("BEGIN", true, "BEGIN");
    for (const char* statement : body) step(statement, true, "INSERT 0 1");
    step("INSERT INTO tracker (version) VALUES (" + std::to_string(version) + ")", true,
         "INSERT 0 1");
    return step("COMMIT", false, "COMMIT");
  }

  std::vector<Point> points(Which which) const {
    std::vector<trace::Source> sources;
    for (const truth::File& file : point_files)
      sources.push_back({.name = file.name.substr(0, 5),
                         .version = std::to_string(file.version),
                         .text = file.sql});
    const trace::Trace trace = trace::read(history_, {}, sources);
    return points_of(history_, trace.first, point_files, which);
  }

 private:
  core::History history_{.replicas = 1};
};

RecordedRun three_migrations() {
  RecordedRun run;
  run.step("SELECT version FROM tracker", false, "SELECT 0");
  run.migration({"CREATE TABLE a (n int)", "CREATE TABLE b (n int)"}, 1);
  run.migration({"INSERT INTO a VALUES (7)"}, 2);
  run.migration({"INSERT INTO b VALUES (9)"}, 3);
  return run;
}

std::vector<std::string> ids_of(const std::vector<Point>& points) {
  std::vector<std::string> ids;
  for (const Point& point : points) ids.push_back(point.id);
  return ids;
}

TEST(CrashPoints, AreNamedInTheUsersWords) {
  EXPECT_THAT(ids_of(three_migrations().points(Which::all)),
              ElementsAre("look", "begin-1", "statement-1-of-1", "statement-2-of-1", "record-1",
                          "commit-1", "begin-2", "body-2", "record-2", "commit-2", "begin-3",
                          "body-3", "record-3", "commit-3"));
  const auto points = three_migrations().points(Which::all);
  EXPECT_EQ(points[5].label, "the COMMIT of version 1");
  EXPECT_EQ(points[3].label, "statement 2 of 001_a.up.sql");
}

TEST(CrashPoints, EqualOnesAreSweptOnceAndNamed) {
  const auto points = three_migrations().points(Which::equal_once);
  EXPECT_THAT(ids_of(points),
              ElementsAre("look", "begin-1", "statement-1-of-1", "statement-2-of-1", "record-1",
                          "commit-1", "begin-2", "body-2", "record-2", "commit-2"));
  EXPECT_THAT(points.back().same, ElementsAre("the COMMIT of version 3"));
}

TEST(CrashPoints, DescriptionsOfAToolsOwnColumnsAreEqualWithinATransaction) {
  RecordedRun run;
  run.step("BEGIN", true, "BEGIN");
  for (const char* column : {"x", "y", "z"})
    run.step(std::string("COMMENT ON COLUMN tracker.") + column + " IS 'it'", true, "COMMENT");
  run.step("COMMIT", false, "COMMIT");
  run.migration({"CREATE TABLE a (n int)", "CREATE TABLE b (n int)"}, 1);
  const auto points = run.points(Which::equal_once);
  EXPECT_EQ(std::ranges::count_if(
                points, [](const Point& point) { return point.id.starts_with("comment"); }),
            1);
  EXPECT_EQ(points[1].same.size(), 2U);
}

TEST(CrashPoints, AStepIsFoundAgainByWhatItSaysAndHowOftenThatWasSaidBefore) {
  const auto points = three_migrations().points(Which::all);
  EXPECT_EQ(points[13].target.says, "COMMIT");
  EXPECT_EQ(points[13].target.occurrence, 2U);
  EXPECT_EQ(says_of({.sql = "INSERT INTO t /* x */ VALUES (1, 'a', $1);"}),
            says_of({.sql = "INSERT INTO t VALUES (22, 'b', $1)"}));
}

TEST(CrashPoints, ATableThatARunMakesToTrySomethingHasAnotherNameInTheNextRun) {
  EXPECT_EQ(says_of({.sql = R"(CREATE TABLE "_own_tmp_pafk" (id int))"}),
            says_of({.sql = R"(CREATE TABLE "_own_tmp_qrst" (id int))"}));
  EXPECT_NE(says_of({.sql = "CREATE TABLE pafk (id int)"}),
            says_of({.sql = "CREATE TABLE qrst (id int)"}));
  EXPECT_NE(says_of({.sql = "CREATE TABLE attempts (id int)"}),
            says_of({.sql = "CREATE TABLE tempers (id int)"}));
}

TEST(CrashPoints, ARepeatedStepOfNoFileIsNotNamedAsOneOfAVersion) {
  RecordedRun run;
  for (int i = 0; i < 2; ++i) run.step("BEGIN", true, "BEGIN").step("COMMIT", false, "COMMIT");
  run.step("SELECT version FROM tracker", false, "SELECT 0");
  run.migration({"CREATE TABLE a (n int)", "CREATE TABLE b (n int)"}, 1);
  run.migration({"INSERT INTO a VALUES (7)"}, 2);
  const auto ids = ids_of(run.points(Which::all));
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_THAT(ids, testing::IsSupersetOf({"begin", "begin-nr2", "begin-2", "commit-nr2"}));
}

TEST(CrashPoints, AMessageWithABodyItsRecordAndItsCommitIsOnePoint) {
  RecordedRun run;
  run.step("SELECT version FROM tracker", false, "SELECT 0");
  run.step("BEGIN;INSERT INTO a VALUES (7);INSERT INTO tracker (version) VALUES (2);COMMIT", false,
           "COMMIT");
  EXPECT_THAT(ids_of(run.points(Which::all)), ElementsAre("look", "whole-2"));
}

}  // namespace
}  // namespace gauntlet::crash
