#include "harness/sql/which_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::sql {
namespace {

using testing::ElementsAre;
using Strings = std::vector<std::string>;

/// A history of messages that all succeeded, written by hand.
class Sent {
 public:
  Sent& by(std::size_t replica, const std::string& sql,
           core::Step::Kind kind = core::Step::Kind::message) {
    core::StepRecord record{.step = {.session = {.replica = replica}, .kind = kind, .sql = sql},
                            .reply = core::Reply{}};
    record.reply->statements.resize(20);
    history_.steps.push_back(std::move(record));
    return *this;
  }
  Sent& refused() {
    history_.steps.back().reply =
        core::Reply{.ending = core::Reply::Ending::refused, .sqlstate = "42P07"};
    return *this;
  }

  /// `1/2 of a`, `one of b, c`, `-` for a statement of no file: one a statement.
  Strings from(const std::vector<Body>& files) const {
    const Bodies bodies(files);
    Strings told;
    for (const auto& step : origins_of(history_, bodies))
      for (const auto& origin : step)
        told.push_back(!origin ? "-"
                       : origin->is_ambiguous() || origin->statements == 1
                           ? label_of(*origin, bodies)
                           : std::to_string(origin->statement + 1) + "/" +
                                 std::to_string(origin->statements) + " of " +
                                 label_of(*origin, bodies));
    return told;
  }

 private:
  core::History history_;
};

const std::vector<Body> three = {
    {.name = "a", .sql = "CREATE TABLE a(x int);\nSELECT pg_sleep(0.05);"},
    {.name = "b", .sql = "CREATE TABLE b(x int); -- more\nSELECT pg_sleep(0.05);"},
    {.name = "c", .sql = "CREATE TABLE c(x int);\nSELECT pg_sleep(0.05);"}};

TEST(WhichFile, IsTheOneThatTheSessionIsIn) {
  EXPECT_THAT(Sent()
                  .by(0, "CREATE TABLE a(x int)")
                  .by(0, "SELECT pg_sleep(0.05);")
                  .by(0, "CREATE TABLE b(x int)")
                  .by(0, "SELECT pg_sleep(0.05)")
                  .from(three),
              ElementsAre("1/2 of a", "2/2 of a", "1/2 of b", "2/2 of b"));
}

TEST(WhichFile, IsFollowedInEachSessionByItself) {
  EXPECT_THAT(Sent()
                  .by(0, "CREATE TABLE b(x int)")
                  .by(1, "CREATE TABLE c(x int)")
                  .by(0, "SELECT pg_sleep(0.05)")
                  .by(1, "SELECT pg_sleep(0.05)")
                  .from(three),
              ElementsAre("1/2 of b", "1/2 of c", "2/2 of b", "2/2 of c"));
}

TEST(WhichFile, IsToldFromCommentsBlanksAndTheRunnersOwnFrame) {
  EXPECT_THAT(
      Sent()
          .by(0, "BEGIN;\n/* up */ CREATE TABLE  b ( x int ); SELECT pg_sleep(0.05);\nCOMMIT")
          .by(0, "INSERT INTO tracker VALUES (2)")
          .from(three),
      ElementsAre("-", "1/2 of b", "2/2 of b", "-", "-"));
}

TEST(WhichFile, OfAFrameInTheFileIsTheFile) {
  const std::vector<Body> framed = {
      {.name = "a", .sql = "CREATE TABLE a(x int); BEGIN; DROP TABLE a; COMMIT;"}};
  EXPECT_THAT(
      Sent().by(0, "CREATE TABLE a(x int); BEGIN; DROP TABLE a; COMMIT; COMMIT").from(framed),
      ElementsAre("1/4 of a", "2/4 of a", "3/4 of a", "4/4 of a", "-"));
}

const std::vector<Body> equal = {
    {.name = "1", .sql = "CREATE TABLE a(x int);"},
    {.name = "2", .sql = "UPDATE a SET x = x + 1;"},
    {.name = "3", .sql = "UPDATE a SET x = x + 1;"},
    {.name = "4", .sql = "UPDATE a SET x = x + 1; SELECT count(*) FROM a;"}};

TEST(WhichFile, AmongEqualOnesIsTheFirstThatTheSessionHasNotCompleted) {
  EXPECT_THAT(Sent()
                  .by(0, "CREATE TABLE a(x int)")
                  .by(0, "UPDATE a SET x = x + 1")
                  .by(0, "UPDATE a SET x = x + 1")
                  .by(0, "UPDATE a SET x = x + 1")
                  .by(0, "SELECT count(*) FROM a")
                  .from(equal),
              ElementsAre("1", "2", "3", "1/2 of 4", "2/2 of 4"));
}

TEST(WhichFile, AmongEqualOnesIsOneOfThemWhereNothingTellsWhichIsNext) {
  EXPECT_THAT(Sent()
                  .by(0, "UPDATE a SET x = x + 1")
                  .by(1, "UPDATE a SET x = x + 1; SELECT count(*) FROM a")
                  .from(equal),
              ElementsAre("one of 2, 3, 4", "1/2 of 4", "2/2 of 4"));
}

TEST(WhichFile, AmongEqualOnesIsToldByWhatAnotherSessionCompleted) {
  EXPECT_THAT(Sent().by(0, "CREATE TABLE a(x int)").by(1, "UPDATE a SET x = x + 1").from(equal),
              ElementsAre("1", "2"));
}

TEST(WhichFile, IsTheSameOneAgainAfterItFailed) {
  EXPECT_THAT(Sent()
                  .by(0, "CREATE TABLE a(x int)")
                  .by(0, "UPDATE a SET x = x + 1")
                  .refused()
                  .by(0, "UPDATE a SET x = x + 1")
                  .from(equal),
              ElementsAre("1", "2", "2"));
}

TEST(WhichFile, IsNotCompletedByBeingPrepared) {
  EXPECT_THAT(Sent()
                  .by(0, "CREATE TABLE a(x int)")
                  .by(0, "UPDATE a SET x = x + 1", core::Step::Kind::prepare)
                  .by(0, "UPDATE a SET x = x + 1", core::Step::Kind::query)
                  .from(equal),
              ElementsAre("1", "2", "2"));
}

TEST(WhichFile, OfAShortStatementIsToldOnlyWhereTheFileIsSentWhole) {
  const std::vector<Body> files = {{.name = "a", .sql = "SELECT 1; CREATE TABLE a(x int);"},
                                   {.name = "b", .sql = "VACUUM;"}};
  EXPECT_THAT(Sent().by(0, "SELECT 1").by(0, "VACUUM").from(files), ElementsAre("-", "b"));
  EXPECT_THAT(Sent().by(0, "SELECT 1; CREATE TABLE a(x int)").from(files),
              ElementsAre("1/2 of a", "2/2 of a"));
}

TEST(WhichFile, IsFoundInTheQuotesOfAnotherLanguage) {
  const std::vector<Body> files = {
      {.name = "a.py",
       .sql = {},
       .code = "def up():\n  op.execute(\"\"\"CREATE TABLE a(\n    x int)\"\"\")\n"}};
  EXPECT_THAT(Sent().by(0, "CREATE TABLE a(x int)").by(0, "CREATE TABLE b(x int)").from(files),
              ElementsAre("a.py", "-"));
}

}  // namespace
}  // namespace gauntlet::sql
