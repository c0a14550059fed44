// The checks on SQLite: each flaw of a set or a runner is found, and its corrected twin holds.
#include "harness/verify/sqlite_checks.h"

#include "harness/verify/sqlite_ground_test.h"
#include "harness/verify/sqlite_lint.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using core::Verdict;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A table that is there again if it is there, then rows alone: nothing but a lock keeps two
/// runners from doubling them.
void add_rows_only(Folder& folder) {
  folder.add("001_t.up.sql", "CREATE TABLE IF NOT EXISTS t (x integer);\n")
      .add("002_rows.up.sql", "INSERT INTO t VALUES (1);\n")
      .add("003_rows.up.sql", "INSERT INTO t VALUES (2);\n");
}

constexpr std::string_view parents_and_children =
    "CREATE TABLE parents (id integer PRIMARY KEY, name text);"
    "CREATE TABLE children (id integer PRIMARY KEY,"
    " parent integer REFERENCES parents (id) ON DELETE CASCADE);"
    "INSERT INTO parents VALUES (1, 'a'), (2, 'b');"
    "INSERT INTO children VALUES (1, 1), (2, 1), (3, 2);";

constexpr std::string_view rebuild_of_parents =
    "CREATE TABLE parents_new (id integer PRIMARY KEY, name text NOT NULL);\n"
    "INSERT INTO parents_new SELECT id, name FROM parents;\n"
    "DROP TABLE parents;\n"
    "ALTER TABLE parents_new RENAME TO parents;\n";

/// The tracker that the python runner finds in a user's file.
const std::string tracker_and_rows = std::string(parents_and_children) +
                                     "CREATE TABLE applied_migrations"
                                     "(version integer, name text, applied_at text, checksum text);"
                                     "INSERT INTO applied_migrations VALUES (1, 'base', '', NULL);";

void add_base(Folder& folder) {
  folder.add("001_base.up.sql",
             "CREATE TABLE parents (id integer PRIMARY KEY, name text);\n"
             "CREATE TABLE children (id integer PRIMARY KEY,"
             " parent integer REFERENCES parents (id) ON DELETE CASCADE);\n");
}

// ---- lint

TEST(SqliteLint, FindsAStatementThatSqliteDoesNotHaveAlsoInADownFile) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t (x integer);\n")
      .add("002_c.up.sql", "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0);\n")
      .add("002_c.down.sql", "\nALTER TABLE t DROP CONSTRAINT c;\n");
  const core::Result result = judge(options_for(folder, ephemeral_file), "lint");
  EXPECT_THAT(ids_of(result), ElementsAre("not-sqlite", "not-sqlite"));
  ASSERT_EQ(result.judgement.findings.size(), 2U);
  EXPECT_EQ(result.judgement.findings[1].where.line, 2);
}

TEST(SqliteLint, HoldsWhereTheSameIsWrittenForSqlite) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t (x integer CHECK (x > 0));\n")
      .add("002_c.up.sql", "ALTER TABLE t ADD COLUMN y text;\n")
      .add("002_c.down.sql", "ALTER TABLE t DROP COLUMN y;\n");
  const core::Result result = judge(options_for(folder, ephemeral_file), "lint");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
}

TEST(SqliteLint, FindsWhatATransactionMakesVoidAndHoldsWhereTheFileSaysSo) {
  Folder bad, good;
  bad.add("001_v.up.sql", "VACUUM;\n").add("002_b.up.sql", "BEGIN;\nCOMMIT;\n");
  good.add("001_v.up.sql", "-- gauntlet: no-transaction\nVACUUM;\n");
  EXPECT_THAT(ids_of(judge(options_for(bad, ephemeral_file), "lint")),
              ElementsAre("needs-no-transaction", "transaction-control", "transaction-control"));
  const core::Result result = judge(options_for(good, ephemeral_file), "lint");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
}

TEST(SqliteLint, FindsACommandOfTheShell) {
  Folder folder;
  folder.add("001_t.up.sql", ".read base.sql\n");
  EXPECT_THAT(ids_of(judge(options_for(folder, ephemeral_file), "lint")),
              Contains("shell-command"));
}

