#include "harness/fleet/wire_fleet.h"

#include "runner/values/error.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::fleet {
namespace {

using core::Event;
using std::chrono::milliseconds;
using testing::ElementsAre;

constexpr milliseconds bound{60'000};

class RunOnTheWire : public testing::Test {
 protected:
  core::History run(std::vector<std::string> command, std::size_t replicas, milliseconds patience,
                    ProcessFleet::Start start = ProcessFleet::Start::held) const {
    const Subject subject{.name = "program", .command = std::move(command)};
    return run_on_the_wire(subject, *database_, {}, replicas, patience, start);
  }

  std::unique_ptr<arena::Arena> arena_ = arena::open("ephemeral", {});
  std::unique_ptr<arena::Database> database_ = arena_->fresh("wire");
};

TEST_F(RunOnTheWire, EachCopyHasItsStatementsItsOutputAndItsEnd) {
  const core::History history = run({"psql", "-qAtX", "{url}", "-c", "SELECT 7"}, 2, bound);
  std::vector<std::size_t> who;
  for (const core::StepRecord& record : history.steps) {
    EXPECT_EQ(record.step.sql, "SELECT 7");
    who.push_back(record.step.session.replica);
  }
  std::ranges::sort(who);
  EXPECT_THAT(who, ElementsAre(0, 1));
  for (const std::size_t replica : {0U, 1U}) {
    EXPECT_EQ(history.exit_of(replica)->exit_code, 0) << history.outputs.at(replica).err;
    EXPECT_EQ(history.outputs.at(replica).out, "7\n");
  }
}

TEST_F(RunOnTheWire, AllAreThereBeforeOneIsReleased) {
  const core::History history = run({"true"}, 3, bound);
  std::vector<Event::Kind> kinds;
  for (const Event& event : history.events) kinds.push_back(event.kind);
  kinds.resize(4);
  EXPECT_THAT(kinds, ElementsAre(Event::Kind::started, Event::Kind::started, Event::Kind::started,
                                 Event::Kind::released));
}

TEST_F(RunOnTheWire, WhoDoesNotEndIsKilled) {
  const core::History history = run({"sleep", "60"}, 2, milliseconds(200));
  EXPECT_EQ(history.exit_of(0)->kind, Event::Kind::killed);
  EXPECT_EQ(history.exit_of(1)->kind, Event::Kind::killed);
}

TEST_F(RunOnTheWire, WhoCannotBeStartedIsAnErrorOrHeldAnEnd) {
  const std::vector<std::string> none = {"/none/such"};
  EXPECT_THROW(run(none, 1, bound, ProcessFleet::Start::at_once), runner::Error);
  EXPECT_EQ(run(none, 1, bound).exit_of(0)->exit_code, 127);
}

}  // namespace
}  // namespace gauntlet::fleet
