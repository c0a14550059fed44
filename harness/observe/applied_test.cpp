#include "harness/observe/observe.h"
#include "harness/observe/test_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

using core::AppliedRow;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Read {
  std::optional<core::Applied> applied = {};
  std::string missing = {};
};

Read after(const std::string& sql, const std::string& query = {}, std::string_view tool = {}) {
  const TestDatabase database;
  database.run(sql);
  Read read;
  read.applied = applied(database.address(), query, read.missing, tool);
  return read;
}

constexpr const char* ours =
    "create table applied_migrations (version bigint primary key, name text not null, applied_at "
    "timestamptz not null default now(), checksum text);"
    "insert into applied_migrations values (10, 'b'), (2, 'a');";
constexpr const char* golang_migrate =
    "create table schema_migrations (version bigint not null primary key, dirty boolean not null);"
    "insert into schema_migrations values (7, false);";

TEST(Applied, OfGauntletMigrate) {
  const Read read = after(ours);

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_EQ(read.applied->tracker, "public.applied_migrations");
  EXPECT_THAT(read.applied->rows, ElementsAre(AppliedRow{2, "a"}, AppliedRow{10, "b"}));
  EXPECT_FALSE(read.applied->dirty);
}

TEST(Applied, OfGauntletMigrateIsDirtyWhileAMigrationIsInProgress) {
  EXPECT_TRUE(after(std::string(ours) +
                    "create table applied_migrations_in_progress (version bigint);"
                    "insert into applied_migrations_in_progress values (3)")
                  .applied->dirty);
}

TEST(Applied, OfGauntletMigrateBesideThePredecessorsTable) {
  const Read read = after(std::string(ours) + golang_migrate);

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_EQ(read.applied->tracker, "public.applied_migrations");
}

TEST(Applied, OfGolangMigrateIsOnlyTheNewest) {
  const Read read = after(golang_migrate);

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_TRUE(read.applied->only_newest);
  EXPECT_FALSE(read.applied->dirty);
  EXPECT_THAT(read.applied->rows, ElementsAre(AppliedRow{7, {}}));
}

TEST(Applied, OfGolangMigrateMayBeDirtyBeforeTheFirst) {
  const Read read = after(std::string(golang_migrate) +
                          "update schema_migrations set version = -1, dirty = true");

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_TRUE(read.applied->dirty);
  EXPECT_TRUE(read.applied->rows.empty());
}

TEST(Applied, OfDbmate) {
  EXPECT_THAT(after("create table schema_migrations (version varchar primary key);"
                    "insert into schema_migrations values ('20240101000000'), ('003')")
                  .applied->rows,
              ElementsAre(AppliedRow{3, {}}, AppliedRow{20240101000000, {}}));
}

TEST(Applied, OfGooseCountsWhatWasAppliedSinceTheLastDown) {
  EXPECT_THAT(
      after("create table goose_db_version (id serial primary key, version_id bigint, "
            "is_applied boolean, tstamp timestamp default now());"
            "insert into goose_db_version (version_id, is_applied) values (0, true), (1, true), "
            "(2, true), (2, false), (3, true), (3, false), (3, true), (4, true), (4, true)")
          .applied->rows,
      ElementsAre(AppliedRow{1, {}}, AppliedRow{3, {}}, AppliedRow{4, {}}, AppliedRow{4, {}}));
}

TEST(Applied, OfNodePgMigrateAndKnexComeWithNames) {
  EXPECT_THAT(
      after("create table pgmigrations (id serial primary key, name varchar, run_on timestamp);"
            "insert into pgmigrations (name) values ('1389_first-one')")
          .applied->rows,
      ElementsAre(AppliedRow{1389, "first-one"}));
  EXPECT_THAT(after("create table knex_migrations (id serial primary key, name varchar, batch int, "
                    "migration_time timestamptz);"
                    "insert into knex_migrations (name) values ('20240101_add.js')")
                  .applied->rows,
              ElementsAre(AppliedRow{20240101, "add"}));
}

TEST(Applied, OfSqlxLeavesOutAFailedOneAndIsDirty) {
  const Read read = after(
      "create table _sqlx_migrations (version bigint primary key, description "
      "text, success boolean);"
      "insert into _sqlx_migrations values (1, 'add orders', true), (2, 'b', false)");

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_TRUE(read.applied->dirty);
  EXPECT_THAT(read.applied->rows, ElementsAre(AppliedRow{1, "add_orders"}));
}

struct Recorded {
  std::string tool;
  std::string sql;  ///< its table after 1_one and 2_two_b
  bool keeps_names = true;
};
class AppliedByATool : public testing::TestWithParam<Recorded> {};

TEST_P(AppliedByATool, IsReadFromItsTable) {
  const auto& [tool, sql, keeps_names] = GetParam();
  const Read read = after(sql);
  ASSERT_TRUE(read.applied) << read.missing;
  const auto named = [keeps = keeps_names](const char* name) {
    return keeps ? std::optional<std::string>(name) : std::nullopt;
  };
  EXPECT_THAT(read.applied->rows,
              ElementsAre(AppliedRow{1, named("one")}, AppliedRow{2, named("two_b")}));
  EXPECT_FALSE(read.applied->dirty);
}

