#include "runner/values/harmless_edit.h"

#include "runner/values/migration.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

std::string told(const std::string& now, const std::string& then) {
  return harmless_edit(now, sha256(then)).value_or("no");
}

const std::string ends = "only its line ends or its byte-order mark changed";
const std::string comments = "only comments were added";

TEST(HarmlessEdit, IsOneOfLineEndsAndOfAByteOrderMark) {
  EXPECT_EQ(told("SELECT 1;\nSELECT 2;\n", "SELECT 1;\r\nSELECT 2;\r\n"), ends);
  EXPECT_EQ(told("SELECT 1;\r\nSELECT 2;", "SELECT 1;\nSELECT 2;\n"), ends);
  EXPECT_EQ(told("SELECT 1;\n", "\xEF\xBB\xBFSELECT 1;\n"), ends);
  EXPECT_EQ(told("SELECT 1;\n\n", "SELECT 1;"), ends);
}

TEST(HarmlessEdit, IsACommentThatWasAdded) {
  const std::string then = "-- why\nSELECT 1;\nSELECT 2; -- two\n";
  EXPECT_EQ(told("-- gauntlet: allow x: y\n" + then, then), comments);
  EXPECT_EQ(told("-- why\nSELECT 1; /* one */\nSELECT 2; -- two\n", then), comments);
  EXPECT_EQ(told("-- a\n-- b\r\nSELECT 1;\n  -- c\nSELECT 2;\n", "SELECT 1;\nSELECT 2;\n"),
            comments);
}

TEST(HarmlessEdit, IsNotAChangeOfAStatement) {
  EXPECT_EQ(told("SELECT 2;\n", "SELECT 1;\n"), "no");
  EXPECT_EQ(told("SELECT '-- a';\n", "SELECT '';\n"), "no");
  EXPECT_EQ(told("SELECT 1;\n", "SELECT 1;\n-- removed\n"), "no");
  EXPECT_EQ(told("SELECT $$\n-- a\n$$;\n", "SELECT $$\n$$;\n"), "no");
}

}  // namespace
}  // namespace gauntlet::runner