TEST(SqliteLint, FindsARebuildThatDropsRowsBeforeThereAreAny) {
  Folder bad, good;
  add_base(bad);
  add_base(good);
  bad.add("002_rebuild.up.sql", rebuild_of_parents);
  good.add("002_rebuild.up.sql", "-- gauntlet: rebuild\n" + std::string(rebuild_of_parents));
  const core::Result found = judge(options_for(bad, ephemeral_file), "lint");
  EXPECT_THAT(ids_of(found), ElementsAre("rebuild-drops-rows"));
  EXPECT_THAT(told_by(found), HasSubstr("children"));
  const core::Result result = judge(options_for(good, ephemeral_file), "lint");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
}

TEST(SqliteLint, SaysNothingOfATableThatGoesForGood) {
  Folder folder;
  add_base(folder);
  folder.add("002_drop.up.sql", "DROP TABLE parents;\nDROP TABLE children;\n");
  const core::Result result = judge(options_for(folder, ephemeral_file), "lint");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
}

// ---- status and dry run

TEST(SqliteStatus, TellsWhatIsPendingAndUnknownInAGivenFile) {
  const GivenSqlite given(tracker_and_rows +
                          "INSERT INTO applied_migrations VALUES (9, 'later', '', NULL);");
  Folder folder;
  add_base(folder);
  folder.add("002_t.up.sql", "CREATE TABLE t (x);\n");
  const core::Result result = judge(options_for(folder, given.url()), "status");
  EXPECT_THAT(ids_of(result), ElementsAre("applied-unknown"));
  EXPECT_THAT(notes_of(result), HasSubstr("pending: 2"));
  EXPECT_TRUE(given.is_untouched());
}

TEST(SqliteStatus, ReadsTheTrackerOfAnotherTool) {
  const GivenSqlite given(
      "CREATE TABLE goose_db_version (id integer PRIMARY KEY, version_id integer,"
      " is_applied integer, tstamp text);"
      "INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1);");
  Folder folder;
  folder.add("00001_a.sql", "-- +goose Up\nCREATE TABLE a (x);\n")
      .add("00002_b.sql", "-- +goose Up\nCREATE TABLE b (x);\n");
  Options options = options_for(folder, given.url());
  options.format = *formats::find_format("goose");
  options.applied_through.reset();
  const core::Result result = judge(options, "status");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
  EXPECT_THAT(notes_of(result), AllOf(HasSubstr("1 of 2 applied"), HasSubstr("goose_db_version")));
}

TEST(SqliteDryRun, NamesFileLineAndWhatFollows) {
  Folder folder;
  folder.add("001_t.up.sql", "CREATE TABLE t (x integer);\n")
      .add("002_bad.up.sql", "INSERT INTO t VALUES (1);\nINSERT INTO nowhere VALUES (1);\n")
      .add("003_after.up.sql", "CREATE TABLE u (x);\n");
  const core::Result result = judge(options_for(folder, ephemeral_file), "dry-run");
  ASSERT_THAT(ids_of(result), ElementsAre("migration-fails"));
  const core::Finding& finding = result.judgement.findings.front();
  EXPECT_THAT(finding.where.file, HasSubstr("002_bad.up.sql"));
  EXPECT_EQ(finding.where.line, 2);
  EXPECT_THAT(outcomes_of(result), ElementsAre("ok", "failed", "not judged: follows 2"));
}

