#include "harness/mutant/rewriting.h"

#include <string>

#include <gtest/gtest.h>

namespace gauntlet::mutant {
namespace {

// As the runner sends it, and with bodies that say the words of its own statements.
Message migration(std::string_view body) {
  return {.before = {{Purpose::begin, "BEGIN"}, {Purpose::setting, "SET LOCAL x = 1"}},
          .body = body,
          .after = {{Purpose::reset, "RESET ALL"},
                    {Purpose::proof, "SELECT 1 / has_lock()::int"},
                    {Purpose::record, "INSERT INTO tracker VALUES (1)"},
                    {Purpose::commit, "COMMIT"}}};
}

Message try_message() {
  return {.before = {{Purpose::begin, "BEGIN"},
                     {Purpose::take, "SELECT try_lock(7)::text WHERE pending"},
                     {Purpose::read, "SELECT rows"},
                     {Purpose::commit, "COMMIT"}},
          .body = {},
          .after = {}};
}

TEST(Rewriting, ChangesWhatIsThereForThePurposeAndNeverABody) {
  const std::string body = "SELECT 'SELECT try_lock(7)::text WHERE pending; RESET ALL'";
  Message message = migration(body);
  drop_lock(message);
  remove(message, Purpose::reset);
  EXPECT_EQ(message.text(), "BEGIN;SET LOCAL x = 1;" + body +
                                "\n;\nSELECT 1;INSERT INTO tracker VALUES (1);COMMIT");
}

TEST(Rewriting, TellsThatTheLockWasTakenOrTriesItWhateverIsPending) {
  Message message = try_message();
  drop_lock(message);
  EXPECT_EQ(message.before[1].sql, "SELECT 'true' WHERE pending");
  message = try_message();
  try_lock_always(message);
  EXPECT_EQ(message.before[1].sql, "SELECT try_lock(7)::text WHERE true");
}

TEST(Rewriting, FindsTheResultOfAPurpose) {
  Results results(4);
  results[1].rows = {{"false"}};
  const Message message = try_message();
  EXPECT_EQ(result_for(message, Purpose::read, results), &results[2]);
  EXPECT_EQ(result_for(message, Purpose::record, results), nullptr);
  tell_that_it_has(message, results);
  EXPECT_EQ(results[1].rows.front().front(), "true");
}

TEST(Rewriting, FindsNoResultThatDidNotCome) {
  Results results(1);
  EXPECT_EQ(result_for(try_message(), Purpose::read, results), nullptr);
  tell_that_it_has(try_message(), results);
}

TEST(Rewriting, PartsAMigrationIntoTwoTransactionsAndNothingElse) {
  const auto parts = body_and_record(migration("SELECT 1"));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->body.text(), "BEGIN;SET LOCAL x = 1;SELECT 1\n;\nCOMMIT");
  EXPECT_EQ(parts->record.text(),
            "BEGIN;RESET ALL;SELECT 1 / has_lock()::int;INSERT INTO tracker VALUES (1);COMMIT");
  EXPECT_FALSE(body_and_record(try_message()));
  EXPECT_FALSE(body_and_record({.before = {}, .body = "BEGIN; INSERT 1; COMMIT", .after = {}}));
}

}  // namespace
}  // namespace gauntlet::mutant
