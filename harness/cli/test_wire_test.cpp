// `gauntlet test` asks any program: what runners of somebody else's show on the wire, the good ones
// and those with a flaw.
#include "harness/cli/program.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

const std::string runners = GAUNTLET_SOURCE_DIR "/harness/cli/runners/";
const std::string applied_query = "SELECT version, name FROM history";

std::string runner_py(const std::string& how) {
  return "/usr/bin/python3 " + runners + "runner.py up {migrations} " + how;
}

/// By scenario.
std::map<std::string, json> asked(const std::string& runner, std::vector<std::string> words) {
  words.insert(words.begin(), "test");
  words.insert(words.end(), {"--runner", runner, "--applied-query", applied_query, "--database",
                             "ephemeral", "--json"});
  const auto run = gauntlet(std::move(words));
  std::map<std::string, json> results;
  const json report = json::parse(run.out, nullptr, false);
  EXPECT_TRUE(report.is_object()) << run.out << run.err;
  if (!report.is_object()) return results;
  for (const json& result : report.at("results")) results[result.at("id")] = result;
  return results;
}

class AnyProgram : public testing::TestWithParam<const char*> {};

TEST_P(AnyProgram, IsAskedForItsLockHoweverItTakesIt) {
  const auto results = asked(runner_py(GetParam()), {"locks/pinned-session", "locks/primitive"});
  for (const auto& [id, result] : results)
    EXPECT_EQ(result.at("verdict"), "holds") << result.dump(1);
  EXPECT_EQ(results.size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(TestOnTheWire, AnyProgram,
                         testing::Values("two-numbers", "text", "by-database", "polls",
                                         "transaction"),
                         [](const auto& how) {
                           std::string name = how.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(TestOnTheWire, SeesALockThatIsAnotherInEachRun) {
  const std::string id = "concurrency/lock-serializes";
  const json result = asked(runner_py("by-process"), {id}).at(id);
  EXPECT_EQ(result.at("verdict"), "violated") << result.dump(1);
  EXPECT_THAT(result.at("findings").dump(), HasSubstr("passed-the-lock"));
}

/// Files that change roles run on a server of their own, where all databases have one name.
class OnServersOfTheirOwn : public testing::Test {
 protected:
  OnServersOfTheirOwn() {
    folder_.write("1_role.up.sql", "CREATE ROLE reader;\nCREATE TABLE t(x int);\n");
  }

  const TestFolder folder_;
  const std::string id_ = "concurrency/lock-serializes";
};

TEST_F(OnServersOfTheirOwn, ALockIsHeldThatHangsByTheDatabase) {
  const json result =
      asked(runner_py("by-database"), {id_, "--migrations", folder_.path()}).at(id_);
  EXPECT_EQ(result.at("verdict"), "holds") << result.dump(1);
}

TEST_F(OnServersOfTheirOwn, ALockIsHeldThatWasToldToTheProgram) {
  const auto run = gauntlet(
      {"test", id_, "--processes", "--migrations", folder_.path(), "--database", "ephemeral"});
  EXPECT_EQ(run.exit.code, 0) << run.out;
}

TEST_F(OnServersOfTheirOwn, ALockThatIsAnotherInEachRunCannotBeHeld) {
  const json result = asked(runner_py("by-process"), {id_, "--migrations", folder_.path()}).at(id_);
  EXPECT_EQ(result.at("verdict"), "unknown") << result.dump(1);
  EXPECT_THAT(result.at("reason"), HasSubstr("takes another advisory lock in each run"));
}

TEST(TestOnTheWire, SeesALockOnOneSessionAndMigrationsOnAnother) {
  for (const std::string& runner :
       {runner_py("unpinned"), "bash " + runners + "careless.sh {migrations}"}) {
    SCOPED_TRACE(runner);
    const json result = asked(runner, {"locks/pinned-session"}).at("locks/pinned-session");
    EXPECT_EQ(result.at("verdict"), "violated") << result.dump(1);
    EXPECT_THAT(result.at("findings").dump(), HasSubstr("not-pinned"));
  }
}

TEST(TestOnTheWire, SeesWhoGoesOnWithoutTheLock) {
  const json result = asked(runner_py("ignores"), {"locks/primitive"}).at("locks/primitive");
  EXPECT_EQ(result.at("verdict"), "violated") << result.dump(1);
  EXPECT_THAT(result.at("findings").dump(), HasSubstr("passed-the-lock"));
  EXPECT_THAT(result.at("story").dump(), HasSubstr("sends 001_accounts.up.sql"));
}

TEST(TestOnTheWire, SeesWhoReportsSuccessBecauseAnotherHasTheLock) {
  const std::string id = "concurrency/slow-first";
  const json waits = asked(runner_py("polls"), {id}).at(id);
  EXPECT_EQ(waits.at("verdict"), "holds") << waits.dump(1);
  const json skips = asked(runner_py("skips"), {id}).at(id);
  ASSERT_EQ(skips.at("findings").size(), 1U) << skips.dump(1);
  EXPECT_EQ(skips.at("findings").at(0).at("id"), "success-too-early");
}

TEST(TestOnTheWire, DoesNotAskWhatWasPendingWhereNoTextOfAFileIsSent) {
  const std::string id = "concurrency/pending";
  const json result = asked(runner_py("lowers"), {id}).at(id);
  EXPECT_EQ(result.at("verdict"), "holds") << result.dump(1);
  const json skipped = result.at("skipped").at(0);
  EXPECT_EQ(skipped.at("id"), "success-means-done");
  EXPECT_EQ(skipped.at("verdict"), "not-applicable");
  EXPECT_EQ(skipped.at("reason"), "no statement of a pending migration was seen");
}

// It locks its tracker's table, which somebody else holds by the same statement.
TEST(TestOnTheWire, HoldsATableThatIsTheLock) {
  const auto results =
      asked(runner_py("table"), {"locks/primitive", "concurrency/lock-serializes"});
  for (const auto& [id, result] : results)
    EXPECT_EQ(result.at("verdict"), "holds") << result.dump(1);
  const json ignores = asked(runner_py("table-late"), {"locks/primitive"}).at("locks/primitive");
  EXPECT_EQ(ignores.at("verdict"), "violated") << ignores.dump(1);
  EXPECT_THAT(ignores.at("findings").dump(), HasSubstr("passed-the-lock"));
}

TEST(TestOnTheWire, HoldsARowThatIsTheLock) {
  const json waits = asked(runner_py("row-with-key"), {"locks/primitive"}).at("locks/primitive");
  EXPECT_EQ(waits.at("verdict"), "holds") << waits.dump(1);
  const json passes = asked(runner_py("row-ignored"), {"locks/primitive"}).at("locks/primitive");
  EXPECT_EQ(passes.at("verdict"), "violated") << passes.dump(1);
}

TEST(TestOnTheWire, DoesNotAskForALockWhereThereIsNone) {
  const auto none = asked(runner_py("none"), {"locks/pinned-session", "locks/primitive"});
  for (const auto& [id, result] : none) {
    EXPECT_EQ(result.at("verdict"), "not-applicable") << id;
    EXPECT_THAT(result.at("reason"), HasSubstr("took no advisory lock"));
  }
}

TEST(TestOnTheWire, JudgesARunnerThatLocksATableByWhatItLeaves) {
  const json result =
      asked(runner_py("table"), {"concurrency/data-only"}).at("concurrency/data-only");
  EXPECT_EQ(result.at("verdict"), "holds") << result.dump(1);
}

// The runner has no lock, takes the files by the text of their names, and sends what the file holds
// in a session that it does not reset: each is told where it is asked, and the race nowhere here.
TEST(TestOnTheWire, AsksOneCopyWhatOneReplicaMakesOfTheFiles) {
  const std::map<std::string, std::string> expected{
      {"order/skip-hole", ""},
      {"order/populated-upgrade", "out-of-order"},
      {"order/line-endings", "replica-failed"},
      {"transactions/session-state", "replica-failed"}};
  std::vector<std::string> ids;
  ids.reserve(expected.size());
  for (const auto& [id, finding] : expected) ids.push_back(id);
  const auto results = asked(runner_py("none"), ids);
  for (const auto& [id, finding] : expected) {
    SCOPED_TRACE(id);
    const json& result = results.at(id);
    EXPECT_EQ(result.at("verdict"), finding.empty() ? "holds" : "violated") << result.dump(1);
    EXPECT_THAT(result.at("findings").dump(), HasSubstr(finding));
  }
  EXPECT_THAT(results.at("order/line-endings").at("findings").dump(),
              AllOf(HasSubstr("replica 0 of 1"), HasSubstr("nobody was beside it")));
}

// Two programs that keep each other out, or do not, and one that has an older folder.
TEST(TestOnTheWire, LetsAnotherProgramAndAnOlderFolderStandBesideIt) {
  const TestFolder folder;
  folder.write("old/001_a.up.sql", "CREATE TABLE journal(n int);\n");
  folder.write("new/001_a.up.sql", "CREATE TABLE journal(n int);\n");
  folder.write("new/002_b.up.sql",
               "INSERT INTO journal SELECT count(*) FROM journal, pg_sleep(0.2);\n");
  for (const std::string how : {"session", "none"}) {
    SCOPED_TRACE(how);
    const std::string beside = runner_py(how);
    folder.write("mixed.toml",
                 "id = 'mine/mixed'\nclaim = 'two programs share one lock'\nwhy = 'or not'\n"
                 "[[stage]]\nname = 'before'\nmigrations = 'old'\nreplicas = 1\n"
                 "oracles = ['all-succeed']\n"
                 "[[stage]]\nname = 'rollout'\nmigrations = 'new'\nreplicas = 3\n"
                 "oracles = ['someone-succeeds', 'set-equality']\n"
                 "beside = [{ replicas = 3, runner = '" +
                     beside +
                     "' },"
                     " { migrations = 'old' }]\n");
    const json result = asked(runner_py("session"), {folder.file("mixed.toml")}).at("mine/mixed");
    EXPECT_EQ(result.at("verdict"), how == "session" ? "holds" : "violated") << result.dump(1);
  }
}

// It reads the folder before it connects, so that its copies never meet.
TEST(TestOnTheWire, HoldsARefusalThatComesBeforeTheServerIsAsked) {
  const std::string id = "order/duplicate-version";
  const auto run = gauntlet({"test", id, "--database", "ephemeral", "--runner",
                             GAUNTLET_BINARY_DIR "/bin/gauntlet-migrate up --database {url} "
                                                 "--migrations {migrations}"});
  EXPECT_EQ(run.exit.code, 0) << run.out << run.err;
}

// A migration that fails is one for any program: what it says is its own, not that it says nothing.
TEST(TestOnTheWire, AsksAnyProgramWhatAFailingMigrationLeaves) {
  const std::vector<std::string> ids{"transactions/atomic-apply",
                                     "transactions/deferred-constraint"};
  const std::map<std::string, std::string> expected{
      {"session", ""}, {"piecemeal", "half-applied"}, {"swallows", "error-swallowed"}};
  for (const auto& [how, finding] : expected) {
    for (const auto& [id, result] : asked(runner_py(how), ids)) {
      SCOPED_TRACE(fmt::format("{} {}", how, id));
      EXPECT_EQ(result.at("verdict"), finding.empty() ? "holds" : "violated") << result.dump(1);
      EXPECT_THAT(result.at("findings").dump(), HasSubstr(finding));
    }
  }
}

TEST(TestOnTheWire, DoesNotAskWhoBeginsAnewToGoOnWhereAnotherRunnerWas) {
  for (const std::string how : {"session", "swallows"}) {
    const json result = asked(runner_py(how), {"order/legacy-clean"}).at("order/legacy-clean");
    EXPECT_EQ(result.at("verdict"), "not-applicable") << result.dump(1);
    EXPECT_THAT(result.at("reason"), HasSubstr("does not go on where golang-migrate was"));
  }
}

TEST(TestOnTheWire, DoesNotAccuseOfTheFilesAProgramThatGetsThroughNone) {
  for (const auto& [id, result] :
       asked("false {migrations}", {"order/line-endings", "transactions/session-state"})) {
    EXPECT_EQ(result.at("verdict"), "unknown") << id;
    EXPECT_THAT(result.at("reason"), HasSubstr("does not get through `first run` alone"));
  }
}

TEST(TestOnTheWire, AsksForTheStatusOnlyWhereThereIsOneAndSeesThatItWaits) {
  const std::string id = "locks/status-does-not-wait";
  EXPECT_THAT(asked(runner_py("session"), {id}).at(id).at("reason"), HasSubstr("subject file"));
  const TestFolder folder;
  for (const std::string how : {"session", "waits"}) {
    SCOPED_TRACE(how);
    folder.write(
        "subject.toml",
        fmt::format("name = 'of a file'\nformat = 'gauntlet'\napplied_query = '{}'\nup = '{}'\n"
                    "status = '/usr/bin/python3 {}runner.py status {{migrations}} {}'\n",
                    applied_query, runner_py(how), runners, how));
    const auto run = gauntlet({"test", id, "--subject", folder.file("subject.toml"), "--database",
                               "ephemeral", "--timeout", "12s"});
    const bool good = how == "session";
    EXPECT_EQ(run.exit.code, good ? 0 : 1) << run.out << run.err;
    if (good) continue;
    EXPECT_THAT(run.out, AllOf(HasSubstr("error[read-only-waited]"), HasSubstr("--subject")));
  }
}

}  // namespace
}  // namespace gauntlet::cli
