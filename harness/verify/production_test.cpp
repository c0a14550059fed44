// What only a database with rows, settings and a history of its own shows: each flaw beside its
// corrected twin.
#include "harness/verify/scripted_runner.h"
#include "harness/verify/test_ground.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* applied_migrations =
    "CREATE TABLE applied_migrations(version bigint PRIMARY KEY, name text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now(), checksum text);";

/// A database where file 1 is applied, and what `sql` makes of it.
struct Production {
  explicit Production(const std::string& sql) {
    server.run(applied_migrations);
    server.run("INSERT INTO applied_migrations VALUES (1, 'base');" + sql);
  }
  core::Result check(const std::string& id, const std::string& base, const std::string& pending) {
    Folder folder;
    folder.add("001_base.up.sql", base).add("002_pending.up.sql", pending);
    return judge(options_for(folder, server.address().conninfo()), id);
  }
  GivenServer server;
};

TEST(Production, ATableOfAnotherShapeIsNotWhatIfNotExistsMakes) {
  const std::string base = "CREATE TABLE projects(id int PRIMARY KEY);";
  Production production(base + "CREATE TABLE shares(id int PRIMARY KEY)");

  const core::Result bad = production.check(
      "boot", base, "CREATE TABLE IF NOT EXISTS shares(id int PRIMARY KEY, token text NOT NULL);");
  const core::Result good = production.check(
      "boot", base,
      "CREATE TABLE IF NOT EXISTS shares(id int PRIMARY KEY, token text NOT NULL DEFAULT '');"
      "ALTER TABLE shares ADD COLUMN IF NOT EXISTS token text NOT NULL DEFAULT '';");

  EXPECT_THAT(ids_of(bad), ElementsAre("upgrade-differs-from-fresh")) << told_by(bad);
  EXPECT_THAT(told_by(bad), HasSubstr("column public.shares.token"));
  EXPECT_EQ(good.judgement.verdict, Verdict::holds) << told_by(good);
}

TEST(Production, AnErrorThatABlockSwallowsLeavesAnotherSchema) {
  const std::string base = "CREATE TABLE entries(tenant int NOT NULL, path text NOT NULL);";
  const std::string constraint = "ALTER TABLE entries ADD CONSTRAINT one UNIQUE (tenant, path);";
  Production production(base + "INSERT INTO entries VALUES (1, 'a'), (1, 'a')");

  const core::Result bad = production.check(
      "boot", base, "DO $$ BEGIN " + constraint + " EXCEPTION WHEN OTHERS THEN NULL; END $$;");
  const core::Result good = production.check(
      "boot", base,
      "DELETE FROM entries a USING entries b WHERE a.ctid > b.ctid AND a.path = b.path;" +
          constraint);

  EXPECT_THAT(ids_of(bad), ElementsAre("upgrade-differs-from-fresh")) << told_by(bad);
  EXPECT_EQ(good.judgement.verdict, Verdict::holds) << told_by(good);
}

TEST(Production, AHoleBelowTheNewestVersionIsAnotherSchema) {
  GivenServer server;
  server.run(
      "CREATE TABLE t1(i int); CREATE TABLE t3(i int);"
      "CREATE TABLE schema_migrations(version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL);"
      "INSERT INTO schema_migrations VALUES (3, false)");
  Folder folder;
  folder.add("1_a.up.sql", "CREATE TABLE t1(i int);")
      .add("2_b.up.sql", "CREATE TABLE t2(i int);")
      .add("3_c.up.sql", "CREATE TABLE t3(i int);");
  Options options = options_for(folder, server.address().conninfo());
  options.format = *formats::find_format("golang-migrate");

  const core::Result bad = judge(options, "boot");
  server.run("CREATE TABLE t2(i int)");
  const core::Result good = judge(options, "boot");

  EXPECT_THAT(ids_of(bad), ElementsAre("hole-skipped")) << told_by(bad);
  EXPECT_THAT(told_by(bad), HasSubstr("table public.t2"));
  EXPECT_EQ(good.judgement.verdict, Verdict::holds) << told_by(good);
}

