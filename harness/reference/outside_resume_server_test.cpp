// Each kind of statement that refuses a transaction fails once; then the one command that the
// message names is followed to its end.
#include "harness/reference/server_fixture_test.h"
#include "runner/repair.h"

#include <functional>
#include <ostream>
#include <regex>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class FollowedRemedy : public OnServer {
 protected:
  std::string said(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  std::string resume_says(int version, std::optional<int> from = {}) const {
    return said(
        [&] { runner::resume(*sessions_of(conninfo()), listing(), Version{version}, from, {}); });
  }

  /// Does the first command that `text` names: `resume V`, perhaps with `--from`.
  std::string follow(const std::string& text, const RunOptions& options = {}) const {
    std::smatch found;
    const std::regex command("`gauntlet-migrate resume ([0-9]+)(?: --from ([0-9]+|end))?`");
    if (!std::regex_search(text, found, command)) return "it names no command: " + text;
    std::optional<int> from;
    if (found[2] == "end") {
      from = resume_at_end;
    } else if (found[2].matched) {
      from = std::stoi(found[2]);
    }
    const Version version{std::stoi(found[1])};
    return said(
        [&] { runner::resume(*sessions_of(conninfo()), listing(), version, from, options); });
  }

  std::string marks() const {
    return value(
        "SELECT string_agg(version || ' at ' || statement_index || ' of ' || statements, ', ')"
        " FROM applied_migrations_in_progress");
  }
};

struct Obstacle {
  const char* name;
  const char* setup;      ///< statements one by one, divided by `;;`
  const char* statement;  ///< of the file, its second or a later one
  const char* held;       ///< by another session while the statement fails; may be empty
  const char* database;   ///< where that session is; empty: the same
  const char* clear;      ///< removes the cause
  const char* said;       ///< in the message, beside the command
  const char* holds;      ///< a query that returns t afterwards
};

void PrintTo(const Obstacle& obstacle, std::ostream* out) { *out << obstacle.name; }

class EachKind : public FollowedRemedy, public testing::WithParamInterface<Obstacle> {
 protected:
  EachKind() { server_ = arena::Server::start({.settings = {{"max_prepared_transactions", "4"}}}); }

  virtual std::string filled(const std::string& text) const { return text; }
  virtual void send(const std::string& statement, Session& session) const {
    session.send(statement);
  }
  void each(const std::string& given) const {
    const std::string statements = filled(given);
    const auto session = connect();
    std::size_t at = 0;
    while (at < statements.size()) {
      const std::size_t end = std::min(statements.find(";;", at), statements.size());
      send(statements.substr(at, end - at), *session);
      at = end + 2;
    }
  }

  void fail_and_follow(const Obstacle& obstacle) const {
    each(obstacle.setup);
    write("1_it.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE before(x int);\n" +
                             filled(obstacle.statement) + ";\nCREATE TABLE after(x int);\n");
    std::unique_ptr<Session> other = connect_postgres(
        conninfo() +
        (*obstacle.database == '\0' ? "" : std::string(" dbname=") + obstacle.database));
    other->send(obstacle.held);
    RunOptions impatient;
    impatient.statement_timeout = std::chrono::milliseconds(700);
    const std::string failure = failing_up(impatient);
    EXPECT_THAT(failure, AllOf(HasSubstr("it stopped at statement "), HasSubstr(obstacle.said),
                               Not(HasSubstr("nothing of it remains"))));
    // The next run says the same.
    EXPECT_THAT(failing_up(),
                AllOf(HasSubstr("error[in-progress]"), HasSubstr("gauntlet-migrate resume 1")));
    // While the cause is there, the command fails: what stood before is not the statement's work.
    EXPECT_NE(follow(failure, impatient), "no error");
    EXPECT_NE(marks(), "null");
    other.reset();
    each(obstacle.clear);
    EXPECT_EQ(follow(failure), "no error");
    EXPECT_EQ(value(obstacle.holds), "t");
    EXPECT_EQ(
        value("SELECT to_regclass('before') IS NOT NULL AND to_regclass('after') IS NOT NULL"),
        "t");
    EXPECT_THAT(up(), IsEmpty());
    EXPECT_EQ(marks(), "null");
  }
};

