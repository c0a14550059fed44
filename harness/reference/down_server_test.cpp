#include "harness/reference/server_fixture_test.h"
#include "runner/connect.h"

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = DownAmount::Kind;

class Down : public OnServer {
 protected:
  Down() {
    for (const char* version : {"1", "2", "3"}) {
      const std::string n = version;
      write(n + "_m.up.sql", "CREATE TABLE t" + n + "(x int)");
      write(n + "_m.down.sql", "DROP TABLE t" + n);
    }
    up();
  }
  std::vector<Version> down(DownAmount amount) const {
    return runner::down(*sessions_of(conninfo()), listing(), amount, {});
  }
  std::string failing_down(DownAmount amount) const {
    try {
      down(amount);
    } catch (const Error& error) {
      return error.what();
    }
    return "the run did not fail";
  }
  std::string applied() const {
    return value("SELECT string_agg(version::text, ',' ORDER BY version) FROM applied_migrations");
  }
};

TEST_F(Down, RollsBackSoManyStepsFromTheHighestAndTheRowsWithThem) {
  EXPECT_THAT(down({Kind::steps, 2}), ElementsAre(Version{3}, Version{2}));
  EXPECT_EQ(applied(), "1");
  EXPECT_EQ(value("SELECT coalesce(to_regclass('t2'), to_regclass('t3'))"), "null");
}

TEST_F(Down, TakesMoreStepsThanThereAreForAll) {
  EXPECT_THAT(down({Kind::steps, 9}), ElementsAre(Version{3}, Version{2}, Version{1}));
  EXPECT_THAT(down({Kind::steps, 1}), IsEmpty());
}

TEST_F(Down, ToZeroRollsBackAll) {
  EXPECT_THAT(down({Kind::to, 0}), ElementsAre(Version{3}, Version{2}, Version{1}));
}

TEST_F(Down, StopsAboveTheVersionItIsGiven) {
  EXPECT_THAT(down({Kind::to, 1}), ElementsAre(Version{3}, Version{2}));
  EXPECT_EQ(applied(), "1");
}

TEST_F(Down, RollsBackAllAndUpAppliesThemAgain) {
  EXPECT_THAT(down({Kind::all}), ElementsAre(Version{3}, Version{2}, Version{1}));
  EXPECT_THAT(down({Kind::all}), IsEmpty());
  EXPECT_EQ(up().size(), 3U);
}

TEST_F(Down, RefusesAVersionWithoutADownBeforeAnythingRuns) {
  std::filesystem::remove(folder_ / "2_m.down.sql");
  EXPECT_THAT(failing_down({Kind::all}),
              AllOf(HasSubstr("error[no-down]: migration 2 (m) has no down, and nothing ran"),
                    HasSubstr("--to 2")));
  EXPECT_EQ(applied(), "1,2,3");
  EXPECT_THAT(down({Kind::to, 2}), ElementsAre(Version{3}));
}

TEST_F(Down, RefusesAnUnknownTargetAndNoSteps) {
  EXPECT_THAT(failing_down({Kind::to, 7}), HasSubstr("error[unknown-version]: version 7"));
  EXPECT_THAT(failing_down({Kind::steps, 0}), HasSubstr("error[bad-amount]"));
  EXPECT_EQ(applied(), "1,2,3");
}

TEST_F(Down, KeepsTheRowOfABodyThatFails) {
  write("2_m.down.sql", "DROP TABLE t2;\nSELECT 1/0");
  EXPECT_THAT(failing_down({Kind::all}),
              AllOf(HasSubstr("error[migration-failed]: down migration 2 (m) failed"),
                    HasSubstr("2_m.down.sql:2:1"), HasSubstr("run `gauntlet-migrate down` again")));
  EXPECT_EQ(applied(), "1,2");
  EXPECT_EQ(value("SELECT to_regclass('t2')"), "t2");
}

TEST_F(Down, PassesOverAVersionThatIsNotOnDisk) {
  std::filesystem::remove(folder_ / "3_m.up.sql");
  std::filesystem::remove(folder_ / "3_m.down.sql");
  EXPECT_THAT(down({Kind::steps, 1}), ElementsAre(Version{2}));
  EXPECT_EQ(applied(), "1,3");
}

TEST_F(Down, OutsideATransactionLeavesAMarkThatUpDoesNotPassOver) {
  write("3_m.down.sql", "-- gauntlet: no-transaction\nVACUUM t3;\nSELECT 1/0");
  EXPECT_THAT(failing_down({Kind::steps, 1}), HasSubstr("it stopped at statement 2 of 2"));
  EXPECT_EQ(applied(), "1,2,3");
  EXPECT_THAT(failing_up(), HasSubstr("error[in-progress]: down migration 3 (m) stopped"));
}

}  // namespace
}  // namespace gauntlet::runner
