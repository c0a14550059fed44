#include "harness/core/history_file.h"

#include "harness/core/history_text.h"
#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::core {
namespace {

using Kind = Event::Kind;
using testing::HasSubstr;
using testing::Not;

History everything() {
  const Step begin{.session = {.replica = 1, .number = 2},
                   .index = 3,
                   .kind = Step::Kind::query,
                   .sql = "SELECT\n  $1",
                   .parameters = {"a", std::nullopt}};
  const Reply reply{.ending = Reply::Ending::refused,
                    .statements = {{.tag = "SELECT 1", .rows = 1, .value = "t"}},
                    .sqlstate = "23505",
                    .message = "duplicate \"key\"",
                    .in_transaction = true};
  return {.events = {{.kind = Kind::opened, .replica = 1, .session = 2, .backend_pid = 77},
                     {.kind = Kind::asked,
                      .replica = 1,
                      .at = std::chrono::microseconds(1500),
                      .session = 2,
                      .step = 0},
                     {.kind = Kind::let_go, .replica = 1, .session = 2, .step = 0},
                     {.kind = Kind::answered, .replica = 1, .session = 2, .step = 0},
                     {.kind = Kind::noted, .text = "the server was stopped"},
                     {.kind = Kind::foreign_lock_taken},
                     {.kind = Kind::exited, .replica = 1, .exit_code = 1},
                     {.kind = Kind::killed, .replica = 0, .signal = 9}},
          .steps = {{.step = begin,
                     .ruling = {.what = Ruling::What::rewrite, .text = "SELECT 1"},
                     .reply = reply}},
          .outputs = {{.out = "x", .err = "y"}, {}},
          .replicas = 2,
          .sessions_at_the_door = 2,
          .waits = {{.backend_pid = 77, .wait_event = "virtualxid", .blocked_by = {78}}}};
}

TEST(HistoryFile, ReadsBackAllThatItSaved) {
  const std::string text = saved(everything());
  EXPECT_EQ(saved(read_history(text)), text);
  const History again = read_history(text);
  ASSERT_EQ(again.steps.size(), 1U);
  EXPECT_EQ(again.steps[0].step.parameters, everything().steps[0].step.parameters);
  EXPECT_EQ(again.steps[0].step.session, (SessionId{1, 2}));
  EXPECT_EQ(again.steps[0].reply->statements[0].value, "t");
  EXPECT_EQ(again.events[0].backend_pid, 77);
  EXPECT_EQ(again.sessions_at_the_door, 2U);
  ASSERT_EQ(again.waits.size(), 1U);
  EXPECT_EQ(again.waits[0].blocked_by, std::vector{78});
}

TEST(HistoryFile, RefusesWhatIsNoHistory) {
  for (const char* text : {"", "{}", "[1]", R"({"schema":2})",
                           R"({"schema":1,"replicas":1,"events":[{"kind":"dreamt","replica":0,)"
                           R"("session":0,"at":0}],"steps":[],"outputs":[]})",
                           R"({"schema":1,"replicas":1,"events":[{"kind":"asked","replica":0,)"
                           R"("session":0,"at":0,"step":0}],"steps":[],"outputs":[]})",
                           R"({"schema":1,"replicas":1,"events":[{"kind":"asked","replica":0,)"
                           R"("session":0,"at":0}],"steps":[],"outputs":[]})"}) {
    SCOPED_TRACE(text);
    EXPECT_THROW(read_history(text), runner::Error);
  }
}

TEST(HistoryFile, PrintsALineAnEventInOrder) {
  const std::string text = printed(everything());
  EXPECT_THAT(text, HasSubstr("      1.5 ms  replica 1.2  sends   SELECT $1\n"));
  EXPECT_THAT(text, HasSubstr("suffers rewrite SELECT 1\n"));
  EXPECT_THAT(text, HasSubstr("fails   23505 duplicate \"key\"\n"));
  EXPECT_THAT(text, HasSubstr("the server was stopped\n"));
  EXPECT_THAT(text, HasSubstr("replica 1    ends with exit 1\n"));
}

TEST(HistoryFile, CutsALongStatementBetweenCharacters) {
  History history = everything();
  history.steps[0].step.sql = std::string(99, 'x') + "öö" + std::string(1000, 'y');
  const std::string text = printed(history);
  EXPECT_THAT(text, HasSubstr(std::string(99, 'x') + "…\n"));
  EXPECT_THAT(text, Not(HasSubstr("yyy")));
}

}  // namespace
}  // namespace gauntlet::core
