#include "harness/oracle/advisory_locks.h"

#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Reply;
using End = Holding::End;

TEST(LockStory, ReadsAConditionalTryInTheMiddleOfAMessage) {
  TestHistory history(1);
  history
      .sends(first_session,
             "BEGIN ISOLATION LEVEL READ COMMITTED;"
             "SELECT pg_catalog.pg_try_advisory_lock(-42)::text WHERE true;SELECT 1;COMMIT")
      .is_told({.statements = {{.tag = "BEGIN"},
                               {.tag = "SELECT 1", .rows = 1, .value = "true"},
                               {.tag = "SELECT 1", .rows = 1, .value = "1"},
                               {.tag = "COMMIT"}}});

  const LockStory story = lock_story(history.history());

  ASSERT_EQ(story.holdings.size(), 1U);
  EXPECT_EQ(story.holdings[0].key, "-42");
  EXPECT_EQ(story.holdings[0].from, 2U);
  EXPECT_EQ(story.holdings[0].end, End::open);
}

TEST(LockStory, TakesATryThatGaveNoRowOrFalseForNone) {
  TestHistory history(1);
  history.sends(first_session, "SELECT pg_try_advisory_lock(1) WHERE false")
      .is_told({.statements = {{.tag = "SELECT 0"}}})
      .asks(first_session, "SELECT pg_try_advisory_lock(1)", "f");

  EXPECT_TRUE(lock_story(history.history()).holdings.empty());
}

TEST(LockStory, DoesNotSeeCallsInStringsCommentsAndSharedLocks) {
  TestHistory history(1);
  history.asks(first_session, "SELECT 'pg_advisory_lock(1)' -- pg_advisory_lock(2)", "")
      .asks(first_session, "SELECT pg_advisory_lock_shared(3)", "");

  EXPECT_TRUE(lock_story(history.history()).holdings.empty());
}

TEST(LockStory, PutsParametersIntoTheKey) {
  TestHistory history(1);
  history.sends(first_session, "SELECT pg_advisory_lock($1, hashtext($2))", {"7", "tracker"})
      .is_told({.statements = {{.tag = "SELECT 1", .rows = 1}}});

  EXPECT_EQ(lock_story(history.history()).holdings.at(0).key, "7,hashtext(tracker)");
}

TEST(LockStory, EndsAHoldingWhereItsUnlockWasLetGo) {
  TestHistory history(1);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "")
      .asks(first_session, "SELECT pg_advisory_unlock(1)", "t");

  const LockStory story = lock_story(history.history());

  EXPECT_EQ(story.holdings.at(0).end, End::unlocked);
  EXPECT_EQ(story.holdings.at(0).until, 4U);
  EXPECT_EQ(story.unlocks.at(0).answer, Unlock::Answer::done);
}

TEST(LockStory, CountsALockThatWasTakenTwice) {
  TestHistory history(1);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "")
      .asks(first_session, "SELECT 1 / pg_try_advisory_lock(1)::int", "1")
      .asks(first_session, "SELECT pg_advisory_unlock(1)", "t");

  const LockStory story = lock_story(history.history());

  ASSERT_EQ(story.holdings.size(), 2U);
  EXPECT_EQ(story.holdings[0].end, End::open);
  EXPECT_EQ(story.holdings[1].end, End::unlocked);
}

TEST(LockStory, EndsEverythingWithDiscardAll) {
  TestHistory history(1);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "")
      .does(first_session, "DISCARD ALL", "DISCARD ALL");

  EXPECT_EQ(lock_story(history.history()).holdings.at(0).end, End::unlocked);
}

TEST(LockStory, EndsATransactionsLockWithTheTransaction) {
  TestHistory history(1);
  history.sends(first_session, "BEGIN; SELECT pg_advisory_xact_lock(1)")
      .is_told({.statements = {{.tag = "BEGIN"}, {.tag = "SELECT 1", .rows = 1}},
                .in_transaction = true})
      .does(first_session, "COMMIT", "COMMIT");

  const LockStory story = lock_story(history.history());

  EXPECT_EQ(story.holdings.at(0).end, End::transaction_ended);
  EXPECT_EQ(story.holdings.at(0).until, 4U);
  EXPECT_FALSE(story.holdings.at(0).is_momentary());
}

TEST(LockStory, KeepsASessionsLockOverARollback) {
  TestHistory history(1);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "")
      .does(first_session, "ROLLBACK", "ROLLBACK");

  EXPECT_EQ(lock_story(history.history()).holdings.at(0).end, End::open);
}

TEST(LockStory, EndsWithTheLastStepThatASessionWasSeenToDo) {
  TestHistory history(1);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "")
      .does(first_session, "CREATE TABLE a()", "CREATE TABLE")
      .sends(first_session, "CREATE TABLE b()")
      .is_told({.ending = Reply::Ending::lost});

  const LockStory story = lock_story(history.history());

  EXPECT_EQ(story.holdings.at(0).end, End::session_ended);
  EXPECT_EQ(story.holdings.at(0).until, 4U);
}

TEST(LockStory, EndsWithTheReplicaWhoseSessionsWereNotSeenToClose) {
  TestHistory history(1);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "").exits(0, 0);

  EXPECT_EQ(lock_story(history.history()).holdings.at(0).end, End::session_ended);
}

TEST(LockStory, BelievesWithTheReplicaWhereAFaultTookTheLockAway) {
  TestHistory history(1);
  history.asks(first_session, "SELECT pg_advisory_lock(1)", "");
  history.history().steps[0].ruling = {.what = core::Ruling::What::rewrite,
                                       .text = "SELECT pg_advisory_lock_shared(1)"};

  EXPECT_EQ(lock_story(history.history()).holdings.size(), 1U);
}

TEST(LockStory, ReadsNoRepliesThatBelongToOtherStatements) {
  TestHistory history(1);
  history.asks(first_session, "BEGIN; SELECT pg_try_advisory_lock(1)", "t");
  history.history().steps[0].ruling = {.what = core::Ruling::What::rewrite,
                                       .text = "SELECT pg_try_advisory_lock(1)"};

  EXPECT_TRUE(lock_story(history.history()).holdings.empty());
}

}  // namespace
}  // namespace gauntlet::oracle
