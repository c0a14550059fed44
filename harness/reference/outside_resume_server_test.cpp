// What `resume` repeats, what it asks for, and what it records, after a statement outside a
// transaction failed.
#include "harness/reference/followed_remedy_test.h"

#include <chrono>
#include <string>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class MayHaveCommitted : public FollowedRemedy, public testing::WithParamInterface<const char*> {};

TEST_P(MayHaveCommitted, KeepsItsMarkAndNeedsFrom) {
  run("CREATE TABLE paid(i int); CREATE TABLE bad(i int); INSERT INTO bad VALUES (0);"
      "CREATE PROCEDURE pay() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO paid VALUES (1); COMMIT;"
      " PERFORM 1 / i FROM bad; END $$");
  write("1_pay.up.sql", std::string("-- gauntlet: no-transaction\n") + GetParam() + ";\nSELECT 1");
  const std::string failure = failing_up();
  EXPECT_THAT(failure, AllOf(HasSubstr("part of statement 1 may have been committed"),
                             HasSubstr("`gauntlet-migrate resume 1 --from 2` goes on after it"),
                             Not(HasSubstr("nothing of it remains"))));
  EXPECT_EQ(marks(), "1 at 1 of 2");
  EXPECT_THAT(failing_up(), HasSubstr("part of statement 1 may have been committed"));
  EXPECT_THAT(resume_says(1),
              AllOf(HasSubstr("error[needs-from]: nothing tells whether statement 1 "
                              "of migration 1 (pay) took effect"),
                    HasSubstr("`gauntlet-migrate resume 1 --from 2`")));
  EXPECT_EQ(resume_says(1, 2), "no error");
  EXPECT_EQ(value("SELECT count(*) FROM paid"), "1");
}

INSTANTIATE_TEST_SUITE_P(
    Statement, MayHaveCommitted,
    testing::Values("CALL pay()", "DO $$ BEGIN CALL pay(); END $$",
                    "DO $$ BEGIN INSERT INTO paid VALUES (1); COMMIT; PERFORM 1/0; END $$"));

TEST_F(FollowedRemedy, IsToCorrectTheFileWhereACallWasRefusedAtOnce) {
  write("1_pay.up.sql", "-- gauntlet: no-transaction\nCALL nowhere()");
  EXPECT_THAT(failing_up(), HasSubstr("nothing of it remains; correct the file"));
  EXPECT_EQ(marks(), "null");
}

TEST_F(FollowedRemedy, SendsARefusedCallAgainWithoutAsking) {
  write("1_pay.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE paid(i int);\nCALL pay()");
  const std::string failure = failing_up();
  EXPECT_THAT(failure, HasSubstr("`gauntlet-migrate resume 1` goes on with statement 2"));
  EXPECT_THAT(failing_up(), HasSubstr("`gauntlet-migrate resume 1` goes on with statement 2"));
  run("CREATE PROCEDURE pay() LANGUAGE sql AS 'INSERT INTO paid VALUES (1)'");
  EXPECT_EQ(follow(failure), "no error");
  EXPECT_EQ(value("SELECT count(*) FROM paid"), "1");
}

// The role has no right to the marks.
TEST_F(FollowedRemedy, IsToCorrectTheFileWhateverRoleItTook) {
  run("CREATE TABLE t(x int); CREATE ROLE weak");
  write("1_a.up.sql",
        "-- gauntlet: no-transaction\nSET ROLE weak;\nCREATE INDEX CONCURRENTLY i ON t(x)");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("must be owner of table t"),
                                  HasSubstr("nothing of it remains; correct the file")));
  EXPECT_EQ(marks(), "null");
}

TEST_F(FollowedRemedy, OfAWholeFileIsNeverANumber) {
  write("1_pay.up.sql",
        "BEGIN;\nCREATE TABLE IF NOT EXISTS paid(i int);\nINSERT INTO paid VALUES (1);\nCOMMIT;\n"
        "BEGIN;\nSELECT 1/0;\nCOMMIT;");
  RunOptions whole;
  whole.no_transaction = NoTransaction::whole_file;
  const std::string failure = failing_up(whole);
  EXPECT_THAT(failure, AllOf(HasSubstr("part of it may have been committed"),
                             HasSubstr("`gauntlet-migrate resume 1 --from end` records it"),
                             Not(HasSubstr("`gauntlet-migrate resume 1`"))));
  EXPECT_EQ(marks(), "1 at 0 of 0");
  EXPECT_THAT(failing_up(whole), HasSubstr("no known statement (the file was sent whole)"));
  for (const std::optional<int> from : {std::optional<int>(), std::optional(1), std::optional(7)}) {
    EXPECT_THAT(resume_says(1, from),
                HasSubstr("error[not-resumable]: migration 1 (pay) was sent as one message"));
  }
  EXPECT_EQ(value("SELECT count(*) FROM paid"), "1");
  EXPECT_EQ(follow(failure), "no error");
  EXPECT_EQ(value("SELECT count(*) FROM paid"), "1");
  EXPECT_THAT(up(whole), IsEmpty());
}

