#include "harness/arena/connection.h"
#include "harness/arena/server.h"
#include "harness/mutant/rewriting.h"
#include "harness/run/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using core::Verdict;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class Verify : public testing::Test {
 protected:
  core::Result run(const scenario::Scenario& scenario, const mutant::Mutant* mutant = nullptr) {
    return verify(scenario, mutant, *arena_, {});
  }

  std::unique_ptr<arena::Server> server_ = arena::Server::start({});
  std::unique_ptr<arena::Arena> arena_ = arena::open(server_->loopback().url(), {});
};

/// Two replicas over one file.
scenario::Scenario over(std::string sql) {
  return {.id = "test/one-file",
          .claim = "it works",
          .why = "or nothing does",
          .stages = {{.name = "deploy",
                      .files = {{"001_only.up.sql", std::move(sql)}},
                      .replicas = 2,
                      .oracles = {"all-succeed", "set-equality", "data-equals-serial"}}}};
}

/// Slow enough that the second replica comes while it runs, also on a busy machine; and nothing
/// else is there for the two to meet at, as they would where the tracker is still to be made.
scenario::Scenario slow() {
  scenario::Scenario scenario =
      over("CREATE TABLE t(x int); INSERT INTO t VALUES (1); SELECT pg_sleep(1)");
  scenario.stages.insert(scenario.stages.begin(),
                         {.name = "before",
                          .files = {{"000_none.up.sql", "CREATE TABLE none(x int)"}},
                          .replicas = 1,
                          .oracles = {"all-succeed"}});
  return scenario;
}

const mutant::Mutant& lock_is_noop() { return *mutant::find_mutant("lock-is-noop"); }

TEST_F(Verify, NamesTheFileThatFailsAlone) {
  const core::Result result = run(over("CREATE TABLE t(x nonsense)"));
  ASSERT_EQ(result.judgement.verdict, Verdict::violated);
  const core::Finding& finding = result.judgement.findings.at(0);
  EXPECT_THAT(finding.message, HasSubstr("does not get through `deploy` alone"));
  EXPECT_EQ(finding.where.file, "001_only.up.sql");
}

TEST_F(Verify, IsNoPassWithoutAnOracle) {
  scenario::Scenario scenario = over("CREATE TABLE t(x int)");
  scenario.stages.front().oracles.clear();
  const core::Result result = run(scenario);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_EQ(result.judgement.reason, "nothing was judged");
}

TEST_F(Verify, DoesNotKnowOfARunThatIsNotDoneInTimeAndEndsItsSessions) {
  scenario::Scenario endless = over("SELECT pg_sleep(600)");
  endless.patience = std::chrono::milliseconds(500);
  EXPECT_EQ(run(endless).judgement.verdict, Verdict::unknown);
  EXPECT_EQ(arena::Connection(server_->local())
                .ask_one("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(6%'"
                         " AND pid <> pg_backend_pid()"),
            "0");
}

TEST_F(Verify, TellsOfAViolationWhatHappenedAndWhyItMatters) {
  const core::Result result = run(slow(), &lock_is_noop());
  EXPECT_EQ(result.judgement.verdict, Verdict::violated);
  EXPECT_EQ(result.claim, "it works");
  EXPECT_EQ(result.why, "or nothing does");
  EXPECT_EQ(result.story.title, "what happened in `deploy`");
  EXPECT_THAT(result.story.lines,
              Contains(HasSubstr("sends 001_only.up.sql")).Times(testing::Ge(2)));
  EXPECT_THAT(result.story.lines, Contains(StartsWith("->")));
}

TEST_F(Verify, KillsAMutantForTheReasonThatItDeclares) {
  EXPECT_EQ(kill(lock_is_noop(), slow(), *arena_, {}).fate, Fate::killed);
}

TEST_F(Verify, CallsAnotherReasonWrong) {
  mutant::Mutant mutant = lock_is_noop();
  mutant.findings = {"lock-leaked"};
  EXPECT_EQ(kill(mutant, slow(), *arena_, {}).fate, Fate::wrong_reason);
}

TEST_F(Verify, LetsAMutantWithoutAFlawSurvive) {
  const mutant::Mutant none{
      .name = "none", .flaw = "none", .killed_by = {}, .findings = {"replica-failed"}};
  EXPECT_EQ(kill(none, slow(), *arena_, {}).fate, Fate::survived);
}

TEST_F(Verify, CallsAMutantThatFailsAloneUnviable) {
  mutant::Mutant mutant = lock_is_noop();
  mutant.session = nullptr;
  mutant.listing = [](runner::Listing& listing, runner::Session&) {
    listing.migrations.pop_back();
  };
  const Kill kill = run::kill(mutant, slow(), *arena_, {});
  EXPECT_EQ(kill.fate, Fate::unviable);
  EXPECT_THAT(kill.result.judgement.reason, HasSubstr("it fails alone"));
}

TEST_F(Verify, CallsAMutantWhoseRewriteMatchesNothingUnviable) {
  mutant::Mutant mutant = lock_is_noop();
  mutant.session = [](mutant::SessionPtr session, const mutant::Surroundings&) {
    return mutant::saying(std::move(session), [](mutant::Message& message) {
      mutant::remove(message, mutant::Purpose::quiet);  // there is no predecessor
    });
  };
  const Kill kill = run::kill(mutant, slow(), *arena_, {});
  EXPECT_EQ(kill.fate, Fate::unviable);
  EXPECT_THAT(kill.result.judgement.reason, HasSubstr("its rewrite matched none of the "));
}

TEST_F(Verify, CannotTellOfAMutantWhereTheFilesAreAtFault) {
  EXPECT_EQ(kill(lock_is_noop(), over("SELECT nonsense"), *arena_, {}).fate, Fate::undecided);
}

}  // namespace
}  // namespace gauntlet::run
