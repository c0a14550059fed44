#include "harness/core/recorded_name.h"

#include <gtest/gtest.h>

namespace gauntlet::core {
namespace {

TEST(VersionOf, ReadsTheLeadingDigits) {
  EXPECT_EQ(version_of("0003_add.sql"), 3);
  EXPECT_EQ(version_of("20240102030405"), 20240102030405);
  EXPECT_EQ(version_of("abc"), std::nullopt);
  EXPECT_EQ(version_of("-1"), std::nullopt);
  EXPECT_EQ(version_of("99999999999999999999"), std::nullopt);
}

TEST(NameOf, DropsVersionAndExtension) {
  EXPECT_EQ(name_of("0003_add.index.up.sql", 3), "add.index");
  EXPECT_EQ(name_of("1389_first-one.js", 1389), "first-one");
  EXPECT_EQ(name_of("add_index", 3), "add_index");
  EXPECT_EQ(name_of("2_factor", 7), "2_factor");
  EXPECT_EQ(name_of("7", 7), "7");
}

TEST(IsNameOf, AllowsAFileWhoseNameBeginsWithItsNumberOrEndsAsAFileDoes) {
  EXPECT_TRUE(is_name_of("001_init", "001_init", 1));  // of 001_001_init.up.sql
  EXPECT_TRUE(is_name_of("init", "001_init", 1));
  EXPECT_TRUE(is_name_of("001_init", "init", 1));
  EXPECT_TRUE(is_name_of("load.sql", "load.sql", 2));
  EXPECT_TRUE(is_name_of("002_load.sql", "load", 2));
  EXPECT_FALSE(is_name_of("001_init", "init", 2));
  EXPECT_FALSE(is_name_of("init", "initial", 1));
}

}  // namespace
}  // namespace gauntlet::core
