#include "harness/crash/words.h"

#include <gtest/gtest.h>

namespace gauntlet::crash {
namespace {

TEST(CrashWords, HearsARemedy) {
  for (const char* said :
       {"error[in-progress]: 005 was interrupted\n  fix:   drop the index, then run up again",
        "error: Dirty database version 3. Fix and force version.",
        "If you are sure, release the lock manually by running 'knex migrate:unlock'",
        "Please run `tool repair` first", "remove it and run again"})
    EXPECT_TRUE(says_what_to_do(said)) << said;
}

TEST(CrashWords, HearsNoneInTheServersWordsInSqlAndInAStackTrace) {
  for (const char* said :
       {"psycopg2.errors.DuplicateTable: relation \"a\" already exists",
        "LINE 1: DROP INDEX x; -- drop it", "  File \"x.py\", line 3, in repair",
        "    at unlock (/app/index.js:3)", "[SQL: delete it]", "connection refused", ""})
    EXPECT_FALSE(says_what_to_do(said)) << said;
}

TEST(CrashWords, TheLastLineIsWhatIsShown) {
  EXPECT_EQ(last_words("Traceback\n  File \"x.py\", line 1\nOperationalError: gone\n\n"),
            "OperationalError: gone");
  EXPECT_EQ(last_words(""), "");
}

}  // namespace
}  // namespace gauntlet::crash
