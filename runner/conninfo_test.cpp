#include "runner/session.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

TEST(MaskPassword, HidesItWhereverItStands) {
  EXPECT_EQ(mask_password("postgresql://u:secret@h:5432/d?sslmode=disable"),
            "postgresql://u:***@h:5432/d?sslmode=disable");
  EXPECT_EQ(mask_password("postgres://h/d?user=u&password=secret&x=y"),
            "postgres://h/d?user=u&password=***&x=y");
  EXPECT_EQ(mask_password("host=h password=secret user=u"), "host=h password=*** user=u");
  EXPECT_EQ(mask_password("password = 'se \\' cret' host=h"), "password = *** host=h");
  EXPECT_EQ(mask_password("sslpassword=secret host=h"), "sslpassword=*** host=h");
}

TEST(MaskPassword, HidesMoreRatherThanLessOfAMalformedUrl) {
  EXPECT_EQ(mask_password("postgresql://u:se/cr@et?x@h/d"), "postgresql://u:***@h/d");
}

TEST(MaskPassword, LeavesTheRestAlone) {
  for (const char* text : {"postgresql://h:5432/d", "postgresql://u@h/d", "host=h dbname=d", ""}) {
    EXPECT_EQ(mask_password(text), text);
  }
}

}  // namespace
}  // namespace gauntlet::runner
