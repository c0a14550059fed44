// Each harm does exactly what its name says: what the server did, and what the client saw.
#include "harness/crash/harmed_psql_test.h"

#include <chrono>
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::crash {
namespace {

using testing::HasSubstr;

HarmDone done_by(const fault::Harm& harm, const Client& client = {}) {
  if (harm.stops_server()) {
    // Ours forgets what was just committed where it is killed: production's does not.
    const auto each =
        arena::open("ephemeral", {.server = {.settings = {{"synchronous_commit", "on"}}}});
    return done_by(harm, client, *each);
  }
  const auto server = arena::Server::start({});
  return done_by(harm, client, *arena::open_on(*server));
}

std::optional<int> signal_of(const RunSeen& run) {
  const core::Event* end = run.history.exit_of(0);
  return end == nullptr ? std::nullopt : end->signal;
}

TEST(Harm, CutBeforeTheServerNeverSeesTheStatementAndTheClientSeesItsConnectionEnd) {
  const HarmDone done = done_by(fault::cut_before());
  EXPECT_EQ(done.rows, "0");
  EXPECT_EQ(done.seen.harmed.exit_code, 2);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("closed the connection"));
}

TEST(Harm, CutAfterTheServerHasExecutedItAndTheClientSeesItsConnectionEnd) {
  const HarmDone done = done_by(fault::cut_after());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(done.seen.harmed.exit_code, 2);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("closed the connection"));
  EXPECT_THAT(done.seen.harmed.said(), testing::Not(HasSubstr("INSERT 0 1")));
}

TEST(Harm, LostReplyTheServerHasExecutedItAndTheClientIsDeadBeforeItSeesAnything) {
  const HarmDone done = done_by(fault::lost_reply());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(signal_of(done.seen.harmed), SIGKILL);
  EXPECT_THAT(done.seen.harmed.said(), testing::Not(HasSubstr("closed the connection")));
}

TEST(Harm, KilledTheServerIsSeenToRunItAndFinishesItWithoutItsClient) {
  const HarmDone done = done_by(fault::killed());
  EXPECT_TRUE(done.seen.was_running);
  EXPECT_EQ(signal_of(done.seen.harmed), SIGKILL);
  EXPECT_EQ(done.rows, "1");
}

TEST(Harm, KilledWhereTheStatementCannotBeHeldIsTheSameAsALostReply) {
  const HarmDone done = done_by(fault::killed(), {.statement = "SET application_name = x"});
  EXPECT_FALSE(done.seen.was_running);
  EXPECT_EQ(signal_of(done.seen.harmed), SIGKILL);
}

TEST(Harm, TerminatedTheServerSaysSoAndHasNotRunIt) {
  const HarmDone done = done_by(fault::terminated());
  EXPECT_EQ(done.rows, "0");
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("terminating connection due to administrator"));
}

TEST(Harm, TerminatedRunningTheServerIsSeenToRunItAndRollsItBack) {
  const HarmDone done = done_by(fault::terminated_running());
  EXPECT_TRUE(done.seen.was_running);
  EXPECT_EQ(done.rows, "0");
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("terminating connection due to administrator"));
}

TEST(Harm, StoppedGracefullyAClientThatListensEndsByItselfAndTheServerRunsItOn) {
  const HarmDone done = done_by(fault::stopped_gracefully(),
                                {.first = "trap 'kill $!; exit 7' TERM;", .last = "& wait $!"});
  EXPECT_TRUE(done.seen.was_running);
  EXPECT_EQ(done.seen.harmed.exit_code, 7);
  EXPECT_EQ(done.rows, "1");
}

TEST(Harm, StoppedGracefullyAClientThatDoesNotListenIsKilledWhenTheGracePeriodIsOver) {
  const auto began = std::chrono::steady_clock::now();
  const HarmDone done = done_by(fault::stopped_gracefully(), {.first = "trap '' TERM; exec"});
  EXPECT_TRUE(done.seen.was_running);
  EXPECT_EQ(signal_of(done.seen.harmed), SIGKILL);
  EXPECT_GE(std::chrono::steady_clock::now() - began, fault::stopped_gracefully().time);
  EXPECT_EQ(done.rows, "1");
}

TEST(Harm, ServerFastTheServerSaysThatItStopsAndHasNotRunIt) {
  const HarmDone done = done_by(fault::server_fast());
  EXPECT_EQ(done.rows, "0");
  EXPECT_EQ(done.seen.harmed.exit_code, 2);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("terminating connection due to administrator"));
}

TEST(Harm, ServerImmediateTheConnectionEndsAndWhatWasCommittedIsThereAfterTheNextStart) {
  const HarmDone done =
      done_by(fault::server_immediate(), {.before = "CREATE TABLE earlier AS SELECT 1 AS n"});
  EXPECT_EQ(done.rows, "0");
  EXPECT_EQ(done.seen.harmed.exit_code, 2);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("closed the connection"));
}

TEST(Harm, WithTwoReplicasTheSecondRunsWhileTheFirstStandsAtTheStatement) {
  for (const fault::Harm& harm : {fault::cut_before(), fault::lost_reply()}) {
    const HarmDone done = done_by(harm, {.replicas = 2});
    EXPECT_TRUE(done.seen.has_second) << harm.id;
    EXPECT_THAT(done.seen.rerun.said(), testing::StartsWith("0")) << harm.id;
    EXPECT_EQ(done.rows, harm.id == "cut-before" ? "0" : "1") << harm.id;
  }
}

TEST(Harm, PausedTheServerExecutesTheStatementAndTheClientGoesOnAfterTheRerun) {
  const HarmDone done = done_by(fault::paused());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(done.seen.harmed.exit_code, 0);
  EXPECT_TRUE(done.seen.rerun.ok);
}

TEST(Harm, RefusedTheServerNeverSeesTheStatementAndTheClientSeesItsSqlstate) {
  const HarmDone done = done_by(fault::refused());
  EXPECT_EQ(done.rows, "0");
  EXPECT_EQ(done.seen.harmed.exit_code, 1);
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("canceling statement"));
}

TEST(Harm, RefusedWithASqlstateTheClientSeesThatOne) {
  const HarmDone done = done_by(*fault::find_harm("refused=42501"));
  EXPECT_EQ(done.rows, "0");
  EXPECT_THAT(done.seen.harmed.said(), HasSubstr("ERROR:  42501:"));
}

TEST(Harm, DelayedTheStatementIsExecutedAndTheClientSeesItsReplyLater) {
  const HarmDone done = done_by(fault::delayed());
  EXPECT_EQ(done.rows, "1");
  EXPECT_EQ(done.seen.harmed.exit_code, 0);
}

TEST(Harm, UnlockFalseTheClientSeesFalseUnderTheColumnsOwnName) {
  const HarmDone done = done_by(fault::unlock_false(), {.statement = "SELECT pg_advisory_unlock(7)",
                                                        .before = "SELECT pg_advisory_lock(7)"});
  EXPECT_EQ(done.seen.harmed.exit_code, 0);
  EXPECT_THAT(done.seen.harmed.said(), testing::ContainsRegex("pg_advisory_unlock *\n-+\n f"));
}

}  // namespace
}  // namespace gauntlet::crash
