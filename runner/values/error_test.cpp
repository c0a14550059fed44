#include "runner/values/error.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

TEST(Error, IsPrintedWithWhereAndFix) {
  const Error error("edited-after-apply", "migration 3 changed", "0003_x.up.sql", "restore it");
  EXPECT_STREQ(error.what(),
               "error[edited-after-apply]: migration 3 changed\n"
               "  where: 0003_x.up.sql\n"
               "  fix:   restore it");
}

TEST(Error, LeavesOutTheLinesThatItHasNot) {
  EXPECT_STREQ(Error("no-session", "there is no session").what(),
               "error[no-session]: there is no session");
}

TEST(Error, KeepsItsPartsApart) {
  const Error error("code", "message", "where", "fix");
  EXPECT_EQ(error.code() + error.message() + error.where() + error.fix(), "codemessagewherefix");
}

}  // namespace
}  // namespace gauntlet::runner
