#include "harness/oracle/effects.h"

#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

core::StepRecord step(const std::string& sql, const std::vector<std::string>& tags) {
  core::StepRecord record{.step = {.sql = sql}, .reply = core::Reply{}};
  for (const std::string& tag : tags) record.reply->statements.push_back({.tag = tag});
  return record;
}

TEST(MomentOf, IsInMilliseconds) {
  EXPECT_EQ(moment_of({.at = std::chrono::microseconds(12'345)}), "12.3 ms");
}

TEST(FirstWrite, IsTheFirstStatementOfAMessageThatChangedSomething) {
  EXPECT_EQ(first_write(step("BEGIN; SELECT ';'; UPDATE a SET x = 1; DELETE FROM b; COMMIT",
                             {"BEGIN", "SELECT 1", "UPDATE 0", "DELETE 3", "COMMIT"})),
            "DELETE FROM b");
}

TEST(FirstWrite, IsNoneForWhatReadsOrTouchesNothing) {
  EXPECT_EQ(first_write(step("SELECT 1", {"SELECT 1"})), std::nullopt);
  EXPECT_EQ(first_write(step("INSERT INTO a SELECT 1 WHERE false", {"INSERT 0 0"})), std::nullopt);
  EXPECT_EQ(first_write(step("COPY a TO STDOUT", {"COPY 3"})), std::nullopt);
  EXPECT_EQ(first_write(step("CREATE TABLE IF NOT EXISTS a()", {"CREATE TABLE"})), std::nullopt);
  EXPECT_EQ(first_write(step("DROP TABLE IF EXISTS a", {"DROP TABLE"})), std::nullopt);
  EXPECT_EQ(first_write(step("SET a.b = 1", {"SET"})), std::nullopt);
}

TEST(FirstWrite, SeesWritesThatOtherTagsHide) {
  EXPECT_TRUE(first_write(step("CREATE TABLE a AS SELECT 1", {"SELECT 1"})));
  EXPECT_TRUE(first_write(step("COPY a FROM STDIN", {"COPY 3"})));
  EXPECT_TRUE(first_write(step("DO $$ BEGIN END $$", {"DO"})));
}

TEST(FirstWrite, IsNoneWhereTheReplyIsInDoubt) {
  core::StepRecord lost = step("DELETE FROM a", {});
  lost.reply->ending = core::Reply::Ending::lost;

  EXPECT_EQ(first_write(lost), std::nullopt);
  EXPECT_EQ(first_write({.step = {.sql = "DELETE FROM a"}}), std::nullopt);
}

TEST(Waits, IsTrueOfALockThatIsWaitedForInsideTheServer) {
  EXPECT_TRUE(waits(step("SELECT pg_catalog.pg_advisory_xact_lock(1)", {})));
  EXPECT_TRUE(waits(step("LOCK TABLE a", {})));
  EXPECT_FALSE(waits(step("LOCK TABLE a IN EXCLUSIVE MODE NOWAIT", {})));
  EXPECT_FALSE(waits(step("SELECT pg_try_advisory_lock(1), 'pg_advisory_lock'", {})));
}

}  // namespace
}  // namespace gauntlet::oracle
