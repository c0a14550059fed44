#include "harness/run/story.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using core::Event;
using core::Reply;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::vector<Body> bodies = {
    {.name = "001_a.up.sql", .sql = "CREATE TABLE a(x int);\n", .is_new = true},
    {.name = "002_b.up.sql", .sql = "CREATE TABLE b(x int);\n", .is_new = true}};

/// A history written by hand, a millisecond an event.
class Written {
 public:
  explicit Written(std::size_t replicas) {
    history_.replicas = replicas;
    history_.outputs.resize(replicas);
  }

  Written& asks(std::size_t replica, std::string sql) {
    history_.steps.push_back(
        {.step = {.session = {.replica = replica, .number = 0}, .sql = std::move(sql)}});
    open_[replica] = history_.steps.size() - 1;
    return add({.kind = Event::Kind::asked, .replica = replica, .step = open_[replica]})
        .add({.kind = Event::Kind::let_go, .replica = replica, .step = open_[replica]});
  }
  Written& is_told(std::size_t replica, Reply reply) {
    history_.steps[open_[replica]].reply = std::move(reply);
    return add({.kind = Event::Kind::answered, .replica = replica, .step = open_[replica]});
  }
  Written& ends(std::size_t replica, int code) {
    return add({.kind = Event::Kind::exited, .replica = replica, .exit_code = code});
  }
  Written& add(Event event) {
    event.at = std::chrono::milliseconds(history_.events.size());
    history_.events.push_back(std::move(event));
    return *this;
  }

  std::string refused() const {
    return refused_body(history_, bodies).value_or(RefusedBody{}).name;
  }
  std::vector<std::string> told(const std::vector<Body>& files = bodies) const {
    return story_of(history_, "deploy", files).lines;
  }

 private:
  core::History history_;
  std::map<std::size_t, std::size_t> open_;
};

Reply done() { return {.statements = {{.tag = "CREATE TABLE"}}}; }
Reply locked(const char* answer) {
  return {.statements = {{.tag = "SELECT", .rows = 1, .value = answer}}};
}
Reply refused() {
  return {.ending = Reply::Ending::refused,
          .sqlstate = "42P07",
          .message = "relation \"a\" already exists"};
}

TEST(Story, TellsOfTheReplicaThatFailedAndOfTheOneThatItMet) {
  const auto told = Written(3)
                        .asks(0, "SELECT 1")
                        .is_told(0, done())
                        .asks(0, "BEGIN;CREATE TABLE a(x int);\n;COMMIT;")
                        .asks(2, "BEGIN;CREATE TABLE a(x int);\n;COMMIT;")
                        .is_told(0, done())
                        .is_told(2, refused())
                        .ends(0, 0)
                        .ends(1, 0)
                        .ends(2, 1)
                        .told();
  EXPECT_THAT(told, ElementsAre(HasSubstr("replica 0   sends 001_a.up.sql"),
                                HasSubstr("replica 2   sends 001_a.up.sql"),
                                HasSubstr("replica 0   has applied 001_a.up.sql"), StartsWith("->"),
                                HasSubstr("replica 0   ended with exit 0"),
                                HasSubstr("replica 2   ended with exit 1"),
                                "  1 other ended with exit 0", "  nobody sent 002_b.up.sql"));
  EXPECT_THAT(told[3], HasSubstr("failed at 001_a.up.sql: relation \"a\" already exists (42P07)"));
}

TEST(RefusedBody, IsTheFirstThatWasRefusedInWholeOrInPart) {
  EXPECT_EQ(Written(1).asks(0, "CREATE TABLE a(x int)").is_told(0, done()).refused(), "");
  EXPECT_EQ(Written(1).asks(0, "CREATE TABLE a(x int)").is_told(0, refused()).refused(),
            "001_a.up.sql");
  EXPECT_EQ(Written(1)
                .asks(0, "SELECT * FROM tracker")
                .is_told(0, refused())
                .asks(0, "BEGIN;CREATE TABLE b(x int);\n;COMMIT;")
                .is_told(0, refused())
                .refused(),
            "002_b.up.sql");
}

// Both end in the same statement: the one that is meant is of the file that the session is in.
const std::vector<Body> sleepers = {
    {.name = "1_a.sql", .sql = "CREATE TABLE a(x int);\nSELECT pg_sleep(0.05);\n", .is_new = true},
    {.name = "2_b.sql", .sql = "CREATE TABLE b(x int);\nSELECT pg_sleep(0.05);\n", .is_new = true}};