TEST(SqliteDryRun, TellsRowsThatARebuildLosesInTheGivenFileAndLeavesTheFileAlone) {
  const GivenSqlite given(tracker_and_rows);
  Folder bad, good;
  add_base(bad);
  add_base(good);
  bad.add("002_rebuild.up.sql", rebuild_of_parents);
  good.add("002_rebuild.up.sql", "-- gauntlet: rebuild\n" + std::string(rebuild_of_parents));
  const core::Result found = judge(options_for(bad, given.url()), "dry-run");
  EXPECT_THAT(ids_of(found), ElementsAre("rows-lost")) << all_told(found);
  EXPECT_THAT(told_by(found), HasSubstr("3 rows of children"));
  const core::Result result = judge(options_for(good, given.url()), "dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
  EXPECT_TRUE(given.is_untouched());
}

TEST(SqliteDryRun, TellsReferencesThatAreLeftDangling) {
  const GivenSqlite given(tracker_and_rows);
  Folder folder;
  add_base(folder);
  folder.add("002_rebuild.up.sql",
             "-- gauntlet: rebuild\n"
             "CREATE TABLE parents_new (id integer PRIMARY KEY, name text);\n"
             "INSERT INTO parents_new SELECT id + 10, name FROM parents;\n"
             "DROP TABLE parents;\n"
             "ALTER TABLE parents_new RENAME TO parents;\n");
  EXPECT_THAT(ids_of(judge(options_for(folder, given.url()), "dry-run")),
              ElementsAre("dangling-references"));
}

TEST(SqliteDryRun, WarnsOfAGuardThatAnotherToolDoesNotHaveAndGoesOn) {
  Folder folder;
  for (const char* step : {"2024-01-01-000000_a", "2024-01-02-000000_b", "2024-01-03-000000_c"})
    std::filesystem::create_directory(folder.path() / step);
  folder
      .add("2024-01-01-000000_a/up.sql",
           "CREATE TABLE p (id integer PRIMARY KEY);\n"
           "CREATE TABLE c (p integer REFERENCES p (id));\n")
      .add("2024-01-02-000000_b/up.sql", "ALTER TABLE p RENAME TO old_p;\nDROP TABLE old_p;\n")
      .add("2024-01-03-000000_c/up.sql", "DROP TABLE c;\n");
  Options options = options_for(folder, ephemeral_file);
  options.format = {.name = "auto"};
  const core::Result tried = judge(options, "dry-run");
  EXPECT_EQ(tried.judgement.verdict, Verdict::holds) << all_told(tried);
  EXPECT_THAT(ids_of(tried), ElementsAre("broken-schema"));
  EXPECT_THAT(outcomes_of(tried), ElementsAre("ok", "ok", "ok"));
  const core::Result boot = judge(options, "boot");
  EXPECT_EQ(boot.judgement.verdict, Verdict::unknown) << all_told(boot);
}

TEST(SqliteDryRun, IsUnknownWhereThereIsNoSuchFile) {
  Folder folder;
  add_base(folder);
  const core::Result result = judge(options_for(folder, "sqlite:/nowhere/app.db"), "dry-run");
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.reason, HasSubstr("no such file"));
}

// ---- boot

TEST(SqliteBoot, HoldsForTheReferenceRunnerAndAnHonestOne) {
  Folder folder;
  add_rows_only(folder);
  const core::Result ours = judge(options_for(folder, ephemeral_file), "boot");
  EXPECT_EQ(ours.judgement.verdict, Verdict::holds) << all_told(ours);
  const core::Result honest = boot_of(folder, ephemeral_file, "honest");
  EXPECT_EQ(honest.judgement.verdict, Verdict::holds) << all_told(honest);
}

TEST(SqliteBoot, FindsARunnerThatAppliesNothing) {
  Folder folder;
  add_rows_only(folder);
  EXPECT_THAT(ids_of(boot_of(folder, ephemeral_file, "nothing")),
              Contains("schema-differs-from-files"));
}

TEST(SqliteBoot, FindsAFileThatIsRecordedAndNotRun) {
  Folder folder;
  add_rows_only(folder);
  EXPECT_THAT(ids_of(boot_of(folder, ephemeral_file, "skips-last")), ElementsAre("rows-missing"));
}

TEST(SqliteBoot, FindsRowsThatWentWithARebuiltTableInACopyOfTheGivenFile) {
  const GivenSqlite given(tracker_and_rows);
  Folder folder;
  add_base(folder);
  folder.add("002_rebuild.up.sql", rebuild_of_parents);
  const core::Result lost = boot_of(folder, given.url(), "cascades");
  EXPECT_THAT(ids_of(lost), ElementsAre("rows-lost")) << all_told(lost);
  EXPECT_THAT(told_by(lost), HasSubstr("3 of the 3 rows of children are gone"));
  const core::Result kept = boot_of(folder, given.url(), "honest");
  EXPECT_EQ(kept.judgement.verdict, Verdict::holds) << all_told(kept);
  EXPECT_TRUE(given.is_untouched());
}

