// Each kind of statement that refuses a transaction fails once; then the one command that the
// message names is followed to its end.
#include "harness/reference/followed_remedy_test.h"

#include <memory>
#include <ostream>
#include <string>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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

}  // namespace
}  // namespace gauntlet::runner