TEST(Story, NamesTheFileThatAStatementIsOfAndTellsOfItOnce) {
  const auto told = Written(1)
                        .asks(0, "CREATE TABLE a(x int);")
                        .is_told(0, done())
                        .asks(0, "SELECT pg_sleep(0.05);")
                        .is_told(0, done())
                        .asks(0, "CREATE TABLE b(x int);")
                        .is_told(0, done())
                        .asks(0, "SELECT pg_sleep(0.05);")
                        .is_told(0, done())
                        .ends(0, 0)
                        .told(sleepers);
  EXPECT_THAT(told, ElementsAre(HasSubstr("sends 1_a.sql"), HasSubstr("has applied 1_a.sql"),
                                HasSubstr("sends 2_b.sql"), HasSubstr("has applied 2_b.sql"),
                                HasSubstr("ended with exit 0")));
}

TEST(Story, NamesTheStatementOfAFileThatFailed) {
  const auto told = Written(1)
                        .asks(0, "CREATE TABLE a(x int);")
                        .is_told(0, done())
                        .asks(0, "SELECT pg_sleep(0.05);")
                        .is_told(0, refused())
                        .ends(0, 1)
                        .told(sleepers);
  EXPECT_THAT(told, Contains(HasSubstr("failed at statement 2 of 2 of 1_a.sql: ")));
  EXPECT_THAT(told, Not(Contains(HasSubstr("has applied"))));
}

TEST(Story, TellsOfAnEffectThatCameTwiceAlthoughNobodyFailed) {
  const auto told = Written(2)
                        .asks(0, "CREATE TABLE a(x int)")
                        .is_told(0, done())
                        .asks(1, "CREATE TABLE a(x int)")
                        .is_told(1, done())
                        .ends(0, 0)
                        .ends(1, 0)
                        .told();
  EXPECT_THAT(told[3],
              testing::AllOf(StartsWith("->"), HasSubstr("replica 1   has applied 001_a.up.sql")));
}

TEST(Story, TellsOfASuccessThatCameTooEarlyAlthoughNobodyFailed) {
  const auto told = Written(3)
                        .asks(1, "CREATE TABLE a(x int)")
                        .ends(2, 0)
                        .ends(0, 0)
                        .is_told(1, done())
                        .asks(1, "CREATE TABLE b(x int)")
                        .is_told(1, done())
                        .ends(1, 0)
                        .told();
  EXPECT_THAT(
      told, ElementsAre(HasSubstr("replica 1   sends 001_a.up.sql"), StartsWith("->"),
                        HasSubstr("replica 1   has applied 001_a.up.sql"),
                        HasSubstr("replica 1   sends 002_b.up.sql"),
                        HasSubstr("replica 1   has applied 002_b.up.sql"),
                        HasSubstr("replica 1   ended with exit 0"), "  1 other ended with exit 0"));
  EXPECT_THAT(told[1], HasSubstr("replica 0   ended with exit 0"));
}

TEST(Story, TellsWhoHadTheLockAndWhoWasRefused) {
  const auto told = Written(2)
                        .asks(0, "SELECT pg_try_advisory_lock(7)")
                        .is_told(0, locked("true"))
                        .asks(1, "SELECT pg_try_advisory_lock(7)")
                        .is_told(1, locked("false"))
                        .asks(0, "CREATE TABLE a(x int)")
                        .is_told(0, done())
                        .asks(0, "SELECT pg_advisory_unlock(7)")
                        .is_told(0, locked("true"))
                        .ends(0, 0)
                        .ends(1, 1)
                        .told();
  EXPECT_THAT(told, Contains(HasSubstr("replica 0   has the lock")));
  EXPECT_THAT(told, Contains(HasSubstr("replica 1   is told that another has the lock")));
  EXPECT_THAT(told, Contains(HasSubstr("replica 0   gave the lock back")));
  EXPECT_THAT(told, Contains(StartsWith("->")));
}

TEST(Story, StaysShortHoweverLongTheRunWas) {
  Written history(2);
  for (int i = 0; i < 500; ++i)
    history.asks(0, "SELECT pg_try_advisory_lock(7)").is_told(0, locked("false"));
  history.asks(0, "CREATE TABLE a(x int)").is_told(0, refused()).ends(0, 1);
  const auto told = history.told();
  EXPECT_LT(told.size(), 60U);
  EXPECT_THAT(told, Contains(HasSubstr("lines more")));
  EXPECT_THAT(told, Contains(StartsWith("->")));
}

TEST(Story, OfProgramsWhoseStepsWereNotSeenTellsHowTheyEnded) {
  const auto told = Written(2).ends(0, 0).ends(1, 3).told();
  EXPECT_THAT(told, Contains(HasSubstr("replica 1   ended with exit 3")));
  EXPECT_THAT(told, Not(Contains(HasSubstr("nobody sent"))));
}

}  // namespace
}  // namespace gauntlet::run
