#include "harness/verify/boot.h"

#include "harness/arena/server.h"
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using test::ids_of;
using test::told_by;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Boot, HoldsForAnHonestRunner) {
  const ScriptedRunner runner(journal_files(), locking_runner());
  const core::Result result = runner.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_THAT(result.notes, Contains(HasSubstr("the given database is empty")));
}

TEST(Boot, HoldsForTheReferenceRunner) {
  const ScriptedRunner runner(journal_files());
  const core::Result result = runner.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(Boot, ShowsTheOutputOfARunThatFails) {
  const ScriptedRunner runner(Files{{"1_a.up.sql", "CREATE TABLE a(id nosuchtype);"}});
  const core::Result result = runner.run(boot);
  EXPECT_THAT(ids_of(result), ElementsAre("apply-failed")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("nosuchtype"));
}

TEST(Boot, IsUnknownWhereTheServerLacksAnExtension) {
  const ScriptedRunner runner(Files{{"1_geo.up.sql", "CREATE EXTENSION no_such_extension;"}});
  const core::Result result = runner.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("no_such_extension"));
}

TEST(Boot, IsUnknownWhereTheFirstRunIsKilledAtItsDeadline) {
  const ScriptedRunner runner(journal_files(), "echo began; exec sleep 600");
  const core::Result result =
      boot_within(runner.context(), {.run_patience = std::chrono::milliseconds(1'000)});
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("began"));
}

TEST(Boot, IsUnknownWhereTheRunnerCannotBeStarted) {
  ScriptedRunner runner(journal_files(), "");
  for (const char* command : {"sh /no/such/runner.sh", "/usr/bin/python3 /no/such/runner.py"}) {
    runner.options.runner = command;
    const core::Result result = runner.run(boot);
    EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
    EXPECT_THAT(result.judgement.reason, HasSubstr("the program cannot start"));
  }
}

// The newest version is recorded: whoever compares the maximum sees nothing.
TEST(Boot, CatchesARunnerThatSkipsAFileBelowTheMaximum) {
  const ScriptedRunner runner(journal_files(),
                              one_session_runner("", "DELETE FROM tracker WHERE version = 2;"));
  const core::Result result = runner.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("not-recorded"));
}

TEST(Boot, CatchesASecondRunThatFails) {
  const ScriptedRunner runner(
      journal_files(), one_session_runner("\\set ON_ERROR_STOP 1", "CREATE TABLE only_once();"));
  const core::Result result = runner.run(boot);
  EXPECT_THAT(ids_of(result), Contains("second-run-failed")) << told_by(result);
}

TEST(Boot, CatchesASecondRunThatAppliesAgain) {
  const ScriptedRunner runner(journal_files(),
                              one_session_runner("", "INSERT INTO journal VALUES ('again');"));
  const core::Result result = runner.run(boot);
  EXPECT_THAT(ids_of(result), ElementsAre("rows-added", "second-run-changed")) << told_by(result);
}

TEST(Boot, IsUnknownWhereNoTrackerIsRecognised) {
  ScriptedRunner runner(journal_files(),
                        "psql -Xqtc \"SELECT to_regclass('journal')\" | grep -q journal && exit 0\n"
                        "cat $1/*.sql | psql -Xq >/dev/null\n");
  runner.options.applied_query.clear();
  const core::Result result = runner.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
}

TEST(Boot, SuccessWithoutATrackerAndWithoutATableIsNotApplied) {
  ScriptedRunner runner(journal_files(),
                        "psql -Xqc 'CREATE TABLE IF NOT EXISTS mine()' 2>/dev/null");
  runner.options.applied_query.clear();
  const core::Result result = runner.run(boot);
  EXPECT_THAT(ids_of(result), ElementsAre("not-applied")) << told_by(result);
}

/// A given server with a database that has the first file applied, and rows.
class BootOnAGivenDatabase : public ::testing::Test {
 protected:
  BootOnAGivenDatabase() {
    pqxx::connection maintenance(server_->loopback().conninfo());
    pqxx::nontransaction(maintenance).exec0("CREATE DATABASE given");
    sql("CREATE TABLE applied_migrations(version bigint PRIMARY KEY, name text NOT NULL,"
        " applied_at timestamptz NOT NULL DEFAULT now(), checksum text);"
        "INSERT INTO applied_migrations VALUES (1, 'people');"
        "CREATE TABLE people(name text); INSERT INTO people VALUES (NULL)");
    runner_.arena = arena::open(given().conninfo(), {});
  }

  arena::Address given() const { return server_->loopback().with_database("given"); }

  std::string sql(const std::string& text) const {
    pqxx::connection connection(given().conninfo());
    const pqxx::result result = pqxx::nontransaction(connection).exec(text);
    return result.empty() ? std::string() : result[0][0].c_str();
  }

  std::unique_ptr<arena::Server> server_ = arena::Server::start({});
  ScriptedRunner runner_{
      Files{{"1_people.up.sql", "CREATE TABLE people(name text);"},
            {"2_named.up.sql", "ALTER TABLE people ALTER COLUMN name SET NOT NULL;"}}};
};

TEST_F(BootOnAGivenDatabase, FindsWhatOnlyItsDataMakesFail) {
  const core::Result result = runner_.run(boot);
  EXPECT_THAT(ids_of(result), ElementsAre("apply-failed")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("on a copy of the given database"));
}

// The run on the empty database has made the role; the one on the copy meets it.
TEST_F(BootOnAGivenDatabase, IsUnknownWhereAMigrationMeetsWhatItLeftOnTheServer) {
  ScriptedRunner runner(Files{{"1_people.up.sql", "CREATE TABLE people(name text);"},
                              {"2_role.up.sql", "CREATE ROLE reporting;"}});
  runner.arena = arena::open(given().conninfo(), {});
  const core::Result result = runner.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("acts on the whole server"));
}

