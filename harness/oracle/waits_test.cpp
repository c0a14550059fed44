#include "harness/oracle/waits.h"

#include "harness/oracle/oracle.h"
#include "harness/oracle/test_history.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using namespace std::chrono_literals;
using core::Verdict;
using ::testing::HasSubstr;

/// Replica 0 builds an index and waits for the snapshot of replica 1, until it is ended.
core::History blocked_for(std::chrono::microseconds time) {
  TestHistory history(2);
  history.opens(first_session, 11).opens(second_session, 12).exits(1, 0).is_killed(0);
  history.history().events.back().at = time;
  history.history().waits = {{.backend_pid = 11,
                              .wait_event_type = "Lock",
                              .wait_event = "virtualxid",
                              .state = "active",
                              .statement = "CREATE INDEX CONCURRENTLY i ON a (x)",
                              .blocked_by = {12}},
                             {.backend_pid = 12,
                              .wait_event_type = "Client",
                              .wait_event = "ClientRead",
                              .state = "idle in transaction",
                              .statement = "SELECT pg_try_advisory_lock(7)"}};
  return history.history();
}

TEST(Waits, TellWhoWaitsForWhomAndWhatTheOtherOneDid) {
  const Wait wait = wait_of(blocked_for(1s), 0);
  EXPECT_EQ(wait.text,
            "server process 11 (replica 0) runs `CREATE INDEX CONCURRENTLY i ON a (x)` and waits "
            "(Lock virtualxid) for server process 12 (replica 1), which is idle in transaction "
            "after `SELECT pg_try_advisory_lock(7)`");
  EXPECT_TRUE(wait.is_for_another_replica);
  EXPECT_EQ(wait_of(blocked_for(1s), 1).text, "");
}

TEST(Waits, OfOneReplicaForAnotherViolateWhateverThePatience) {
  const core::Judgement judgement =
      ask(oracle("all-succeed"), {.history = blocked_for(11s), .patience = 60s});
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "replicas-block-each-other");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("virtualxid"));
}

TEST(Waits, OfAFewSecondsAreOnlyTold) {
  const core::Judgement judgement =
      ask(oracle("all-succeed"), {.history = blocked_for(4s), .patience = 60s});
  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("was ended by Gauntlet at its deadline after 4.0 s"));
  EXPECT_THAT(judgement.reason, HasSubstr("waits (Lock virtualxid)"));
}

TEST(Waits, ForSomebodyOutsideTheFleetAccuseNoReplica) {
  core::History history = blocked_for(11s);
  history.waits[0].blocked_by = {99};
  EXPECT_EQ(ask(oracle("all-succeed"), {.history = history, .patience = 60s}).verdict,
            Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