TEST(SqliteBoot, FindsReferencesThatARunLeavesDangling) {
  const GivenSqlite given(tracker_and_rows);
  Folder folder;
  add_base(folder);
  folder.add("002_fewer.up.sql", "DELETE FROM parents WHERE id = 2;\n");
  EXPECT_THAT(ids_of(boot_of(folder, given.url(), "honest")), ElementsAre("dangling-references"));
  const core::Result enforced = boot_of(folder, given.url(), "cascades");
  EXPECT_EQ(enforced.judgement.verdict, Verdict::holds) << all_told(enforced);
}

// ---- replicas

core::Result replicas_of(const Folder& folder, const std::string& database,
                         const std::string& mode) {
  return judge(python_options(folder, database, mode), "replicas");
}

TEST(SqliteReplicas, HoldForTheReferenceRunnerAndAnHonestOne) {
  Folder folder;
  add_rows_only(folder);
  const core::Result ours = judge(options_for(folder, ephemeral_file), "replicas");
  EXPECT_EQ(ours.judgement.verdict, Verdict::holds) << all_told(ours);
  const core::Result honest = replicas_of(folder, ephemeral_file, "honest");
  EXPECT_EQ(honest.judgement.verdict, Verdict::holds) << all_told(honest);
}

TEST(SqliteReplicas, FindTheRowsThatARunnerWithoutALockDoubles) {
  Folder folder;
  add_rows_only(folder);
  const core::Result result = replicas_of(folder, ephemeral_file, "no-lock");
  EXPECT_THAT(ids_of(result), Contains("applied-twice")) << all_told(result);
}

TEST(SqliteReplicas, FindARunnerWhoseLockComesWithItsFirstWrite) {
  Folder folder;
  add_rows_only(folder);
  const core::Result result = replicas_of(folder, ephemeral_file, "deferred");
  EXPECT_THAT(ids_of(result), Contains("replica-failed")) << all_told(result);
  EXPECT_THAT(told_by(result), HasSubstr("database is locked"));
}

TEST(SqliteReplicas, FindARunnerThatWaitsForNobody) {
  Folder folder;
  add_rows_only(folder);
  const core::Result result = replicas_of(folder, ephemeral_file, "impatient");
  EXPECT_THAT(ids_of(result), Contains("replica-failed")) << all_told(result);
  EXPECT_THAT(ids_of(result), testing::Not(Contains("schema-differs")))
      << "none of them applied anything while the file was locked from outside";
}

TEST(SqliteReplicas, RaceOverTheRowsOfTheGivenFile) {
  const GivenSqlite given(
      "CREATE TABLE t (x integer); INSERT INTO t VALUES (7);"
      "CREATE TABLE applied_migrations"
      "(version integer, name text, applied_at text, checksum text);"
      "INSERT INTO applied_migrations VALUES (1, 't', '', NULL);");
  Folder folder;
  add_rows_only(folder);
  const core::Result result = replicas_of(folder, given.url(), "no-lock");
  EXPECT_THAT(ids_of(result), Contains("applied-twice")) << all_told(result);
  EXPECT_THAT(told_by(result),
              testing::ContainsRegex("t holds [0-9]+ rows more than a serial run leaves"));
  EXPECT_TRUE(given.is_untouched());
}

// ---- the file itself

TEST(SqliteFile, IsReadWithItsWriteAheadLogAndNotWritten) {
  Folder folder, files;
  add_base(folder);
  folder.add("002_t.up.sql", "CREATE TABLE t (x);\n");
  const std::string url = "sqlite:" + (files.path() / "app.db").string();
  const auto user = runner::connect_sqlite(url);
  user->send("PRAGMA journal_mode = wal;" + tracker_and_rows);
  Options options = options_for(folder, url);
  for (const char* check : {"status", "dry-run", "boot", "replicas"}) {
    SCOPED_TRACE(check);
    const core::Result result = judge(options, check);
    EXPECT_EQ(result.judgement.verdict, Verdict::holds) << all_told(result);
  }
  EXPECT_THAT(user->query("SELECT max(version) FROM applied_migrations").rows.at(0),
              ElementsAre("1"));
}

}  // namespace
}  // namespace gauntlet::verify::test