INSTANTIATE_TEST_SUITE_P(
    Observe, AppliedByATool,
    testing::Values(
        Recorded{"Sequelize",
                 "create table \"SequelizeMeta\" (name varchar(255) primary key);"
                 "insert into \"SequelizeMeta\" values ('001_one.up.sql'), ('002_two_b.js')"},
        Recorded{"Kysely",
                 "create table kysely_migration (name varchar(255), timestamp varchar(255));"
                 "insert into kysely_migration values ('001_one', '2026-11-29T11:29:41.020Z'),"
                 " ('002_two_b', '2026-11-29T11:29:41.021Z')"},
        Recorded{
            "Prisma",
            "create table _prisma_migrations (id varchar(36), checksum varchar(64), finished_at"
            " timestamptz, migration_name varchar(255), logs text, rolled_back_at timestamptz,"
            " started_at timestamptz, applied_steps_count int);"
            "insert into _prisma_migrations (finished_at, migration_name, rolled_back_at,"
            " started_at) values (now(), '1_one', null, now()), (null, '2_two_b', now(), now()),"
            " (now(), '2_two_b', null, now() + interval '1 s')"},
        Recorded{"PostgresMigrations",
                 "create table migrations (id int primary key, name varchar(100), hash varchar(40),"
                 " executed_at timestamp default now());"
                 "insert into migrations values (0, 'create-migrations-table', 'e1'),"
                 " (1, 'one.up', '45'), (2, 'two_b.up', '00')"},
        Recorded{"Postgrator",
                 "create table schemaversion (version bigint primary key, name text, md5 text,"
                 " run_at timestamptz);"
                 "insert into schemaversion values (0, null, null), (1, 'one', '10'), (2, 'two_b', "
                 "'7c')"},
        Recorded{"GraphileMigrate",
                 "create schema graphile_migrate;"
                 "create table graphile_migrate.migrations (hash text primary key, previous_hash"
                 " text, filename text, date timestamptz default now());"
                 "insert into graphile_migrate.migrations values ('a', null, '000001.sql'),"
                 " ('b', 'a', '000002.sql')",
                 false},
        Recorded{
            "Yoyo",
            "create table _yoyo_migration (migration_hash varchar(64) primary key, migration_id"
            " varchar(255), applied_at_utc timestamp);"
            "insert into _yoyo_migration values ('9', '001_one', now()), ('a', '002_two_b',"
            " now())"},
        Recorded{"Ecto",
                 "create table schema_migrations (version bigint primary key, inserted_at"
                 " timestamp);"
                 "insert into schema_migrations values (2, now()), (1, now())",
                 false},
        Recorded{"Phinx",
                 "create table phinxlog (version bigint primary key, migration_name varchar(100),"
                 " start_time timestamp, end_time timestamp, breakpoint boolean default false);"
                 "insert into phinxlog values (1, 'One'), (2, 'TwoB')",
                 false},
        Recorded{"Diesel",
                 "create table __diesel_schema_migrations (version varchar(50) primary key, run_on"
                 " timestamp default now());"
                 "insert into __diesel_schema_migrations values ('00000000000001'), ('2')",
                 false},
        Recorded{"Refinery",
                 "create table refinery_schema_history (version int primary key, name varchar(255),"
                 " applied_on varchar(255), checksum varchar(255));"
                 "insert into refinery_schema_history values (1, 'one'), (2, 'two_b')"}),
    [](const auto& recorded) { return recorded.param.tool; });

TEST(Applied, OfPrismaIsDirtyWhereOneBeganAndDidNotEnd) {
  EXPECT_TRUE(after("create table _prisma_migrations (migration_name text, started_at timestamptz,"
                    " finished_at timestamptz, rolled_back_at timestamptz);"
                    "insert into _prisma_migrations values ('1_one', now(), null, null)")
                  .applied->dirty);
}

TEST(Applied, IsMissingWhereAToolKeepsNoNumberOfAFile) {
  for (const char* table :
       {"migrations (id serial, timestamp bigint, name varchar)",
        "__drizzle_migrations (id serial, hash text, created_at bigint)",
        "django_migrations (id bigint, app varchar, name varchar, applied timestamptz)",
        "databasechangelog (id varchar, author varchar, filename varchar, orderexecuted int)"}) {
    const Read read = after(std::string("create table ") + table);
    EXPECT_FALSE(read.applied) << table;
    EXPECT_THAT(read.missing, HasSubstr("'s: it")) << table;
  }
}

constexpr const char* flyway =
    "create table flyway_schema_history (installed_rank int, version text, description text, type "
    "text, success boolean);";

TEST(Applied, OfFlywayLeavesOutRepeatableOnes) {
  EXPECT_THAT(after(std::string(flyway) +
                    "insert into flyway_schema_history values (1, '1', 'init', 'SQL', true), (2, "
                    "null, 'views', 'SQL', true)")
                  .applied->rows,
              ElementsAre(AppliedRow{1, "init"}));
}

