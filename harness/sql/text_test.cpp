#include "harness/sql/text.h"

#include <gtest/gtest.h>

namespace gauntlet::sql {
namespace {

TEST(WithoutBlanks, LeavesWhatTwoWaysToWriteAStatementShare) {
  EXPECT_EQ(without_blanks("SELECT\n\t'a ä' ;\r\n;"), "SELECT'aä'");
}

TEST(OneLine, IsOneLineOfBoundedLengthThatEndsBetweenCharacters) {
  EXPECT_EQ(one_line("SELECT\n\t 1"), "`SELECT 1`");
  EXPECT_EQ(one_line(std::string(99, 'x') + "äb"), "`" + std::string(99, 'x') + "…`");
}

}  // namespace
}  // namespace gauntlet::sql