TEST_P(EachKind, IsFinishedByTheOneCommandThatItsFailureNames) { fail_and_follow(GetParam()); }

constexpr const char* table =
    "CREATE TABLE t(x int); CREATE INDEX i ON t(x);"
    "INSERT INTO t VALUES (1), (1)";
constexpr const char* reader = "BEGIN; SELECT count(*) FROM t";
constexpr const char* no_invalid = "SELECT NOT EXISTS (SELECT FROM pg_index WHERE NOT indisvalid)";

INSTANTIATE_TEST_SUITE_P(
    OfStatement, EachKind,
    testing::Values(
        Obstacle{"CreateIndex", table, "CREATE UNIQUE INDEX CONCURRENTLY u ON t(x)", "", "",
                 "DELETE FROM t WHERE ctid = '(0,1)'", "index public.u is INVALID",
                 "SELECT indisvalid FROM pg_index WHERE indexrelid = 'u'::regclass"},
        Obstacle{"CreateIndexWithoutName", table, "CREATE UNIQUE INDEX CONCURRENTLY ON t(x)", "",
                 "", "DELETE FROM t WHERE ctid = '(0,1)'", "is INVALID",
                 "SELECT count(*) = 2 AND bool_and(indisvalid) FROM pg_index WHERE indrelid = "
                 "'t'::regclass"},
        Obstacle{"CreateIndexInASchemaOfTheSearchPath",
                 "CREATE SCHEMA app; CREATE TABLE app.o(x int); INSERT INTO app.o VALUES (1), (1)",
                 "SET search_path = app; CREATE UNIQUE INDEX CONCURRENTLY u ON o(x);"
                 "CREATE TABLE o2(x int); RESET search_path",
                 "", "", "DELETE FROM app.o WHERE ctid = '(0,1)'", "index app.u is INVALID",
                 "SELECT to_regclass('app.o2') IS NOT NULL AND indisvalid FROM pg_index WHERE "
                 "indexrelid = 'app.u'::regclass"},
        Obstacle{"DropIndex", table, "DROP INDEX CONCURRENTLY i", reader, "", "",
                 "gauntlet-migrate resume 1", "SELECT to_regclass('i') IS NULL"},
        Obstacle{"ReindexIndex", table, "REINDEX INDEX CONCURRENTLY i",
                 "BEGIN; INSERT INTO t VALUES (2)", "", "", "index public.i_ccnew is INVALID",
                 no_invalid},
        Obstacle{"ReindexTable", table, "REINDEX TABLE CONCURRENTLY t",
                 "BEGIN; INSERT INTO t VALUES (2)", "", "", "index public.i_ccnew is INVALID",
                 no_invalid},
        Obstacle{"ReindexSchema", table, "REINDEX SCHEMA public", "BEGIN; LOCK TABLE t", "", "",
                 "a second REINDEX SCHEMA does no harm", no_invalid},
        Obstacle{"ReindexDatabase", table, "REINDEX DATABASE postgres", "BEGIN; LOCK TABLE t", "",
                 "", "a second REINDEX DATABASE does no harm", no_invalid},
        Obstacle{"ReindexSystem", "CREATE ROLE weak; GRANT ALL ON SCHEMA public TO weak",
                 "SET ROLE weak; REINDEX SYSTEM postgres", "", "",
                 "ALTER DATABASE postgres OWNER TO weak", "goes on with statement 3", no_invalid},
        Obstacle{"ReindexOfAPartitionedTable",
                 "CREATE TABLE t(x int) PARTITION BY RANGE (x); CREATE TABLE t1 PARTITION OF t FOR "
                 "VALUES FROM (0) TO (9); CREATE INDEX i ON t(x)",
                 "REINDEX TABLE t", "BEGIN; LOCK TABLE t1", "", "", "a second REINDEX does no harm",
                 no_invalid},
        Obstacle{"Vacuum", table, "VACUUM t", "BEGIN; LOCK TABLE t", "", "",
                 "a second VACUUM does no harm", "SELECT true"},
        Obstacle{"Analyze", table, "ANALYZE t", "BEGIN; LOCK TABLE t", "", "",
                 "a second ANALYZE does no harm", "SELECT true"},
        Obstacle{"Cluster", "CREATE TABLE t(x int); CREATE INDEX i ON t(x); CLUSTER t USING i",
                 "CLUSTER", reader, "", "", "a second CLUSTER does no harm", "SELECT true"},
        Obstacle{"Detach",
                 "CREATE TABLE t(x int) PARTITION BY RANGE (x); CREATE TABLE t1 PARTITION OF t FOR "
                 "VALUES FROM (0) TO (9)",
                 "ALTER TABLE t DETACH PARTITION t1 CONCURRENTLY", reader, "", "",
                 "ALTER TABLE \"t\" DETACH PARTITION \"t1\" FINALIZE",
                 "SELECT NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = 't1'::regclass)"},
        Obstacle{"CreateDatabase", "CREATE DATABASE d", "CREATE DATABASE d", "", "",
                 "DROP DATABASE d", "goes on with statement 2",
                 "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'd')"},
        Obstacle{"DropDatabase", "CREATE DATABASE d", "DROP DATABASE d", "SELECT 1", "d", "",
                 "goes on with statement 2",
                 "SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = 'd')"},
        Obstacle{"CreateTablespace",
                 "SET allow_in_place_tablespaces = on;;CREATE TABLESPACE s LOCATION ''",
                 "SET allow_in_place_tablespaces = on; CREATE TABLESPACE s LOCATION ''", "", "",
                 "DROP TABLESPACE s", "goes on with statement 3",
                 "SELECT EXISTS (SELECT FROM pg_tablespace WHERE spcname = 's')"},
        Obstacle{"DropTablespace",
                 "SET allow_in_place_tablespaces = on;;CREATE TABLESPACE s LOCATION '';;"
                 "CREATE TABLE full_(x int) TABLESPACE s",
                 "DROP TABLESPACE s", "", "", "DROP TABLE full_", "goes on with statement 2",
                 "SELECT NOT EXISTS (SELECT FROM pg_tablespace WHERE spcname = 's')"},
        Obstacle{"AlterDatabase",
                 "SET allow_in_place_tablespaces = on;;CREATE TABLESPACE s LOCATION '';;"
                 "CREATE DATABASE d",
                 "ALTER DATABASE d SET TABLESPACE s", "SELECT 1", "d", "",
                 "a second ALTER DATABASE SET TABLESPACE does no harm",
                 "SELECT dattablespace = (SELECT oid FROM pg_tablespace WHERE spcname = 's') FROM "
                 "pg_database WHERE datname = 'd'"},
        Obstacle{"AlterSystem", "CREATE ROLE weak; GRANT ALL ON SCHEMA public TO weak",
                 "SET ROLE weak; ALTER SYSTEM SET work_mem = '8MB'", "", "",
                 "GRANT ALTER SYSTEM ON PARAMETER work_mem TO weak", "goes on with statement 3",
                 "SELECT count(*) = 1 FROM pg_file_settings WHERE name = 'work_mem' AND setting = "
                 "'8MB'"},
        Obstacle{"DiscardAll", table,
                 "SET work_mem = '7MB'; DISCARD ALL; CREATE TABLE kept AS SELECT 1 / (x - 1), "
                 "current_setting('work_mem') AS memory FROM t",
                 "", "", "DELETE FROM t WHERE ctid = '(0,1)'; UPDATE t SET x = 3",
                 "goes on with statement 4", "SELECT memory <> '7MB' FROM kept"},
        Obstacle{"PrepareTransaction",
                 "CREATE TABLE t(x int);;BEGIN;;INSERT INTO t VALUES (1);;PREPARE TRANSACTION 'g'",
                 "BEGIN; INSERT INTO t VALUES (7); PREPARE TRANSACTION 'g'; COMMIT PREPARED 'g'",
                 "", "", "ROLLBACK PREPARED 'g'", "goes on with statement 2",
                 "SELECT string_agg(x::text, ',') = '7' FROM t"},
        Obstacle{"CommitPrepared", "CREATE TABLE t(x int)", "COMMIT PREPARED 'g'", "", "",
                 "BEGIN;;INSERT INTO t VALUES (1);;PREPARE TRANSACTION 'g'",
                 "goes on with statement 2", "SELECT count(*) = 1 FROM t"},
        Obstacle{"RollbackPrepared", "CREATE TABLE t(x int)", "ROLLBACK PREPARED 'g'", "", "",
                 "BEGIN;;INSERT INTO t VALUES (1);;PREPARE TRANSACTION 'g'",
                 "goes on with statement 2",
                 "SELECT count(*) = 0 AND NOT EXISTS (SELECT FROM pg_prepared_xacts) FROM t"},
        Obstacle{"DropSubscription",
                 "CREATE SUBSCRIPTION s CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = "
                 "false)",
                 "DROP SUBSCRIPTION s", "", "", "ALTER SUBSCRIPTION s SET (slot_name = NONE)",
                 "goes on with statement 2", "SELECT NOT EXISTS (SELECT FROM pg_subscription)"},
        Obstacle{"Insert", table, "INSERT INTO t SELECT 1 / (x - 1) FROM t", "", "",
                 "DELETE FROM t", "goes on with statement 2", "SELECT true"},
        Obstacle{"OwnTransaction", table,
                 "BEGIN; INSERT INTO t VALUES (7); INSERT INTO t SELECT 1 / (x - 1) FROM t; "
                 "COMMIT",
                 "", "", "DELETE FROM t", "goes on with statement 2",
                 "SELECT count(*) = 1 FROM t WHERE x = 7"}),
    [](const auto& test) { return std::string(test.param.name); });