TEST(Production, WhatOnlyProductionHasIsNoDifference) {
  const std::string base = "CREATE TABLE a(i int, j int);";
  Production production(
      "CREATE TABLE a(legacy int, i int, j int) WITH (fillfactor = 70);"
      "ALTER TABLE a DROP COLUMN legacy; CREATE INDEX by_hand ON a (j); CREATE TABLE report(i int);"
      "COMMENT ON TABLE a IS 'by hand'");

  const core::Result result = production.check("boot", base, "ALTER TABLE a ADD COLUMN k int;");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(Production, AStatementTimeoutOfTheDatabaseCutsAFileOff) {
  const std::string base = "CREATE TABLE t(i int);";
  Production production(base + "INSERT INTO t VALUES (1)");
  production.server.run("ALTER DATABASE app SET statement_timeout = '100ms'");
  const std::string slow = "UPDATE t SET i = 2 WHERE pg_sleep(0.3) IS NOT NULL;";

  const core::Result bad = production.check("dry-run", base, slow);
  const core::Result good =
      production.check("dry-run", base, "SET statement_timeout = 0;\n" + slow);

  EXPECT_THAT(ids_of(bad), ElementsAre("migration-fails")) << told_by(bad);
  EXPECT_THAT(told_by(bad), HasSubstr("the target's own statement_timeout is 100ms"));
  EXPECT_EQ(good.judgement.verdict, Verdict::holds) << told_by(good);
}

TEST(Production, PendingTriggerEventsNeedRows) {
  const std::string base =
      "CREATE TABLE a(id int PRIMARY KEY);"
      "CREATE TABLE b(a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);";
  Production production(base + "INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1)");
  const std::string update = "UPDATE b SET a = 2;\n", alter = "ALTER TABLE b ADD COLUMN c int;";

  const core::Result bad = production.check("dry-run", base, update + alter);
  const core::Result good =
      production.check("dry-run", base, update + "SET CONSTRAINTS ALL IMMEDIATE;\n" + alter);

  EXPECT_THAT(ids_of(bad), ElementsAre("migration-fails")) << told_by(bad);
  EXPECT_THAT(bad.judgement.findings.at(0).fix, HasSubstr("SET CONSTRAINTS ALL IMMEDIATE"));
  EXPECT_EQ(good.judgement.verdict, Verdict::holds) << told_by(good);
}

TEST(Production, ASuperusersDryRunSaysSo) {
  Production production("CREATE TABLE a(i int)");

  EXPECT_THAT(notes_of(production.check("dry-run", "CREATE TABLE a(i int);",
                                        "ALTER TABLE a ADD COLUMN j int;")),
              HasSubstr("judged as superuser"));
}

TEST(Production, AnInvalidIndexThatAPendingFileNamesIsFound) {
  const std::string base = "CREATE TABLE t(k int);";
  Production production(base +
                        "CREATE UNIQUE INDEX t_k ON t (k);"
                        "UPDATE pg_catalog.pg_index SET indisvalid = false "
                        "WHERE indexrelid = 't_k'::regclass");
  const std::string again = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_k ON t (k);";

  const core::Result bad =
      production.check("dry-run", base, "-- gauntlet: no-transaction\n" + again);
  const core::Result good = production.check(
      "dry-run", base,
      "-- gauntlet: no-transaction\nDROP INDEX CONCURRENTLY IF EXISTS t_k;\n" + again);

  EXPECT_THAT(ids_of(bad), ElementsAre("invalid-index")) << told_by(bad);
  EXPECT_EQ(good.judgement.verdict, Verdict::holds) << told_by(good);
}

/// File 2 doubles what only the given database has; the runner takes no lock.
class RaceOverRows : public testing::Test {
 protected:
  core::Result race(const std::string& runner_script) {
    ScriptedRunner runner({{"1_accounts.up.sql", "CREATE TABLE accounts(id int, cents int);"},
                           {"2_interest.up.sql", "UPDATE accounts SET cents = cents * 2;"}},
                          runner_script);
    server_.run(
        "CREATE TABLE tracker(version bigint PRIMARY KEY, name text NOT NULL);"
        "INSERT INTO tracker VALUES (1, 'accounts');"
        "CREATE TABLE accounts(id int, cents int);"
        "INSERT INTO accounts SELECT g, 100 FROM generate_series(1, 50) g");
    runner.arena = arena::open(server_.address().conninfo(), {});
    runner.options.replicas = 6;
    return runner.run([](const Context& context) {
      for (const Check& check : checks())
        if (check.id == "replicas") return check.run(context);
      return core::Result{};
    });
  }
  GivenServer server_;
};

TEST_F(RaceOverRows, FindsWhatIsAppliedTwiceThere) {
  const core::Result result = race(one_session_runner("", ""));

  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(told_by(result), HasSubstr("on copies of the given database"));
  EXPECT_EQ(server_.value("SELECT sum(cents) FROM accounts"), "5000");
}

TEST_F(RaceOverRows, HoldsForARunnerThatLocks) {
  const core::Result result = race(locking_runner());

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(HeldRace, JudgesARunnerWhoseTrackerHasNoUniqueKey) {
  std::string script = one_session_runner("", "");
  script.replace(script.find(" PRIMARY KEY"), std::string(" PRIMARY KEY").size(), "");
  ScriptedRunner runner(journal_files(), script);
  runner.options.success_codes = {0, 1, 3};
  runner.options.replicas = 6;

  const core::Result result = judge(runner.options, "replicas");

  EXPECT_EQ(result.judgement.verdict, Verdict::violated) << told_by(result);
  EXPECT_THAT(ids_of(result), Contains("applied-twice"));
}

TEST(FrozenValues, AreNoViolationInAFileOfItsOwn) {
  Folder folder;
  folder
      .add("001_prices.up.sql",
           "CREATE TABLE prices(from_at timestamptz NOT NULL DEFAULT now(), to_at timestamptz, "
           "CHECK (to_at > from_at)); INSERT INTO prices DEFAULT VALUES;")
      .add("002_raise.up.sql", "UPDATE prices SET to_at = now();");

  const core::Result result = judge(options_for(folder, "ephemeral"), "dry-run");

  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << told_by(result);
}

TEST(FrozenValues, AConstraintThatFailsAlwaysIsStillFound) {
  Folder folder;
  folder.add("001_a.up.sql", "CREATE TABLE a(i int CHECK (i > 0));")
      .add("002_b.up.sql", "INSERT INTO a VALUES (0);");

  EXPECT_THAT(ids_of(judge(options_for(folder, "ephemeral"), "dry-run")),
              ElementsAre("migration-fails"));
}

TEST(HalfDone, SaysWhatStays) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t(i int, j int); INSERT INTO t VALUES (1, 1), (2, 1);")
      .add("002_indexes.up.sql",
           "-- gauntlet: no-transaction\nCREATE INDEX CONCURRENTLY t_i ON t (i);\n"
           "UPDATE t SET i = i + 10;\nCREATE UNIQUE INDEX CONCURRENTLY t_j ON t (j);");

  const core::Result result = judge(options_for(folder, "ephemeral"), "dry-run");

  EXPECT_THAT(told_by(result), HasSubstr("statement 3 of 3 failed, the 2 before it stay, and an "
                                         "INVALID index public.t_j"));
}

TEST(CommitInABlock, IsToldHowItCanRun) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t(i int);")
      .add("002_batches.up.sql", "DO $$ BEGIN COMMIT; END $$;");

  const core::Result result = judge(options_for(folder, "ephemeral"), "dry-run");

  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails")) << told_by(result);
  EXPECT_THAT(result.judgement.findings[0].fix, HasSubstr("-- gauntlet: no-transaction"));
}

