#include "harness/fleet/staggered.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::fleet {
namespace {

using core::Event;
using std::chrono::milliseconds;

class Staggered : public testing::Test {
 protected:
  core::History run(const std::string& script, const StaggerOptions& options) const {
    const Subject subject{.name = "script", .command = {"bash", "-c", script}};
    return staggered(subject, *database_, std::filesystem::temp_directory_path(), options);
  }

  std::unique_ptr<arena::Arena> arena_ = arena::open("ephemeral", {});
  std::unique_ptr<arena::Database> database_ = arena_->fresh("staggered");
};

std::vector<std::size_t> order_of_release(const core::History& history) {
  std::vector<std::size_t> order;
  for (const Event& event : history.events)
    if (event.kind == Event::Kind::released) order.push_back(event.replica);
  return order;
}

TEST_F(Staggered, CopiesComeInTheOrderThatTheSeedSays) {
  const StaggerOptions options{.replicas = 5, .stagger_max = milliseconds(60), .seed = 11};
  const auto first = order_of_release(run("true", options));
  EXPECT_EQ(first.size(), 5U);
  EXPECT_EQ(order_of_release(run("true", options)), first);
  EXPECT_NE(first, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST_F(Staggered, TheHistoryTellsHowManyRanAtOneTime) {
  // All of them wait for the end of their patience, and so all run at one time.
  const core::History history = run(
      "sleep 60", {.replicas = 3, .patience = milliseconds(400), .stagger_max = milliseconds(1)});
  EXPECT_EQ(history.events.back().text, "at most 3 copies ran at one time");
}

TEST_F(Staggered, WhoDoesNotEndIsKilledAndTheCallerLooksBefore) {
  bool looked = false;
  const core::History history = run("sleep 60", {.replicas = 2,
                                                 .patience = milliseconds(200),
                                                 .stagger_max = milliseconds(1),
                                                 .when_ended = [&] { looked = true; }});
  EXPECT_TRUE(looked);
  EXPECT_EQ(history.exit_of(0)->kind, Event::Kind::killed);
  EXPECT_EQ(history.exit_of(1)->kind, Event::Kind::killed);
}

}  // namespace
}  // namespace gauntlet::fleet