TEST_F(BootOnAGivenDatabase, LeavesThatDatabaseAsItIs) {
  sql("UPDATE people SET name = 'somebody'");
  const core::Result result = runner_.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_EQ(sql("SELECT count(*) FROM applied_migrations"), "1");
  runner_.arena.reset();  // it keeps the copy that all others were made from
  EXPECT_EQ(sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'gauntlet%'"), "0");
}

/// The sample service, or a broken one, on its own migrations.
class BootOfAService : public ::testing::Test {
 protected:
  core::Result boot_with(const std::string& arguments, const std::string& ready = "/healthz") {
    runner_.options.service = GAUNTLET_BINARY_DIR "/bin/orders-service " + arguments;
    runner_.options.health_url = ready;
    runner_.options.boot_deadline = std::chrono::milliseconds(8'000);
    return boot_within(runner_.context(), {.sigterm_patience = std::chrono::milliseconds(2'000)});
  }

  ScriptedRunner runner_{std::filesystem::path(GAUNTLET_SOURCE_DIR) / "migrations/orders"};
};

TEST_F(BootOfAService, HoldsForOneThatMigratesBeforeItListens) {
  const core::Result result = boot_with("");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("told to end by SIGTERM, the service ended with exit 0"));
}

TEST_F(BootOfAService, TakesAWholeUrlAndEveryPlaceholder) {
  const core::Result result = boot_with("--host {host} --port {port} --database {url}",
                                        "http://localhost:{http_port}/healthz");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST_F(BootOfAService, CatchesOneThatIsNeverReady) {
  const core::Result result = boot_with("--flaw never-ready");
  EXPECT_THAT(ids_of(result), ElementsAre("never-ready"));
  EXPECT_THAT(told_by(result), HasSubstr("its last answer was 503"));
}

TEST_F(BootOfAService, CatchesOneThatExits) {
  const core::Result result = boot_with("--flaw exits");
  EXPECT_THAT(ids_of(result), ElementsAre("exited-before-ready"));
  EXPECT_THAT(told_by(result), HasSubstr("exit 3"));
  EXPECT_THAT(told_by(result), HasSubstr("migrations applied"));
}

TEST_F(BootOfAService, CatchesOneThatListensBeforeItHasMigrated) {
  EXPECT_THAT(ids_of(boot_with("--flaw binds-before-migrating")),
              ElementsAre("ready-before-migrated"));
}

TEST_F(BootOfAService, CatchesOneThatIgnoresSigterm) {
  EXPECT_THAT(ids_of(boot_with("--flaw ignores-sigterm")), ElementsAre("ignores-sigterm"));
}

// It lets the first four in, and answers before it goes on.
TEST_F(BootOfAService, CatchesOneThatIsReadyBetweenItsMigrations) {
  runner_.options.service =
      R"sh(bash -c 'cp {migrations}/00[1-4]* {work} && $0 up --migrations {work} &&
        exec perl -MIO::Socket::INET -e "
          \$/ = qq(\r\n\r\n);
          \$l = IO::Socket::INET->new(LocalAddr => q(127.0.0.1), LocalPort => $PORT, Listen => 9);
          print(\$c qq(HTTP/1.0 200 OK\r\n\r\n)), close(\$c) while \$c = \$l->accept and <\$c>"
      ' )sh" GAUNTLET_BINARY_DIR "/bin/gauntlet-migrate";
  runner_.options.health_url = "/";
  const core::Result result = runner_.run(boot);
  EXPECT_THAT(ids_of(result), ElementsAre("ready-before-migrated")) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("migration 5 (order_totals) is on disk but not in"));
}

TEST_F(BootOfAService, IsUnknownWhereSomebodyElseListensAlready) {
  const auto server = arena::Server::start({});
  const core::Result result =
      boot_with("", "http://127.0.0.1:" + server->loopback().port() + "/healthz");
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown) << told_by(result);
  EXPECT_THAT(result.judgement.reason, HasSubstr("somebody else listens"));
}

TEST_F(BootOfAService, IsUnknownWhereItCannotBeStarted) {
  runner_.options.service = "/no/such/service";
  runner_.options.health_url = "/healthz";
  const core::Result result = runner_.run(boot);
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("/no/such/service"));
}

}  // namespace
}  // namespace gauntlet::verify
