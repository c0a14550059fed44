#include "harness/sql/advisory_calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::sql {
namespace {

TEST(AdvisoryCalls, TellTheirArguments) {
  const auto calls = advisory_calls(
      "SELECT pg_try_advisory_xact_lock(hashtext('a,b'), $2), pg_advisory_unlock(7)");
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_THAT(calls[0].arguments, testing::ElementsAre("hashtext('a,b')", "$2"));
  EXPECT_TRUE(calls[0].tries() && calls[0].until_commit() && !calls[0].releases());
  EXPECT_THAT(calls[1].arguments, testing::ElementsAre("7"));
  EXPECT_TRUE(calls[1].releases() && !calls[1].tries() && !calls[1].shared());
}

TEST(AdvisoryCalls, HaveAKeyWithTheirParametersPutIn) {
  const auto calls = advisory_calls("SELECT pg_advisory_lock($2, hashtext( 'a' ))");
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].key({"1", "7"}), "7,hashtext('a')");
  EXPECT_EQ(calls[0].key({"1"}), "$2,hashtext('a')");
  EXPECT_EQ(calls[0].key({"1", std::nullopt}), "null,hashtext('a')");
}

TEST(AdvisoryCalls, CountWhatGivesBackAllOfThem) {
  for (const char* sql : {"SELECT pg_advisory_unlock_all()", "DISCARD /* now */ ALL"}) {
    const auto calls = advisory_calls(sql);
    ASSERT_EQ(calls.size(), 1U) << sql;
    EXPECT_TRUE(calls[0].releases_all());
    EXPECT_TRUE(calls[0].releases());
  }
  EXPECT_TRUE(advisory_calls("DISCARD PLANS").empty());
}

}  // namespace
}  // namespace gauntlet::sql
