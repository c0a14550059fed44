// Runners that roll a file back and try again: what its second try leaves in other values than the
// first would have is nothing that the runner could help.
#include "harness/verify/boot.h"
#include "harness/verify/replicas.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using test::ids_of;
using test::told_by;
using testing::ElementsAre;

Files numbered_notes() {
  return {{"1_tables.up.sql",
           "CREATE TABLE notes(id serial PRIMARY KEY, t text);\n"
           "CREATE TABLE counters(n int);\nINSERT INTO counters VALUES (0);\n"},
          {"2_notes.up.sql",
           "INSERT INTO notes(t) VALUES ('a'), ('b');\nUPDATE counters SET n = n + 1;\n"}};
}

/// For each file: one psql session, until it succeeds, of what `transaction` prints. It knows
/// $file, $version and $name. The record gives up after 100 ms.
std::string runner_that_tries_again(const std::string& transaction) {
  return R"sh(#!/bin/bash
psql -Xq -c "SET client_min_messages = warning" -c "CREATE TABLE IF NOT EXISTS tracker(version bigint PRIMARY KEY, name text NOT NULL)" 2>/dev/null
transaction() { cat <<SQL
)sh" + transaction +
         R"sh(
SQL
}
for file in $(ls "$1"/*.up.sql | sort -V); do
  base=$(basename "$file" .up.sql); version=${base%%_*} name=${base#*_}
  for attempt in {1..100}; do
    transaction | psql -Xqt -v ON_ERROR_STOP=1 >/dev/null 2>&1 && continue 2
  done
  exit 1
done
)sh";
}

constexpr const char* applies_and_records_at_once = R"(BEGIN;
SELECT pg_advisory_xact_lock(4711);
SELECT NOT EXISTS (SELECT FROM tracker WHERE version = $version) AS pending \gset
\if :pending
\i $file
SET LOCAL lock_timeout = '100ms';
INSERT INTO tracker VALUES ($version, '$name');
\endif
COMMIT;)";

constexpr const char* commits_before_it_records = R"(SELECT pg_advisory_lock(4711);
SELECT NOT EXISTS (SELECT FROM tracker WHERE version = $version) AS pending \gset
\if :pending
BEGIN;
\i $file
COMMIT;
SET lock_timeout = '100ms';
INSERT INTO tracker VALUES ($version, '$name');
\endif)";

core::Result of_three(const Files& files, const std::string& script) {
  ScriptedRunner runner(files, script);
  runner.options.replicas = 3;
  return runner.run(replicas);
}

// Recording is held back in the second race: the runner rolls back and draws numbers anew.
TEST(Retried, AFileThatDrawsOtherNumbersIsNotHeldAgainstTheRunner) {
  const core::Result result =
      of_three(numbered_notes(), runner_that_tries_again(applies_and_records_at_once));
  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << told_by(result);
}

TEST(Retried, AFileWhoseFirstTryStaysIsViolated) {
  Files files = numbered_notes();
  files[1].sql = "UPDATE counters SET n = n + 1;\n";
  const core::Result result = of_three(files, runner_that_tries_again(commits_before_it_records));
  EXPECT_THAT(ids_of(result), ElementsAre("data-differs")) << told_by(result);
}

/// Alone: `trial` before a pending file is applied for good.
core::Result boot_after(const Files& files, const std::string& trial) {
  const ScriptedRunner runner(
      files, runner_that_tries_again(
                 "SELECT NOT EXISTS (SELECT FROM tracker WHERE version = $version) AS pending "
                 "\\gset\n\\if :pending\n" +
                 trial + "\\endif\n" + applies_and_records_at_once));
  return runner.run(boot);
}

TEST(Retried, AFileThatIsTriedInATransactionFirstHolds) {
  const core::Result result = boot_after(numbered_notes(), "BEGIN;\n\\i $file\nROLLBACK;\n");
  EXPECT_EQ(result.judgement.verdict, core::Verdict::holds) << told_by(result);
}

TEST(Retried, ATrialThatLeavesRowsIsViolated) {
  Files files = numbered_notes();
  files[0].sql =
      "CREATE TABLE IF NOT EXISTS counters(n int PRIMARY KEY);\n"
      "INSERT INTO counters VALUES (0) ON CONFLICT DO NOTHING;\n";
  files[1].sql = "UPDATE counters SET n = n + 1;\n";
  const core::Result result = boot_after(files, "BEGIN;\n\\i $file\nCOMMIT;\n");
  EXPECT_THAT(ids_of(result), ElementsAre("data-differs-from-files")) << told_by(result);
}

}  // namespace
}  // namespace gauntlet::verify
