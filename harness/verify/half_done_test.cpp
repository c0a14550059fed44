// A file that meets its own objects on a given database is told as a run that stopped half-way,
// with the statements whose objects are there; one that meets another file's object is not.
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using test::told_by;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// The dry run of `files` over a database in which somebody ran `there`.
core::Result dry_run_over(const Files& files, const std::string& there) {
  ScriptedRunner runner(files);
  const test::GivenServer server;
  server.run(there);
  runner.options.database = server.address().conninfo();
  runner.options.applied_through = 0;
  runner.arena = arena::open(runner.options.database, {});
  return test::judge(runner.options, "dry-run");
}

const Files half_run = {{"1_a.up.sql",
                         "CREATE TABLE a(i int);\nALTER TABLE a ADD COLUMN b int;\n"
                         "CREATE INDEX a_b ON a(b);\n"}};

TEST(HalfDone, NamesTheStatementsWhoseObjectsAreThere) {
  const core::Result table = dry_run_over(half_run, "CREATE TABLE a(i int)");
  EXPECT_THAT(told_by(table), AllOf(HasSubstr("SQLSTATE 42P07"), HasSubstr("statement 1 (table a)"),
                                    HasSubstr("stopped half-way"), Not(HasSubstr("statement 2"))));
  const core::Result both = dry_run_over(half_run, "CREATE TABLE a(i int, b int)");
  EXPECT_THAT(told_by(both), HasSubstr("statement 1 (table a), statement 2 (column a.b)"));
}

TEST(HalfDone, IsToldOfAColumnAndOfAConstraint) {
  const Files files = {{"1_a.up.sql",
                        "ALTER TABLE old ADD COLUMN c int;\n"
                        "ALTER TABLE old ADD CONSTRAINT positive CHECK (c > 0);\n"}};
  EXPECT_THAT(told_by(dry_run_over(files, "CREATE TABLE old(i int, c int)")),
              AllOf(HasSubstr("SQLSTATE 42701"), HasSubstr("statement 1 (column old.c)")));
}

TEST(HalfDone, IsNotToldWhereAnotherFileMakesTheObject) {
  const Files files = {{"1_a.up.sql", "CREATE TABLE a(i int);\n"},
                       {"2_again.up.sql", "CREATE TABLE a(i int);\n"}};
  const core::Result result = dry_run_over(files, "CREATE TABLE unrelated(i int)");
  EXPECT_THAT(told_by(result), AllOf(HasSubstr("SQLSTATE 42P07"), Not(HasSubstr("half-way"))));
}

}  // namespace
}  // namespace gauntlet::verify
