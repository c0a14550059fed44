#include "harness/verify/standstill.h"

#include "harness/verify/boot.h"
#include "harness/verify/replicas.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using std::chrono::milliseconds;
using test::ids_of;
using test::told_by;
using testing::ElementsAre;
using testing::HasSubstr;

core::Result boot_of(const ScriptedRunner& runner) {
  return boot_within(runner.context(), {.idle = milliseconds(2'000)});
}

TEST(NeverExits, IsARunnerThatHasDoneAllAndStays) {
  const ScriptedRunner runner(journal_files(), locking_runner() + "\nexec sleep 3600");
  const core::Result result = boot_of(runner);
  EXPECT_THAT(ids_of(result), ElementsAre("never-exits")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("applied and recorded every file"));
  EXPECT_THAT(told_by(result), HasSubstr("sleep sleeps"));
}

TEST(NeverExits, IsARunnerThatStandsInItsOwnWay) {
  const ScriptedRunner runner(
      journal_files(),
      "psql -Xqc 'CREATE TABLE IF NOT EXISTS tracker(version bigint, name text)'\n"
      "(echo 'BEGIN; LOCK TABLE tracker;'; sleep 3600) | psql -Xq &\nsleep 0.5\n"
      "psql -Xqc 'SELECT version FROM tracker'\n");
  const core::Result result = boot_of(runner);
  EXPECT_THAT(ids_of(result), ElementsAre("never-exits")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("SELECT version FROM tracker"));
  EXPECT_THAT(told_by(result), HasSubstr("which is idle in transaction after"));
}

TEST(NeverExits, IsNoRunnerThatIsSlow) {
  const ScriptedRunner runner(journal_files(), "sleep 3\n" + locking_runner() + "\nsleep 3");
  const core::Result result = boot_of(runner);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

// Nobody tells its marker file from one that somebody else makes.
TEST(NeverExits, IsUnknownWhereItLooksForSomethingAgainAndAgain) {
  const ScriptedRunner runner(journal_files(), "until [ -e /no/such/file ]; do sleep 0.3; done");
  const core::Result result = boot_of(runner);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("again and again"));
}

TEST(NeverExits, LeavesTheOtherChecksWithoutARun) {
  const ScriptedRunner runner(journal_files(), "exec sleep 3600");
  const Context context = runner.context();
  EXPECT_THAT(ids_of(boot_within(context, {.idle = milliseconds(1'500)})),
              ElementsAre("never-exits"));
  const core::Result raced = replicas(context);
  EXPECT_EQ(raced.judgement.verdict, Verdict::unknown) << told_by(raced);
  EXPECT_THAT(raced.judgement.reason, HasSubstr("see boot"));
}

}  // namespace
}  // namespace gauntlet::verify
