#include "harness/explore/timeline.h"

#include "harness/explore/label.h"
#include "harness/explore/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::explore {
namespace {

using core::Event;
using testing::Contains;
using testing::HasSubstr;

/// Runs steps as a scheduler would record them.
class Recorded {
 public:
  Recorded() { history.replicas = 2; }

  std::size_t let_go(std::size_t replica, const std::string& sql, bool other_could_go_on = false) {
    const core::Step step{.session = {replica, 0}, .sql = sql};
    history.steps.push_back({.step = step});
    const std::size_t at = history.steps.size() - 1;
    history.events.push_back({.kind = Event::Kind::let_go, .replica = replica, .step = at});
    Moment moment{.point = {.options = {{.session = {replica, 0},
                                         .text = text_of(step),
                                         .fingerprint = fingerprint_of(step)}},
                            .last = 1 - replica}};
    if (other_could_go_on) moment.point.options.push_back({.session = {1 - replica, 0}});
    moments.push_back(moment);
    return at;
  }
  void answer(std::size_t at, core::Reply reply) {
    history.steps[at].reply = std::move(reply);
    history.events.push_back({.kind = Event::Kind::answered,
                              .replica = history.steps[at].step.session.replica,
                              .step = at});
  }
  void run(std::size_t replica, const std::string& sql, bool other_could_go_on = false) {
    answer(let_go(replica, sql, other_could_go_on), {.statements = {{.tag = "DONE"}}});
  }

  core::History history;
  Moments moments;
};

core::Reply refused() {
  return {.ending = core::Reply::Ending::refused,
          .sqlstate = "42P07",
          .message = "relation \"a\" already exists"};
}

Recorded raced() {
  Recorded raced;
  raced.run(0, "SELECT version FROM history");
  raced.run(1, "SELECT version FROM history", true);
  raced.run(1, "CREATE TABLE a(x int); INSERT INTO _history VALUES (1)");
  raced.answer(
      raced.let_go(0,
                   "SET lock_timeout = 1; CREATE TABLE a(x int); INSERT INTO _history VALUES (1)"),
      refused());
  return raced;
}

TEST(Timeline, NamesTheTwoStepsThatCollided) {
  const Recorded run = raced();
  const Timeline timeline = timeline_of(run.moments, run.history);
  ASSERT_TRUE(timeline.collision);
  EXPECT_EQ(timeline.steps[timeline.collision->first].number, 3U);
  EXPECT_EQ(timeline.steps[timeline.collision->second].number, 4U);
  EXPECT_EQ(timeline.collision->relation, "a");
  EXPECT_EQ(timeline.steps[3].text, "CREATE TABLE a(x int); INSERT INTO _history VALUES (1)");
  EXPECT_TRUE(timeline.steps[1].is_preemption);
}

// What was done to the table later is not why it cannot be created.
TEST(Timeline, NamesTheStepThatCreatedWhatAlreadyExists) {
  Recorded run;
  run.run(0, "CREATE TABLE history(x int)");
  run.run(0, "INSERT INTO history VALUES (1)");
  core::Reply refused{.ending = core::Reply::Ending::refused,
                      .sqlstate = "42P07",
                      .message = "relation \"history\" already exists"};
  run.answer(run.let_go(1, "CREATE TABLE history(x int)"), refused);
  const Timeline timeline = timeline_of(run.moments, run.history);
  ASSERT_TRUE(timeline.collision);
  EXPECT_EQ(timeline.steps[timeline.collision->first].number, 1U);
  EXPECT_EQ(timeline.steps[timeline.collision->second].number, 3U);
}

TEST(Timeline, HasNoCollisionWhereReplicasTouchNothingInCommon) {
  Recorded run;
  run.run(0, "CREATE TABLE a(x int)");
  run.run(1, "CREATE TABLE b(x int)");
  run.run(0, "SELECT 1 FROM a");
  EXPECT_FALSE(timeline_of(run.moments, run.history).collision);
}

TEST(Timeline, TellsHowLongAStepWasBlocked) {
  Recorded run;
  const std::size_t waits = run.let_go(1, "LOCK TABLE a");
  run.run(0, "INSERT INTO a VALUES (1)");
  run.run(0, "COMMIT");
  run.answer(waits, {});
  run.run(1, "COMMIT");
  const Timeline timeline = timeline_of(run.moments, run.history);
  EXPECT_EQ(timeline.steps[0].until, 3U);
  EXPECT_EQ(timeline.steps[1].until, 2U);
  EXPECT_THAT(drawn(timeline, 80), Contains(HasSubstr(": blocked in the server")));
}

TEST(Timeline, ExplainsWhoHeldWhatAndWhatHolds) {
  const Recorded run = raced();
  const auto lines = explanation_of(timeline_of(run.moments, run.history), run.history);
  EXPECT_THAT(lines, Contains(HasSubstr("collide on `a`")));
  EXPECT_THAT(lines, Contains(HasSubstr("no replica held an advisory lock")));
  EXPECT_THAT(
      lines,
      Contains(HasSubstr("replica 0 was left before it had ended, for step 2 of replica 1")));
}

TEST(Timeline, IsDrawnWithinItsWidth) {
  const Recorded run = raced();
  for (const std::size_t width : {60U, 80U, 200U})
    for (const std::string& line : drawn(timeline_of(run.moments, run.history), width))
      EXPECT_LE(line.size(), width) << line;
}

TEST(Page, LoadsNothingAndEscapesWhatItShows) {
  Recorded run;
  run.run(0, "SELECT '<script>alert(1)</script>'");
  const std::string html = page_of(timeline_of(run.moments, run.history), {.title = "a <b>"});
  EXPECT_THAT(html, HasSubstr("<svg "));
  EXPECT_THAT(html, testing::Not(HasSubstr("<script")));
  EXPECT_THAT(html, testing::Not(HasSubstr("http")));
  EXPECT_THAT(html, HasSubstr("a &lt;b&gt;"));
}

TEST(Page, MarksTheCollisionAndTheWait) {
  const Recorded run = raced();
  const std::string html = page_of(timeline_of(run.moments, run.history), {});
  EXPECT_THAT(html, HasSubstr("class=\"collision\""));
  EXPECT_THAT(html, HasSubstr("class=\"hit\""));
}

}  // namespace
}  // namespace gauntlet::explore
