#include "harness/fleet/format.h"

#include <gtest/gtest.h>

namespace gauntlet::fleet {
namespace {

TEST(Format, OfGauntletWantsAMarkerAndNoTransactionsInAFile) {
  const Format* format = find_format("gauntlet");
  ASSERT_NE(format, nullptr);
  EXPECT_TRUE(format->marker);
  EXPECT_FALSE(format->own_transactions);
  EXPECT_FALSE(format->lone_statement);
  EXPECT_EQ(format->runner_mode, "directive");
}

TEST(Format, OfGolangMigrateTakesAFileAsItStands) {
  const Format* format = find_format("golang-migrate");
  ASSERT_NE(format, nullptr);
  EXPECT_FALSE(format->marker);
  EXPECT_TRUE(format->own_transactions);
  EXPECT_TRUE(format->lone_statement);
  EXPECT_EQ(format->runner_mode, "whole-file");
}

TEST(Format, ThatNobodyKnowsIsNull) { EXPECT_EQ(find_format("gauntlet "), nullptr); }

TEST(Format, IsFoundByEachNameThatIsListed) {
  for (const Format& format : formats()) {
    SCOPED_TRACE(format.name);
    EXPECT_EQ(find_format(format.name), &format);
  }
}

}  // namespace
}  // namespace gauntlet::fleet
