#include "harness/reference/impatient_sessions_test.h"
#include "harness/reference/server_fixture_test.h"
#include "harness/reference/watched_sessions_test.h"
#include "runner/inspect.h"
#include "runner/tracker/tracker.h"

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrackerTable : public OnServer {
 protected:
  static RunOptions in(const std::string& table) {
    RunOptions options;
    options.tracker.table = table;
    return options;
  }
};

TEST_F(TrackerTable, StandsWhereItsNameSays) {
  write("1_a.up.sql", "SELECT 1");
  EXPECT_EQ(up(in("App \"one\".My'table")).size(), 1U);
  EXPECT_EQ(value("SELECT count(*) FROM \"App \"\"one\"\"\".\"My'table\""), "1");
  EXPECT_THAT(up(in("App \"one\".My'table")), IsEmpty());
}

// A second run looks first, by another statement than those that follow.
TEST_F(TrackerTable, IsTheSameToAGlanceAndToARead) {
  write("1_a.up.sql", "SELECT 1");
  for (const char* table : {"App \"one\".My'table", "plain.applied_migrations", "odd \"name"}) {
    SCOPED_TRACE(table);
    up(in(table));
    const auto session = connect();
    Tracker tracker(*session, in(table).tracker);
    const auto glanced = tracker.glance();
    const Reading read = tracker.read();
    ASSERT_TRUE(glanced && glanced->rows.size() == 1 && read.applied.rows.size() == 1);
    EXPECT_EQ(glanced->rows.front().version, read.applied.rows.front().version);
    EXPECT_EQ(glanced->rows.front().name, "a");
    EXPECT_EQ(glanced->rows.front().checksum, read.applied.rows.front().checksum);
  }
}

TEST_F(TrackerTable, IsReadWholeWhereAGlanceDoesNotTellAll) {
  const auto glance = [this] { return Tracker(*connect(), {}).glance(); };
  write("1_a.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE t(x int); SELECT 1/0");
  EXPECT_FALSE(glance()) << "no tracker";
  failing_up();
  EXPECT_FALSE(glance()) << "a mark and no row";
  run("INSERT INTO applied_migrations VALUES (1, 'a')");
  EXPECT_FALSE(glance()) << "a mark";
  run("DELETE FROM applied_migrations_in_progress");
  EXPECT_TRUE(glance());
  run("DROP TABLE applied_migrations_in_progress");
  EXPECT_FALSE(glance()) << "no table of marks";
}

// What the README does not promise, and its remedy.
TEST_F(TrackerTable, HasItsMarksHiddenFromAGlanceByATableOfMarksAloneUnlessItsSchemaIsNamed) {
  write("1_a.up.sql", "SELECT 1");
  up();
  run("INSERT INTO applied_migrations_in_progress VALUES (2, 'b', 1, 1);"
      "CREATE SCHEMA one;"
      "CREATE TABLE one.applied_migrations_in_progress (LIKE applied_migrations_in_progress);"
      "ALTER DATABASE postgres SET search_path = one, public");
  const auto session = connect();
  EXPECT_TRUE(Tracker(*session, {}).glance());
  EXPECT_FALSE(Tracker(*session, in("public.applied_migrations").tracker).glance());
  EXPECT_EQ(Tracker(*session, {}).read().applied.marks.size(), 1U);
}

TEST_F(TrackerTable, IsLookedAtOnceByWhoHasNothingToDo) {
  write("1_a.up.sql", "SELECT 1");
  up();
  std::vector<std::string> sent;
  WatchedSessions sessions(conninfo(), {.before_send = [&](Session&, std::string_view message) {
                             sent.emplace_back(message);
                           }});
  const auto statements_of_up = [&](const RunOptions& options = {}) {
    sent.clear();
    runner::up(sessions, listing(), options);
    return sent.size();
  };
  EXPECT_EQ(statements_of_up(), 1U);
  EXPECT_EQ(statements_of_up({.lock = LockMode::transaction}), 1U);
  run("CREATE SCHEMA one; ALTER DATABASE postgres SET search_path = one, public");
  EXPECT_EQ(statements_of_up(), 1U);
  run("INSERT INTO applied_migrations VALUES (2, 'of another release')");
  EXPECT_GT(statements_of_up(), 1U) << "there is something to say";
}

TEST_F(TrackerTable, IsFoundInTheSearchPathAndCreatedInItsFirstSchema) {
  run("CREATE SCHEMA one; CREATE SCHEMA two; ALTER DATABASE postgres SET search_path = two, one");
  write("1_a.up.sql", "SELECT 1");
  EXPECT_EQ(up(in("one.applied_migrations")).size(), 1U);
  EXPECT_THAT(up(), IsEmpty());
  EXPECT_EQ(up(in("other")).size(), 1U);
  EXPECT_EQ(value("SELECT to_regclass('two.other')"), "other");
}