TEST(Applied, OfFlywayWithADottedVersionIsMissingWithTheReason) {
  const Read read =
      after(std::string(flyway) +
            "insert into flyway_schema_history values (1, '1.2', 'init', 'SQL', true)");

  EXPECT_FALSE(read.applied);
  EXPECT_THAT(read.missing, HasSubstr("1.2"));
}

TEST(Applied, OfAlembicIsMissingWithTheReason) {
  const Read read = after("create table alembic_version (version_num varchar(32))");

  EXPECT_FALSE(read.applied);
  EXPECT_THAT(read.missing, HasSubstr("its revisions are not numbers"));
}

TEST(Applied, IsMissingWithoutAnyTracker) {
  const Read read = after("create table schema_migrations (a int)");

  EXPECT_FALSE(read.applied);
  EXPECT_THAT(read.missing, HasSubstr("no table of a known migration tool"));
}

TEST(Applied, IsMissingWhereTwoToolsHaveRecorded) {
  const Read read = after(std::string(golang_migrate) +
                          "create table pgmigrations (id int, name text, run_on timestamp)");

  EXPECT_FALSE(read.applied);
  EXPECT_THAT(read.missing, HasSubstr("public.pgmigrations, public.schema_migrations"));
}

TEST(Applied, IsTheToolsOwnWhereTwoHaveRecorded) {
  const std::string two = std::string(golang_migrate) +
                          "create table pgmigrations (id int, name text, run_on timestamp)";
  EXPECT_EQ(after(two, {}, "golang-migrate").applied.value().tracker, "public.schema_migrations");
  EXPECT_EQ(after(two, {}, "node-pg-migrate").applied.value().tracker, "public.pgmigrations");
  EXPECT_FALSE(after(two, {}, "goose").applied);
}

TEST(Applied, KeepsANameThatBeginsWithItsNumberWhereTheToolRecordsNoFileNames) {
  const std::string table =
      "create table applied_migrations (version bigint primary key, name text not null, applied_at "
      "timestamptz not null default now(), checksum text);";
  EXPECT_THAT(after(table + "insert into applied_migrations values (1, '001_init')").applied->rows,
              ElementsAre(AppliedRow{1, "001_init"}));
}

TEST(TrackerLikeTables, AreNamedByTheirNameOrTheirColumns) {
  const TestDatabase database;
  database.run(
      "create table our_migs (version bigint, dirty boolean); create table done (filename text, "
      "executed_at timestamp); create table orders (version int, total int); create table "
      "schema_versions (v int)");
  EXPECT_THAT(tracker_like_tables(database.address()),
              ElementsAre("public.done", "public.our_migs", "public.schema_versions"));
}

TEST(Applied, IsTakenFromTheSearchPathBeforeAnyOtherSchema) {
  const Read read =
      after(std::string("create schema other; create table other.pgmigrations (id int, "
                        "name text, run_on timestamp);") +
            golang_migrate);

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_EQ(read.applied->tracker, "public.schema_migrations");
}

TEST(Applied, IsFoundInAnotherSchemaWithAnOddName) {
  const Read read =
      after("create schema \"o'Neil\"; set search_path = \"o'Neil\";" + std::string(ours));

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_EQ(read.applied->tracker, "\"o'Neil\".applied_migrations");
}

TEST(Applied, ByAQueryOfTheUser) {
  const Read read = after(
      "create table done (v text, n text, x int); insert into done values ('003', "
      "'003_c.up.sql', 1), ('1', null, 2)",
      "select v, n from done order by x;");

  ASSERT_TRUE(read.applied) << read.missing;
  EXPECT_THAT(read.applied->rows, ElementsAre(AppliedRow{3, "c"}, AppliedRow{1, {}}));
}

TEST(Applied, ByAQueryThatSaysSoIsOnlyTheNewest) {
  const std::string table = "create table at (v int); insert into at values (3)";
  EXPECT_TRUE(after(table, "select v as newest from at").applied.value().only_newest);
  EXPECT_FALSE(after(table, "select v from at").applied.value().only_newest);
}

TEST(Applied, ByAQueryThatGivesNoColumnIsMissing) {
  EXPECT_THAT(after("create table at ()", "select from at").missing, HasSubstr("no column"));
}

TEST(Applied, ByAQueryOnATableThatIsNotThereIsMissing) {
  const Read read = after("select 1", "select v from done");

  EXPECT_FALSE(read.applied);
  EXPECT_THAT(read.missing, HasSubstr("\"done\" does not exist"));
}

TEST(Applied, ByAQueryThatWritesIsAnError) {
  try {
    after("create table done (v int)", "insert into done values (1) returning v");
    FAIL() << "it was let through";
  } catch (const runner::Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("25006"));
  }
}

TEST(Applied, ByTwoStatementsIsAnError) {
  EXPECT_THROW(after("select 1", "commit; select 1"), runner::Error);
}

}  // namespace
}  // namespace gauntlet::observe
