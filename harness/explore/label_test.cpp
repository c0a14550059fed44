#include "harness/explore/label.h"

#include <gtest/gtest.h>

namespace gauntlet::explore {
namespace {

core::Step message(std::string sql) { return {.sql = std::move(sql)}; }

TEST(Label, MasksWhatVariesFromRunToRun) {
  const core::Step one =
      message("NOTIFY x, 'failed 3 process 4711 on web-7'; SELECT lock(-8123456789012)");
  const core::Step other =
      message("NOTIFY x, 'failed 3 process 12 on ci'; SELECT lock(9223372036854775807)");
  EXPECT_EQ(fingerprint_of(one), fingerprint_of(other));
  EXPECT_EQ(text_of(one), "NOTIFY x, 'failed 3 process #'; SELECT lock(#)");
}

TEST(Label, MasksKeysAndHashesInHexadecimal) {
  EXPECT_EQ(text_of(message("LISTEN gauntlet_535499c979c6a771")), "LISTEN gauntlet_#");
  EXPECT_EQ(text_of(message("SELECT deadbeef, cafe")), "SELECT deadbeef, cafe");
}

TEST(Label, TellsVersionsApart) {
  EXPECT_NE(fingerprint_of(message("INSERT INTO t VALUES (1)")),
            fingerprint_of(message("INSERT INTO t VALUES (2)")));
}

TEST(Label, TellsStatementsApartThatBeginAlike) {
  const std::string begin(200, 'x');
  EXPECT_EQ(text_of(message(begin + "1")), text_of(message(begin + "2")));
  EXPECT_NE(fingerprint_of(message(begin + "1")), fingerprint_of(message(begin + "2")));
}

TEST(Label, StandsOnOneLineAndNeverEndsInsideACharacter) {
  EXPECT_EQ(text_of(message("SELECT\n\t 1")), "SELECT 1");
  std::string umlauts;
  while (umlauts.size() < 100) umlauts += "ä";
  EXPECT_EQ(text_of(message(umlauts)).size() % 2, 1U);  // whole umlauts, and three dots
}

}  // namespace
}  // namespace gauntlet::explore