TEST_F(TrackerTable, OfTwoSchemasIsNeverMixed) {
  write("1_a.up.sql", "SELECT 1");
  up();
  run("CREATE SCHEMA one; CREATE TABLE one.applied_migrations (LIKE public.applied_migrations);"
      "ALTER DATABASE postgres SET search_path = one, public");
  EXPECT_EQ(up().size(), 1U);
  EXPECT_EQ(value("SELECT count(*) FROM one.applied_migrations"), "1");
  EXPECT_EQ(value("SELECT to_regclass('one.applied_migrations_in_progress') IS NOT NULL"), "t");
}

TEST_F(TrackerTable, NeedsASchema) {
  run("ALTER DATABASE postgres SET search_path = ''");
  write("1_a.up.sql", "SELECT 1");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[no-schema]: there is no schema to keep the tracker in"),
                    HasSubstr("--table SCHEMA.TABLE")));
}

TEST_F(TrackerTable, OfForeignColumnsIsRefused) {
  run("CREATE TABLE applied_migrations(id int)");
  write("1_a.up.sql", "SELECT 1");
  EXPECT_THAT(
      failing_up(),
      AllOf(HasSubstr("error[foreign-tracker]: table \"public\".\"applied_migrations\" is not a "
                      "tracker of this program"),
            HasSubstr("name another table with --table")));
}

TEST_F(TrackerTable, WhoseVersionsAreNotNumbersIsRefused) {
  run("CREATE TABLE applied_migrations(version text, name text, checksum text, applied_at "
      "timestamptz);"
      "INSERT INTO applied_migrations VALUES ('20x', 'a', NULL, now())");
  write("1_a.up.sql", "SELECT 1");
  EXPECT_THAT(failing_up(), HasSubstr("its version \"20x\" is not a number"));
}

TEST_F(TrackerTable, OfAnOlderRunnerGetsItsMarksAndKeepsItsRows) {
  run("CREATE TABLE applied_migrations(version bigint PRIMARY KEY, name varchar NOT NULL,"
      " applied_at timestamptz NOT NULL DEFAULT now(), checksum varchar);"
      "INSERT INTO applied_migrations VALUES (1, 'a', now(), NULL)");
  write("1_a.up.sql", "SELECT 1");
  EXPECT_THAT(up(), IsEmpty());
  write("2_b.up.sql", "SELECT 1");
  EXPECT_THAT(up(), ElementsAre(Version{2}));
}

TEST_F(TrackerTable, ThatMayNotBeReadOrCreatedIsNotMissing) {
  write("1_a.up.sql", "SELECT 1");
  up();
  run("CREATE ROLE weak; ALTER ROLE postgres SET role = 'weak'");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[cannot-read-tracker]: the tracker \"applied_migrations\""),
                    HasSubstr("permission denied"), HasSubstr("grant this role SELECT")));
  EXPECT_THAT(
      failing_up(in("other")),
      AllOf(HasSubstr(
                "error[cannot-prepare-tracker]: the tracker public.other could not be prepared"),
            HasSubstr("grant the role what it lacks")));
}

// The connection is as good as ever: no word of it may be heard.
TEST_F(TrackerTable, ThatAnotherSessionHasLockedIsToldWithThatSession) {
  write("1_a.up.sql", "SELECT 1");
  up();
  const auto other = connect();
  other->send("BEGIN; LOCK TABLE applied_migrations");
  ImpatientSessions sessions(conninfo());
  const auto expect_told = [&](const std::string& said) {
    EXPECT_THAT(
        said, AllOf(HasSubstr("error[cannot-read-tracker]: the tracker \"applied_migrations\" "
                              "cannot be read: no answer to a query of the runner's within 0.3 s"),
                    HasSubstr("held by: pid " + std::to_string(other->backend_pid())),
                    HasSubstr("holds AccessExclusiveLock on public.applied_migrations"),
                    HasSubstr("fix:   wait for that session or end it"),
                    testing::Not(HasSubstr("lost"))));
  };
  try {
    runner::up(sessions, listing(), {});
    FAIL() << "it did not wait for the lock";
  } catch (const Error& error) {
    expect_told(error.what());
  }
  const Check checked = check(sessions, listing());
  EXPECT_EQ(checked.exit_code, 3);
  expect_told(checked.error);
  write("2_b.up.sql", "SELECT 2");
  other->send("COMMIT");
  EXPECT_EQ(runner::up(sessions, listing(), {}).size(), 1U);
}

