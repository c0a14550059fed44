#include "harness/crash/words.h"

#include <gtest/gtest.h>

namespace gauntlet::crash {
namespace {

const std::vector<truth::File> named_files = {
    {.name = "003_status.up.sql", .version = 3, .sql = ""},
    {.name = "005_owner_index.up.sql", .version = 5, .sql = ""}};

TEST(CrashWords, NameAFileOrAVersionAndItsStateOrACommand) {
  for (const char* said :
       {"error[in-progress]: 005 was interrupted\n  where: x\n  fix:   drop the index, then run "
        "up again",
        "error: Dirty database version 3. Fix and force version.",
        "Detected failed migration to version 5 (owner index).\nPlease remove any half-completed "
        "changes then run repair to fix the schema history.",
        "The `005_owner_index` migration started at 12:00 failed\nsee how to resolve it",
        "005_owner_index.up.sql was interrupted. Finish it by hand, and run: UPDATE applied"})
    EXPECT_TRUE(says_what_to_do(said, named_files)) << said;
}

TEST(CrashWords, OfALockThatStandsSayHowItIsReleased) {
  EXPECT_TRUE(
      says_what_to_do("Migration table is already locked\nIf you are sure, release the lock "
                      "manually by running 'knex migrate:unlock'",
                      named_files));
  EXPECT_TRUE(
      says_what_to_do("yoyo.exceptions.LockTimeout: Process 7 has locked this database (run yoyo "
                      "break-lock to remove this lock)",
                      named_files));
  EXPECT_FALSE(says_what_to_do("can't acquire database lock", named_files));
  EXPECT_FALSE(says_what_to_do("Another migration is already running", named_files));
}

TEST(CrashWords, OfTheServerOfSqlAndOfAStackTraceDoNotCount) {
  for (const char* said :
       {"psycopg2.errors.DuplicateTable: relation \"a\" already exists",
        "LINE 1: DROP INDEX x; -- drop it", "  File \"x.py\", line 3, in repair",
        "    at unlock (/app/index.js:3)", "[SQL: delete it]", "connection refused", ""})
    EXPECT_FALSE(says_what_to_do(said, named_files)) << said;
}

TEST(CrashWords, ThatNameNoFileOrOnlyNameOneSayNothing) {
  for (const char* said :
       {"applying 005_owner_index.up.sql\nERROR: relation \"x\" already exists",
        "migration 5 failed: relation \"x\" already exists", "Please run `tool repair` first",
        "remove it and run again",
        "applying 005_owner_index\nnpm notice please run `npm install -g npm@10`",
        "DeprecationWarning: you must pass an option, see 003", "took 5 s, then run again",
        "error 3000: you need to think"})
    EXPECT_FALSE(says_what_to_do(said, named_files)) << said;
}

TEST(CrashWords, TheLastLineThatTellsAnErrorIsShownOrElseTheLast) {
  EXPECT_EQ(last_words("Traceback\n  File \"x.py\", line 1\nOperationalError: gone\n\n"),
            "OperationalError: gone");
  EXPECT_EQ(last_words("Error: relation is not there {\n  code: '42P01'\n}\n"),
            "Error: relation is not there {");
  EXPECT_EQ(last_words("error: relation is there\n  severity: 'ERROR',\n  detail: undefined,\n  "
                       "file: 'heap.c',\n"),
            "error: relation is there");
  EXPECT_EQ(last_words("psycopg2.errors.UniqueViolation: there\nmy.exceptions.Locked: by 7\n"),
            "my.exceptions.Locked: by 7");
  EXPECT_EQ(last_words("one\nanother one is at work\n"), "another one is at work");
  EXPECT_EQ(last_words(""), "");
}

}  // namespace
}  // namespace gauntlet::crash
