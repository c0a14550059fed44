#include "harness/process/owner.h"
#include "harness/process/process.h"

#include <gtest/gtest.h>

namespace gauntlet::process {
namespace {

using std::chrono::seconds;

// The mark is set by `env`, over the living one that Process gives every child.
Process sleeper_owned_by(const std::string& owner) {
  Process process = Process::start(
      {.argv = {"env", "GAUNTLET_OWNER=" + owner, "sh", "-c", "echo ready; sleep 100; true"}});
  while (process.out().empty() && process.wait_for(std::chrono::milliseconds(5)) == std::nullopt) {
  }
  return process;
}

TEST(Orphans, AProcessOfADeadOwnerIsKilled) {
  Owner dead = Owner::self();
  dead.start_time -= 1;
  Process orphan = sleeper_owned_by(dead.text());
  end_orphans();  // or a sweep of somebody else's, who came first
  const auto exit = orphan.wait_for(seconds(10));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->text(), "killed by SIGKILL");
}

TEST(Orphans, ThoseOfALivingOwnerAndOfAnotherPlaceAreSpared) {
  Owner elsewhere = Owner::self();
  elsewhere.machine.replace(8, 8, "00000000");
  Process ours = sleeper_owned_by(Owner::self().text());
  Process theirs = sleeper_owned_by(elsewhere.text());
  end_orphans();
  EXPECT_FALSE(ours.wait_for(std::chrono::milliseconds(50)));
  EXPECT_FALSE(theirs.wait_for(std::chrono::milliseconds(50)));
}

}  // namespace
}  // namespace gauntlet::process
