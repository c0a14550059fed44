#include "harness/verify/late_files.h"

#include "harness/arena/server.h"
#include "harness/verify/boot.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using test::ids_of;
using test::told_by;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Files four_tables() {
  return {{"10_t10.up.sql", "CREATE TABLE t10(id int);"},
          {"20_t20.up.sql", "CREATE TABLE t20(id int);"},
          {"25_t25.up.sql", "CREATE TABLE t25(id int);"},
          {"30_t30.up.sql", "CREATE TABLE t30(id int);"}};
}

/// A database that has 10, 20 and 30 applied; 25 was merged afterwards.
class LateFile : public testing::Test {
 protected:
  static core::Result boot_with(ScriptedRunner& runner, const test::GivenServer& server) {
    runner.options.database = server.address().conninfo();
    runner.arena = arena::open(runner.options.database, {});
    return runner.run(boot);
  }

  void have_applied(const std::string& tracker) const {
    server_.run("CREATE TABLE t10(id int); CREATE TABLE t20(id int); CREATE TABLE t30(id int);" +
                tracker);
  }
  void have_applied() const {
    have_applied(
        "CREATE TABLE tracker(version bigint PRIMARY KEY, name text NOT NULL);"
        "INSERT INTO tracker VALUES (10, 't10'), (20, 't20'), (30, 't30')");
  }

  const test::GivenServer server_;
};

std::string only_above_the_newest() {
  std::string script = locking_runner();
  const std::string asks = "NOT EXISTS (SELECT FROM tracker WHERE version = $version)";
  script.replace(script.find(asks), asks.size(),
                 "$version > (SELECT coalesce(max(version), 0) FROM tracker)");
  return script;
}

TEST_F(LateFile, ThatIsRunIsNoFinding) {
  have_applied();
  ScriptedRunner runner(four_tables(), locking_runner());
  const core::Result result = boot_with(runner, server_);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  const core::Result status = test::judge(runner.options, "status");
  EXPECT_THAT(status.notes, Contains(HasSubstr("pending below 30")));
}

TEST_F(LateFile, ThatIsPassedOverInSilenceIsSkipped) {
  have_applied();
  ScriptedRunner runner(four_tables(), only_above_the_newest());
  const core::Result result = boot_with(runner, server_);
  EXPECT_THAT(ids_of(result), Contains("hole-skipped")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("migration 25 (t25) came below"));
}

TEST_F(LateFile, ThatStopsTheRunnerIsRefused) {
  have_applied();
  ScriptedRunner runner(
      four_tables(),
      "if [ \"$(psql -XqAtc \"SELECT 1 FROM tracker WHERE version = 30\" 2>/dev/null)\" ] &&\n"
      "   [ -z \"$(psql -XqAtc 'SELECT 1 FROM tracker WHERE version = 25')\" ]; then\n"
      "  echo 'found 1 missing migration: 25_t25' >&2; exit 1; fi\n" +
          locking_runner());
  const core::Result result = boot_with(runner, server_);
  EXPECT_THAT(ids_of(result), ElementsAre("hole-refused")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("the runner refuses migration 25 (t25)"));
}

TEST_F(LateFile, OfATrackerThatKeepsOnlyTheNewestIsSeenByItsAbsence) {
  have_applied(
      "CREATE TABLE schema_migrations(version bigint PRIMARY KEY, dirty boolean NOT NULL);"
      "INSERT INTO schema_migrations VALUES (30, false)");
  ScriptedRunner runner(four_tables());
  runner.options.format = *formats::find_format("golang-migrate");
  const core::Result result = boot_with(runner, server_);
  EXPECT_THAT(ids_of(result), ElementsAre("hole-skipped")) << told_by(result);
  EXPECT_THAT(told_by(result), AllOf(HasSubstr("25 (t25) is below 30"), HasSubstr("t25")));
}

}  // namespace
}  // namespace gauntlet::verify