// CREATE TABLE says three things of a table that comes to be at the same moment; of these the
// rarest.
TEST_F(TrackerTable, ThatSomebodyElseIsMakingIsTriedAgain) {
  write("1_a.up.sql", "SELECT 1");
  for (const LockMode mode : {LockMode::transaction, LockMode::notify}) {
    RunOptions options = in("tracker_" + to_string(mode));
    options.lock = mode;
    const auto other = connect();
    int creations = 0;
    bool in_the_way = false;
    WatchedSessions sessions(
        conninfo(), {.before_send = [&](Session&, std::string_view message) {
          const bool creates = message.find("CREATE TABLE") != std::string_view::npos;
          if (in_the_way) other->send("DROP TYPE tracker_" + to_string(mode));
          in_the_way = creates && ++creations == 1;
          if (in_the_way) other->send("CREATE TYPE tracker_" + to_string(mode) + " AS ENUM ()");
        }});
    EXPECT_THAT(runner::up(sessions, listing(), options), ElementsAre(Version{1}));
    EXPECT_EQ(creations, 2);
  }
}

TEST_F(TrackerTable, WhoseNameATypeHasSaysSo) {
  write("1_a.up.sql", "SELECT 1");
  run("CREATE TYPE applied_migrations AS ENUM ()");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("error[cannot-prepare-tracker]"),
                                  HasSubstr("type \"applied_migrations\" already exists"),
                                  HasSubstr("rename the type that has the tracker's name")));
}

class Predecessor : public OnServer {
 protected:
  Predecessor() {
    write("1_a.up.sql", "CREATE TABLE a(x int)");
    write("2_b.up.sql", "CREATE TABLE b(x int)");
    write("3_c.up.sql", "CREATE TABLE c(x int)");
  }
  void migrated_to(const std::string& row) const {
    run("CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT "
        "NULL);" +
        row);
  }
};

TEST_F(Predecessor, CleanIsTakenOverWithNullChecksums) {
  migrated_to("INSERT INTO schema_migrations VALUES (2, false)");
  EXPECT_THAT(up(), ElementsAre(Version{3}));
  EXPECT_EQ(
      value("SELECT string_agg(version::text, ',' ORDER BY version) FROM applied_migrations WHERE "
            "checksum IS NULL"),
      "1,2");
}

TEST_F(Predecessor, IsTakenOverOnce) {
  migrated_to("INSERT INTO schema_migrations VALUES (2, false)");
  up();
  run("UPDATE schema_migrations SET version = 1");
  EXPECT_THAT(up(), IsEmpty());
}

TEST_F(Predecessor, DirtyIsRefusedAndLeavesNoTracker) {
  migrated_to("INSERT INTO schema_migrations VALUES (2, true)");
  EXPECT_THAT(failing_up(),
              AllOf(HasSubstr("error[legacy-dirty]: the predecessor's migration 2 began and did"),
                    HasSubstr("public.schema_migrations is dirty at 2"),
                    HasSubstr("UPDATE public.schema_migrations SET version = VERSION")));
  EXPECT_EQ(value("SELECT to_regclass('applied_migrations')"), "null");
}

TEST_F(Predecessor, EmptySaysNothing) {
  migrated_to("");
  EXPECT_EQ(up().size(), 3U);
}

TEST_F(Predecessor, OfAnotherToolIsReportedAndNotRead) {
  run("CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations "
      "VALUES ('3')");
  std::string warned;
  const auto applied = up({}, [&](const Event& event) {
    if (const auto* warning = std::get_if<Warned>(&event)) warned = warning->text;
  });
  EXPECT_EQ(applied.size(), 3U);
  EXPECT_EQ(warned, "public.schema_migrations (version) is another tool's and was not read");
}

TEST_F(Predecessor, OfAnotherToolIsRefusedWhenItWasNamed) {
  run("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)");
  RunOptions options;
  options.tracker.legacy_table = "schema_migrations";
  EXPECT_THAT(failing_up(options),
              AllOf(HasSubstr("error[foreign-legacy-table]: public.schema_migrations is "
                              "not golang-migrate's table"),
                    HasSubstr("its columns are (version)")));
}

TEST_F(Predecessor, IsFoundByNameBesideATrackerElsewhere) {
  migrated_to("ALTER TABLE schema_migrations RENAME TO old; INSERT INTO old VALUES (3, false)");
  RunOptions options;
  options.tracker.table = "app.applied_migrations";
  options.tracker.legacy_table = "old";
  EXPECT_THAT(up(options), IsEmpty());
  EXPECT_EQ(value("SELECT count(*) FROM app.applied_migrations"), "3");
}

TEST_F(Predecessor, ThatMayNotBeReadIsNotMissing) {
  migrated_to(
      "INSERT INTO schema_migrations VALUES (2, false); CREATE ROLE weak;"
      "GRANT CREATE ON SCHEMA public TO weak; ALTER ROLE postgres SET role = 'weak'");
  EXPECT_THAT(failing_up(), AllOf(HasSubstr("error[cannot-prepare-tracker]"),
                                  HasSubstr("permission denied for table schema_migrations")));
  EXPECT_EQ(value("SELECT to_regclass('applied_migrations')"), "null");
}

}  // namespace
}  // namespace gauntlet::runner