/// Three runs over one unchanged database come to the same.
TEST(Verdicts, DoNotFlip) {
  const std::string base = "CREATE TABLE kept(id serial PRIMARY KEY, at timestamptz, x text);";
  Production production(base + "INSERT INTO kept(x) SELECT 'x' FROM generate_series(1, 20)");
  Folder folder;
  folder.add("001_base.up.sql", base)
      .add(
          "002_seed.up.sql",
          "INSERT INTO kept(at, x) VALUES (now(), txid_current()::text), (clock_timestamp(), 'b');")
      .add("003_index.up.sql", "CREATE INDEX kept_x ON kept (x);");
  Options options = options_for(folder, production.server.address().conninfo());
  options.replicas = 4;
  std::vector<std::string> seen;
  for (int round = 0; round < 3; ++round) {
    std::string verdicts;
    for (const core::Result& result : verify(options, {}).results) {
      verdicts += std::string(core::to_string(result.judgement.verdict)) + " ";
      const Verdict expected =
          result.id == "check/rollback" ? Verdict::not_applicable : Verdict::holds;
      EXPECT_EQ(result.judgement.verdict, expected) << result.id << ": " << told_by(result);
    }
    seen.push_back(verdicts);
  }
  EXPECT_THAT(seen, testing::Each(seen.front()));
}

}  // namespace
}  // namespace gauntlet::verify::test
