#include "harness/trace/trace.h"

#include "harness/oracle/test_history.h"
#include "harness/sql/statement.h"
#include "runner/folder_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::trace {
namespace {

using core::SessionId;
using oracle::TestHistory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr SessionId one{.replica = 0, .number = 0};

const std::vector<Source>& sources() {
  static const std::vector<Source> all = {
      {.name = "001_parcels", .version = "1", .text = "CREATE TABLE parcels(id int)"},
      {.name = "002_weights", .version = "2", .text = "ALTER TABLE parcels ADD weight int"}};
  return all;
}

/// A runner's two runs, the first between whatever a test puts around it.
class Runs {
 public:
  TestHistory first{1}, second{1};

  Runs() {
    first.opens(one, 7);
    second.opens(one, 8);
  }
  Runs& looks() { return does("SELECT version FROM history ORDER BY version", "SELECT 0"); }
  Runs& migrates(int number) {
    const auto& source = sources().at(static_cast<std::size_t>(number) - 1);
    does("BEGIN", "BEGIN", true);
    does(source.text, "CREATE TABLE", true);
    first.sends(one, "INSERT INTO history VALUES ($1)", {source.version});
    first.is_told({.statements = {{.tag = "INSERT 0 1"}}, .in_transaction = true});
    return does("COMMIT", "COMMIT");
  }
  Runs& does(const std::string& sql, const std::string& tag, bool in_transaction = false) {
    first.sends(one, sql).is_told({.statements = {{.tag = tag}}, .in_transaction = in_transaction});
    return *this;
  }
  Runs& asks(const std::string& sql, const std::string& value) {
    first.asks(one, sql, value);
    return *this;
  }