/// Subscriptions need another server: `@server` starts a statement in its database `postgres`,
/// `@shop` one in `shop`, which it does not have at first; SHOP is a constant that reaches `shop`.
class EachOfASubscription : public EachKind {
 protected:
  std::string filled(const std::string& text) const override {
    const std::string constant = connect()->literal(shop());
    std::string made = text;
    const std::size_t at = made.find("SHOP");
    return at == std::string::npos ? made : made.replace(at, 4, constant);
  }
  void send(const std::string& statement, Session& session) const override {
    if (statement.starts_with("@server ")) {
      connect_postgres(publisher_->local().conninfo())->send(statement.substr(8));
    } else if (statement.starts_with("@shop ")) {
      connect_postgres(shop())->send(statement.substr(6));
    } else {
      session.send(statement);
    }
  }

 private:
  std::string shop() const { return publisher_->local().with_database("shop").conninfo(); }

  std::unique_ptr<arena::Server> publisher_ = arena::Server::start(
      {.settings = {
           {"wal_level", "logical"}, {"max_wal_senders", "4"}, {"max_replication_slots", "4"}}});
};

TEST_P(EachOfASubscription, IsFinishedByTheOneCommandThatItsFailureNames) {
  fail_and_follow(GetParam());
}

constexpr const char* disabled =
    "@server CREATE DATABASE shop;;@shop CREATE PUBLICATION p;;"
    "CREATE SUBSCRIPTION s CONNECTION SHOP PUBLICATION p;;ALTER SUBSCRIPTION s DISABLE";

INSTANTIATE_TEST_SUITE_P(
    OfStatement, EachOfASubscription,
    testing::Values(
        Obstacle{"Create", "", "CREATE SUBSCRIPTION s CONNECTION SHOP PUBLICATION p", "", "",
                 "@server CREATE DATABASE shop;;@shop CREATE PUBLICATION p",
                 "goes on with statement 2",
                 "SELECT count(*) = 1 FROM pg_subscription WHERE subenabled"},
        Obstacle{"AlterAndRefresh", disabled, "ALTER SUBSCRIPTION s REFRESH PUBLICATION", "", "",
                 "ALTER SUBSCRIPTION s ENABLE", "a second ALTER SUBSCRIPTION REFRESH does no harm",
                 "SELECT count(*) = 1 FROM pg_subscription"},
        Obstacle{"AlterPublications", disabled, "ALTER SUBSCRIPTION s SET PUBLICATION p", "", "",
                 "ALTER SUBSCRIPTION s ENABLE",
                 "a second ALTER SUBSCRIPTION with refresh does no harm",
                 "SELECT count(*) = 1 FROM pg_subscription"}),
    [](const auto& test) { return std::string(test.param.name); });

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
