// `gauntlet test` of a program that applies a file a second time only where others stand beside it.
#include "harness/cli/program.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::HasSubstr;

/// Under a lock; `end` ends the first try of a file, which is made only beside others.
std::string runner_whose_first_try(const std::string& end) {
  return R"sh(#!/bin/bash
psql -Xq -c "CREATE TABLE IF NOT EXISTS tracker(version bigint PRIMARY KEY, name text)" 2>/dev/null
transaction() { cat <<SQL
SELECT count(*) > 0 AS others FROM pg_stat_activity WHERE datname = current_database() AND
  application_name = 'psql' AND pid <> pg_backend_pid() \gset
SELECT pg_advisory_lock(4711);
SELECT NOT EXISTS (SELECT FROM tracker WHERE version = $version) AS pending \gset
\if :pending
\if :others
BEGIN;
\i $file
)sh" + end +
         R"sh(;
\endif
BEGIN;
\i $file
INSERT INTO tracker VALUES ($version, '${base#*_}');
COMMIT;
\endif
SQL
}
for file in $(ls "$1"/*.up.sql | sort -V); do
  base=$(basename "$file" .up.sql); version=${base%%_*}
  transaction | psql -Xqt -v ON_ERROR_STOP=1 >/dev/null || exit 1
done
)sh";
}

process::Finished test_of(const TestFolder& folder, const std::string& second_file,
                          const std::string& end) {
  folder.write("m/001_tables.up.sql",
               "CREATE TABLE IF NOT EXISTS notes(id serial PRIMARY KEY, t text);\n"
               "CREATE TABLE IF NOT EXISTS counters(n int PRIMARY KEY);\n"
               "INSERT INTO counters VALUES (0) ON CONFLICT DO NOTHING;\n");
  folder.write("m/002_rows.up.sql", second_file);
  folder.write("runner.sh", runner_whose_first_try(end));
  return gauntlet({"test", "concurrency/pending", "--database", "ephemeral", "--migrations",
                   folder.file("m"), "--runner",
                   "bash " + folder.file("runner.sh") + " {migrations}", "--applied-query",
                   "SELECT version, name FROM tracker"});
}

TEST(RetriedProgram, NumbersThatASecondTryDrawsAreNoFinding) {
  const TestFolder folder;
  const auto run = test_of(folder, "INSERT INTO notes(t) VALUES ('a'), ('b');\n", "ROLLBACK");
  EXPECT_EQ(run.exit.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("serial runs differ there: public.notes.id"));
}

TEST(RetriedProgram, AFirstTryThatStaysIsViolated) {
  const TestFolder folder;
  const auto run = test_of(folder, "UPDATE counters SET n = n + 1;\n", "COMMIT");
  EXPECT_EQ(run.exit.code, 1) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("other values in column n"));
}

}  // namespace
}  // namespace gauntlet::cli