  Trace trace() {
    first.closes(one).exits(0, 0);
    second.does(one, "SELECT version FROM history ORDER BY version", "SELECT 2")
        .closes(one)
        .exits(0, 0);
    return read(first.history(), second.history(), sources());
  }
};

TEST(ARunnerThatLocks, IsSaidToAndWithWhatAndWhatRanUnderIt) {
  const Trace trace = Runs()
                          .asks("SELECT pg_try_advisory_lock(42)", "f")
                          .asks("SELECT pg_try_advisory_lock(42)", "t")
                          .looks()
                          .migrates(1)
                          .migrates(2)
                          .asks("SELECT pg_advisory_unlock(42)", "t")
                          .trace();
  ASSERT_EQ(trace.first.locks.size(), 1U);
  const TracedLock& lock = trace.first.locks.front();
  EXPECT_EQ(lock.form, TracedLock::Form::advisory_session);
  EXPECT_EQ(lock.object, "42");
  EXPECT_EQ(lock.how, "pg_try_advisory_lock");
  EXPECT_FALSE(lock.waits);
  EXPECT_EQ(lock.attempts, 2U);
  EXPECT_EQ(lock.bodies, 2U);
  EXPECT_EQ(lock.ended_by, "an unlock");
  EXPECT_EQ(lock.sureness, Sureness::certain);
  EXPECT_THAT(trace.answers.locks, HasSubstr("yes: session advisory lock 42"));
  EXPECT_EQ(trace.answers.looks, "it locks before it looks");
  EXPECT_THAT(trace.answers.idle, HasSubstr("no lock, nothing written"));
}

TEST(ARunnerThatLocks, HasItsLastBodyUnderTheLockThatItLeavesToItsSessionsEnd) {
  const Trace trace = Runs()
                          .asks("SELECT pg_try_advisory_lock(42)", "t")
                          .does(sources()[0].text, "CREATE TABLE")
                          .does(sources()[1].text, "ALTER TABLE")
                          .trace();
  ASSERT_EQ(trace.first.locks.size(), 1U);
  const TracedLock& lock = trace.first.locks.front();
  EXPECT_EQ(lock.ended_by, "the session's end");
  EXPECT_EQ(lock.bodies, 2U);
  EXPECT_GE(lock.until, trace.first.steps.back().answered);
  EXPECT_THAT(trace.answers.locks, HasSubstr("2 of 2 bodies ran under it"));
  EXPECT_THAT(trace.answers.idle, HasSubstr("1 session, 1 statement in 1 round trip"));
}

TEST(ARunnerThatLooksFirst, IsKnownByItsSecondRunWhereTheFirstFindsNoTracker) {
  const std::string tracker = "CREATE TABLE history(version text)";
  EXPECT_EQ(Runs().does(tracker, "CREATE TABLE").migrates(1).trace().answers.looks,
            "it looks, and never locks");
  EXPECT_EQ(Runs()
                .asks("SELECT pg_advisory_lock(42)", "")
                .does(tracker, "CREATE TABLE")
                .migrates(1)
                .trace()
                .answers.looks,
            "it looks before it locks: with nothing to do it does not lock");
}

TEST(ARunnerThatLooksFirst, IsToldFromOneThatLooksAgainUnderItsLock) {
  EXPECT_THAT(
      Runs().looks().asks("SELECT pg_advisory_lock(42)", "").migrates(1).trace().answers.looks,
      HasSubstr("out of date"));
  EXPECT_EQ(Runs()
                .looks()
                .asks("SELECT pg_advisory_lock(42)", "")
                .looks()
                .migrates(1)
                .trace()
                .answers.looks,
            "it looks, locks, and looks again");
}

TEST(ARunnerThatDoesNotLock, IsSaidNotTo) {
  const Trace trace = Runs().looks().migrates(1).trace();
  EXPECT_THAT(trace.first.locks, IsEmpty());
  EXPECT_THAT(trace.answers.locks, HasSubstr("no lock was seen"));
  EXPECT_EQ(trace.answers.looks, "it looks, and never locks");
}

TEST(ASharedLock, IsNotTakenForOneThatKeepsAnybodyOut) {
  const Trace trace =
      Runs().looks().asks("SELECT pg_advisory_lock_shared(42)", "").migrates(1).trace();
  ASSERT_EQ(trace.first.locks.size(), 1U);
  EXPECT_THAT(trace.first.locks.front().why, HasSubstr("keeps nobody out"));
}

TEST(OtherFormsOfALock, AreRecognised) {
  struct Case {
    std::vector<std::string> before, after;
    TracedLock::Form form;
    std::string object;
  };
  const std::vector<Case> cases = {
      {{"BEGIN", "LOCK TABLE history IN EXCLUSIVE MODE"},
       {"COMMIT"},
       TracedLock::Form::table,
       "history"},
      {{"BEGIN", "SELECT * FROM history FOR UPDATE"},
       {"COMMIT"},
       TracedLock::Form::rows,
       "history"},
      {{"INSERT INTO history_lock VALUES (0)",
        "UPDATE history_lock SET is_locked = 1 WHERE is_locked = 0"},
       {"UPDATE history_lock SET is_locked = 0"},
       TracedLock::Form::lock_row,
       "history_lock"},
      {{"INSERT INTO the_lock VALUES (1)"},
       {"DELETE FROM the_lock"},
       TracedLock::Form::lock_row,
       "the_lock"},
  };
  for (const Case& each : cases) {
    Runs runs;
    const bool transaction = each.before.front() == "BEGIN";
    for (const auto& sql : each.before) runs.does(sql, "?", transaction);
    runs.looks();
    runs.does(sources()[0].text, "CREATE TABLE", transaction);
    runs.does("INSERT INTO history VALUES (1)", "INSERT 0 1", transaction);
    for (const auto& sql : each.after) runs.does(sql, "?");
    runs.does(sources()[1].text, "ALTER TABLE");
    const Trace trace = runs.trace();
    ASSERT_FALSE(trace.first.locks.empty()) << each.object;
    EXPECT_EQ(trace.first.locks.front().form, each.form) << each.object;
    EXPECT_EQ(trace.first.locks.front().object, each.object);
    EXPECT_FALSE(trace.first.locks.front().ended_by.empty());
  }
}

TEST(ALockRow, KeepsAnotherWriterWaitingWhereItsTransactionIsOpen) {
  const std::string take = "UPDATE migrations_lock SET is_locked = 1 WHERE is_locked = 0",
                    give = "UPDATE migrations_lock SET is_locked = 0";
  const Trace alone =
      Runs().looks().does(take, "UPDATE 1").migrates(1).does(give, "UPDATE 1").trace();
  ASSERT_EQ(alone.first.locks.size(), 1U);
  EXPECT_FALSE(alone.first.locks.front().waits);
  const Trace open = Runs()
                         .looks()
                         .does("BEGIN", "BEGIN", true)
                         .does(take, "UPDATE 1", true)
                         .does(sources()[0].text, "CREATE TABLE", true)
                         .does(give, "UPDATE 1", true)
                         .does("COMMIT", "COMMIT")
                         .trace();
  ASSERT_EQ(open.first.locks.size(), 1U);
  EXPECT_TRUE(open.first.locks.front().waits);
  EXPECT_THAT(open.answers.locks, HasSubstr("waiting in the server; 1 of 1 bodies"));
}

TEST(TheTracker, IsCertainWhenEveryMigrationWasWrittenToIt) {
  const Trace trace = Runs()
                          .does("CREATE TABLE IF NOT EXISTS history(version text)", "CREATE TABLE")
                          .looks()
                          .migrates(1)
                          .migrates(2)
                          .trace();
  EXPECT_EQ(trace.tracker.table, "history");
  EXPECT_EQ(trace.tracker.sureness, Sureness::certain);
  EXPECT_EQ(trace.first.looks, 1U);
  EXPECT_EQ(trace.first.records, 2U);
  EXPECT_EQ(trace.first.steps.front().role(), Role::bootstrap);
}

TEST(TheTracker, IsSaidToBeWrittenInTheBodysTransactionOrOutsideIt) {
  const std::string insert = "INSERT INTO history VALUES (1)";
  const auto records = [](Runs&& runs) { return runs.trace().answers.records; };
  EXPECT_EQ(records(std::move(Runs().looks().migrates(1))),
            "in history, in the body's transaction");
  EXPECT_EQ(records(std::move(Runs().looks().does(sources()[0].text + ";" + insert, "INSERT 0 1"))),
            "in history, in the message of the body");
  EXPECT_THAT(
      records(std::move(
          Runs().looks().does(sources()[0].text, "CREATE TABLE").does(insert, "INSERT 0 1"))),
      HasSubstr("outside the body's transaction: a crash"));
  EXPECT_THAT(records(std::move(Runs()
                                    .looks()
                                    .does("BEGIN", "BEGIN", true)
                                    .does(insert, "INSERT 0 1", true)
                                    .does("COMMIT", "COMMIT")
                                    .does(sources()[0].text, "CREATE TABLE"))),
              HasSubstr("outside the body's transaction"));
}

TEST(TheTracker, IsNotJudgedByTheRowThatItsBootstrapWrites) {
  const auto with_bootstrap = [] {
    return std::move(Runs()
                         .does("CREATE TABLE IF NOT EXISTS history(version text)", "CREATE TABLE")
                         .does("INSERT INTO history VALUES (0)", "INSERT 0 1")
                         .looks());
  };
  EXPECT_EQ(with_bootstrap().migrates(1).migrates(2).trace().answers.records,
            "in history, in the body's transaction");
  EXPECT_THAT(with_bootstrap()
                  .does(sources()[0].text, "CREATE TABLE")
                  .does("INSERT INTO history VALUES (1)", "INSERT 0 1")
                  .trace()
                  .answers.records,
              HasSubstr("outside the body's transaction"));
}

TEST(TheTracker, IsNotJudgedByABootstrapThatHoldsAMigrationsNumber) {
  EXPECT_EQ(Runs()
                .does("CREATE TABLE IF NOT EXISTS history(version text)", "CREATE TABLE")
                .does("INSERT INTO history SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM history)",
                      "INSERT 0 1")
                .looks()
                .migrates(1)
                .migrates(2)
                .trace()
                .answers.records,
            "in history, in the body's transaction");
}

TEST(ALockRow, IsNotOneThatIsMadeAndNeverTakenAway) {
  const Trace trace = Runs()
                          .does("INSERT INTO migration_lock VALUES (1)", "INSERT 0 1")
                          .does(sources()[0].text, "CREATE TABLE")
                          .trace();
  EXPECT_TRUE(trace.first.locks.empty());
}

TEST(ALockRow, IsNotTheOneThatABootstrapMakesToBeLockedLater) {
  const Trace trace = Runs()
                          .does("INSERT INTO migration_lock VALUES (1)", "INSERT 0 1")
                          .does("BEGIN", "BEGIN", true)
                          .does("SELECT 1 FROM migration_lock FOR UPDATE", "SELECT 1", true)
                          .does(sources()[0].text, "CREATE TABLE", true)
                          .does("COMMIT", "COMMIT")
                          .trace();
  ASSERT_EQ(trace.first.locks.size(), 1U);
  EXPECT_EQ(trace.first.locks.front().form, TracedLock::Form::rows);
}

TEST(TheTracker, IsNotSaidToBeOutsideATransactionOfABodyThatWasNotRecognised) {
  EXPECT_EQ(Runs()
                .looks()
                .does("CREATE TABLE another(x int)", "CREATE TABLE")
                .does("INSERT INTO history VALUES (1)", "INSERT 0 1")
                .trace()
                .answers.records,
            "in history");
}

TEST(TheTracker, IsOnlyLikelyByItsName) {
  TestHistory pending(1), idle(1);
  pending.does(one, "SELECT max(v) FROM public.schema_migrations", "SELECT 1");
  const Trace trace = read(pending.history(), idle.history(), {});
  EXPECT_EQ(trace.tracker.table, "public.schema_migrations");
  EXPECT_EQ(trace.tracker.sureness, Sureness::likely);
}

TEST(TheTracker, IsNoneWhereNothingPointsToOne) {
  TestHistory pending(1), idle(1);
  pending.does(one, "SELECT 1 FROM pg_class", "SELECT 1");
  EXPECT_EQ(read(pending.history(), idle.history(), {}).tracker.table, "");
}

TEST(RoundTrips, AreCountedByMigration) {
  const Trace trace = Runs().looks().migrates(1).migrates(2).trace();
  ASSERT_EQ(trace.first.migrations.size(), 2U);
  EXPECT_EQ(trace.first.migrations[0].round_trips, 4U);
  EXPECT_EQ(trace.first.migrations[1].round_trips, 4U);
  EXPECT_EQ(trace.first.transactions, 2U);
}

TEST(AStatement, TellsWhichTablesItNames) {
  const auto statements = sql::statements_of(
      "SELECT a FROM x AS y, \"Z\" JOIN s.w ON true; INSERT INTO t SELECT * FROM u;"
      "DELETE FROM v; UPDATE ONLY t SET a = 1; SELECT * FROM generate_series(1, 2)");
  ASSERT_EQ(statements.size(), 5U);
  EXPECT_THAT(statements[0].reads, ElementsAre("x", "Z", "s.w"));
  EXPECT_THAT(statements[1].writes, ElementsAre("t"));
  EXPECT_THAT(statements[1].reads, ElementsAre("u"));
  EXPECT_THAT(statements[2].writes, ElementsAre("v"));
  EXPECT_THAT(statements[3].writes, ElementsAre("t"));
  EXPECT_THAT(statements[4].reads, IsEmpty());
}

TEST(APage, HoldsEverythingAndQuotesWhatItShows) {
  Runs runs;
  runs.does("SELECT '<script>alert(1)</script>'", "SELECT 1");
  runs.asks("SELECT pg_advisory_lock(42)", "");
  Trace trace = runs.looks().migrates(1).trace();
  trace.subject = "a & b";
  const std::string page = html(trace);
  EXPECT_THAT(page, HasSubstr("a &amp; b"));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, HasSubstr("class=held"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
}

TEST(AsJson, SaysTheSameAsOneObject) {
  const Trace trace =
      Runs().asks("SELECT pg_advisory_lock(42)", "").looks().migrates(1).migrates(2).trace();
  const auto object = nlohmann::json::parse(json(trace));
  EXPECT_EQ(object.at("schema"), 1);
  EXPECT_EQ(object.at("tracker").at("table"), "history");
  EXPECT_EQ(object.at("pending").at("locks").at(0).at("object"), "42");
  EXPECT_EQ(object.at("pending").at("migrations").at(1).at("name"), "002_weights");
  EXPECT_EQ(object.at("idle").at("writes"), 0);
}

TEST(Sources, OfAProjectHaveTheTextOfTheNeutralFilesToo) {
  const auto all = with_neutral({{.name = "00001_a", .version = "1", .code = "exports.up = run"}},
                                {{.name = "1_a", .version = "1", .text = "CREATE TABLE t(x int)"},
                                 {.name = "2_b", .version = "2", .text = "SELECT 2"}});
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].name, "00001_a");
  EXPECT_EQ(all[0].code, "exports.up = run");
  EXPECT_EQ(all[0].text, "CREATE TABLE t(x int)");
  EXPECT_EQ(all[1].text, "SELECT 2");
}

TEST(Sources, OfAFileWithBothDirectionsHoldWhatAppliesIt) {
  const runner::TestFolder folder;
  folder.write("1_a.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n");
  const auto all = read_sources(folder.path());
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].text, testing::AllOf(HasSubstr("SELECT 1;"), Not(HasSubstr("SELECT 2;"))));
}

TEST(Sources, AreTheFilesThatApplySomethingInOrder) {
  const runner::TestFolder folder;
  for (const char* file : {"10_ten.up.sql", "10_ten.down.sql", "9_nine.sql", "V1__one.sql",
                           "README.md", "deploy/2_two.sql", "revert/2_two.sql"})
    folder.write(file, "SELECT\n  1;\n");
  std::vector<std::string> names;
  for (const auto& source : read_sources(folder.path())) {
    names.push_back(source.name);
    EXPECT_EQ(source.text, "SELECT\n  1;\n");
  }
  EXPECT_THAT(names, ElementsAre("V1__one", "2_two", "9_nine", "10_ten"));
}

}  // namespace
}  // namespace gauntlet::trace