TEST_F(FollowedRemedy, RepeatsTheSettingsThatHeld) {
  run("CREATE SCHEMA app; CREATE SCHEMA gone; CREATE ROLE weak; GRANT ALL ON SCHEMA app TO weak");
  write("1_set.up.sql",
        "-- gauntlet: no-transaction\nSET search_path = app;\nBEGIN;\nSET search_path = gone;\n"
        "ROLLBACK;\nSET ROLE weak;\nSELECT set_config('work_mem', '7MB', false);\n"
        "CREATE TABLE first(x int);\nINSERT INTO missing VALUES (1);\n"
        "CREATE TABLE made_after AS SELECT current_user::text AS who, "
        "current_setting('work_mem') AS memory");
  EXPECT_THAT(failing_up(), HasSubstr("goes on with statement 8"));
  run("CREATE TABLE app.missing(x int); GRANT ALL ON app.missing TO weak");
  EXPECT_EQ(resume_says(1), "no error");
  EXPECT_EQ(value("SELECT who || ' ' || memory FROM app.made_after"), "weak 7MB");
  EXPECT_EQ(value("SELECT count(*) FROM app.missing"), "1");
}

TEST_F(FollowedRemedy, IsNoStatementInsideATransaction) {
  write("1_own.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nBEGIN;\nINSERT INTO t VALUES (1);\n"
        "INSERT INTO missing VALUES (1);\nCOMMIT");
  EXPECT_THAT(failing_up(), HasSubstr("`gauntlet-migrate resume 1` goes on with statement 2"));
  EXPECT_THAT(resume_says(1, 4),
              AllOf(HasSubstr("error[bad-amount]: statement 4 of migration 1 (own) is inside the "
                              "transaction that statement 2 begins"),
                    HasSubstr("give --from 2")));
  run("CREATE TABLE missing(x int)");
  EXPECT_EQ(resume_says(1), "no error");
  EXPECT_EQ(value("SELECT (SELECT count(*) FROM t) || ',' || (SELECT count(*) FROM missing)"),
            "1,1");
}

TEST_F(FollowedRemedy, GoesOnInAChainedTransaction) {
  write("1_own.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nBEGIN;\nINSERT INTO t VALUES (1);\n"
        "COMMIT AND CHAIN;\nINSERT INTO t VALUES (2);\nINSERT INTO missing VALUES (1);\nCOMMIT");
  EXPECT_THAT(failing_up(), HasSubstr("`gauntlet-migrate resume 1` goes on with statement 5"));
  run("CREATE TABLE missing(x int)");
  EXPECT_EQ(resume_says(1), "no error");
  EXPECT_EQ(value("SELECT string_agg(x::text, ',' ORDER BY x) FROM t"), "1,2");
}

TEST_F(FollowedRemedy, IsNotToResumeWithoutTheTemporaryTable) {
  write("1_temp.up.sql",
        "-- gauntlet: no-transaction\nCREATE TABLE t(x int);\nCREATE TEMP TABLE s AS SELECT 1 AS "
        "x;\nINSERT INTO missing VALUES (1);\nINSERT INTO t SELECT x FROM s");
  failing_up();
  EXPECT_THAT(resume_says(1),
              AllOf(HasSubstr("error[not-resumable]: statement 2 of migration 1 (temp) made "
                              "something temporary, which ended with its session"),
                    HasSubstr("`gauntlet-migrate resume 1 --from end` records it")));
  EXPECT_EQ(resume_says(1, resume_at_end), "no error");
}

using TemporaryTable = FollowedRemedy;

TEST_F(TemporaryTable, DoesNotTakeTheRowsOfTheNextFile) {
  for (const std::string header : {"", "-- gauntlet: no-transaction\n"}) {
    SCOPED_TRACE(header);
    run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    write("1_a.up.sql", header +
                            "CREATE TABLE t(x int);\nCREATE TEMPORARY TABLE t(x int);\n"
                            "INSERT INTO t VALUES (1)");
    write("2_b.up.sql", "INSERT INTO t VALUES (2)");
    EXPECT_EQ(up().size(), 2U);
    EXPECT_EQ(value("SELECT string_agg(x::text, ',') FROM t"), "2");
  }
}

TEST_F(TemporaryTable, OfAFunctionDoesNotTakeTheRowsOfTheNextFile) {
  run("CREATE TABLE t(x int); CREATE FUNCTION make() RETURNS void LANGUAGE sql AS"
      " 'CREATE TEMPORARY TABLE t(x int)'");
  write("1_a.up.sql", "SELECT make()");
  write("2_b.up.sql", "INSERT INTO t VALUES (2)");
  EXPECT_EQ(up().size(), 2U);
  EXPECT_EQ(value("SELECT string_agg(x::text, ',') FROM t"), "2");
}

TEST_F(FollowedRemedy, SaysWhatItCouldNotRepair) {
  run("CREATE TABLE t(x int); INSERT INTO t VALUES (1), (1)");
  write("1_it.up.sql", "-- gauntlet: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY u ON t(x)");
  failing_up();
  const auto other = connect();
  other->send("BEGIN; LOCK TABLE t");
  RunOptions impatient;
  impatient.statement_timeout = std::chrono::milliseconds(300);
  EXPECT_THAT(
      said([&] { runner::resume(*sessions_of(conninfo()), listing(), Version{1}, {}, impatient); }),
      AllOf(HasSubstr("error[not-repaired]: what statement 1 of migration 1 (it) left could "
                      "not be repaired"),
            HasSubstr("DROP INDEX CONCURRENTLY public.u")));
}

}  // namespace
}  // namespace gauntlet::runner
