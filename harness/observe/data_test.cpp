#include "harness/observe/observe.h"
#include "harness/observe/test_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

core::Data data_of(const arena::Address& address) {
  const core::Snapshot taken = snapshot(address, {.catalogue = false, .sequences = false});
  EXPECT_EQ(taken.missing, "");
  return taken.data.value_or(core::Data{});
}

core::Sequences sequences_of(const arena::Address& address) {
  return snapshot(address, {.catalogue = false, .data = false}).sequences.value();
}

TEST(DataOfADatabase, CountsTheRowsOfEveryTable) {
  const TestDatabase database;
  database.run(
      "create table a (x int); insert into a select generate_series(1, 7);"
      "create schema s; create table s.\"B b\" (x int); create table s.nothing ()");

  const core::Data data = data_of(database.address());

  ASSERT_EQ(data.size(), 3U);
  EXPECT_EQ(data.at("public.a").rows, 7);
  EXPECT_EQ(data.at("s.\"B b\"").rows, 0);
  EXPECT_EQ(data.at("s.nothing").rows, 0);
}

TEST(DataOfADatabase, DoesNotDependOnTheOrderOfRows) {
  const TestDatabase database;
  const arena::Address up = database.with_database(
      "up",
      "create table a (x int, y text); insert into a select g, g from generate_series(1, 9) g");
  const arena::Address down = database.with_database(
      "down",
      "create table a (x int, y text); insert into a select g, g from generate_series(9, 1, "
      "-1) g");

  EXPECT_EQ(data_of(up), data_of(down));
}

TEST(DataOfADatabase, SeesAValueThatChangedInItsColumnOnly) {
  const TestDatabase database;
  database.run(
      "create table a (x int, \"odd \"\"name\" text); insert into a values (1, 'a'), (2, 'b')");
  const core::TableData before = data_of(database.address()).at("public.a");
  database.run("update a set \"odd \"\"name\" = 'c' where x = 2");

  const core::TableData after = data_of(database.address()).at("public.a");

  EXPECT_EQ(after.columns.at("x"), before.columns.at("x"));
  EXPECT_NE(after.columns.at("odd \"name"), before.columns.at("odd \"name"));
}

TEST(DataOfADatabase, SeesValuesThatMovedFromRowToRow) {
  const TestDatabase database;
  database.run(
      "create table a (x text, id int primary key); insert into a values ('a', 1), ('b', 2)");
  const core::TableData before = data_of(database.address()).at("public.a");
  database.run("update a set x = case x when 'a' then 'b' else 'a' end");

  const core::TableData after = data_of(database.address()).at("public.a");

  EXPECT_EQ(after.columns, before.columns);
  EXPECT_NE(after.by_key.at("x"), before.by_key.at("x"));
  EXPECT_EQ(after.by_key.at("id"), before.by_key.at("id"));
}

TEST(DataOfADatabase, TellsANullFromAnEmptyText) {
  const TestDatabase database;
  database.run("create table a (x text); insert into a values ('')");
  const core::Data before = data_of(database.address());
  database.run("update a set x = null");

  EXPECT_NE(data_of(database.address()), before);
}

TEST(DataOfADatabase, IsTheSameForATableThatIsEmptyAgain) {
  const TestDatabase database;
  database.run("create table a (x int)");
  const core::Data before = data_of(database.address());
  database.run("insert into a values (1)");
  database.run("delete from a");

  EXPECT_EQ(data_of(database.address()), before);
}

TEST(DataOfADatabase, ReadsColumnsOfEveryKind) {
  const TestDatabase database;
  database.run(R"(
    create type pair as (a int, b text);
    create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    create table a (j json, jb jsonb, b bytea, t tsvector, p pair, ps pair[], i interval, m money,
      x xml, r int4range, o oid, c regclass, pt point, n name, bits bit(3), h text collate blind,
      u uuid, net inet, "char" "char");
    insert into a (j, jb, b, p, i, c, h) values
      ('{"a": 1}', '[1]', '\x00ff', (1, 'x'), '1 day', 'a', 'H');)");

  EXPECT_EQ(data_of(database.address()).at("public.a").columns.size(), 19U);
}

TEST(DataOfADatabase, CountsRowsOfPartitionsAndChildrenOnce) {
  const TestDatabase database;
  database.run(
      "create table p (a int) partition by list (a);"
      "create table p1 partition of p for values in (1); insert into p values (1);"
      "create table m (a int); create table c () inherits (m); insert into c values (1);"
      "create materialized view v as select 1 with no data;"
      "create materialized view w as select 1");

  const core::Data data = data_of(database.address());

  EXPECT_FALSE(data.contains("public.p"));
  EXPECT_EQ(data.at("public.p1").rows, 1);
  EXPECT_EQ(data.at("public.m").rows, 0);
  EXPECT_EQ(data.at("public.c").rows, 1);
  EXPECT_FALSE(data.contains("public.v"));
  EXPECT_EQ(data.at("public.w").rows, 1);
}

TEST(DataOfADatabase, ReadsATableOfVeryManyColumns) {
  const TestDatabase database;
  database.run(
      "do $$ begin execute 'create table wide (' || (select string_agg('c' || g || ' int', "
      "', ') from generate_series(1, 1500) g) || ')'; end $$");

  EXPECT_EQ(data_of(database.address()).at("public.wide").columns.size(), 1500U);
}

TEST(DataOfADatabase, IsMissingBeyondTheLimit) {
  const TestDatabase database;
  database.run("create table a as select generate_series(1, 1000) as x");

  const core::Snapshot taken = snapshot(database.address(), {.data_bytes_max = 1000});

  EXPECT_FALSE(taken.data);
  EXPECT_TRUE(taken.catalogue);
  EXPECT_THAT(taken.missing, HasSubstr("data: the tables hold"));
}

TEST(DataOfADatabase, IsMissingWithTheReasonWhereATableMayNotBeRead) {
  const TestDatabase database;
  database.run("create role guest login; create table secret as select 1 as a");

  const core::Snapshot taken = snapshot(database.address().with("user", "guest"));

  EXPECT_FALSE(taken.data);
  EXPECT_TRUE(taken.catalogue);
  EXPECT_THAT(taken.missing, AllOf(HasSubstr("permission denied for table secret"),
                                   HasSubstr("42501"), Not(HasSubstr("catalogue"))));
}

// Rows that a policy hides would be taken for rows that are not there.
TEST(DataOfADatabase, IsMissingWhereAPolicyHidesRows) {
  const TestDatabase database;
  database.run(
      "create role guest login; create table t as select 1 as a; grant select on t to guest;"
      "alter table t enable row level security");

  EXPECT_FALSE(snapshot(database.address().with("user", "guest")).data);
}

// The owner reads its own rows whatever FORCE says; in a database that is not ours nothing is
// altered, and the data is missing.
TEST(DataOfADatabase, IsReadWholeUnderForcedPoliciesInADatabaseOfOurs) {
  const TestDatabase database;
  database.run(
      "create role clerk login; grant create on schema public to clerk; set role clerk;"
      "create table t as select 1 as a; alter table t enable row level security;"
      "alter table t force row level security; create policy p on t using (false)");
  const arena::Address clerk = database.address().with("user", "clerk");

  EXPECT_EQ(snapshot(clerk, {.is_ours = true}).data.value().at("public.t").rows, 1);
  EXPECT_FALSE(snapshot(clerk).data);
}

TEST(DataOfADatabase, IsReadBesideAnIndexOverAnUnqualifiedFunction) {
  const TestDatabase database;
  database.run(
      "create function base(a int) returns int language sql immutable as 'select a + 1';"
      "create function twice(a int) returns int language sql immutable as 'select 2 * base(a)';"
      "create table t as select 1 as a; create index on t (twice(a))");

  EXPECT_EQ(data_of(database.address()).at("public.t").rows, 1);
}

TEST(SequencesOfADatabase, TellTheirValueAndWhetherItWasTaken) {
  const TestDatabase database;
  database.run("create sequence a start 5; create sequence b; select nextval('b'), nextval('b')");

  const core::Sequences sequences = sequences_of(database.address());

  EXPECT_EQ(sequences.at("public.a"), "5");
  EXPECT_EQ(sequences.at("public.b"), "2 (called)");
}

TEST(Snapshot, OfADatabaseThatCannotBeReachedIsAnErrorWithoutThePassword) {
  const arena::Address nowhere =
      arena::Address::parse("postgresql://app:s3cret@localhost:1/shop?connect_timeout=1");

  try {
    snapshot(nowhere);
    FAIL() << "it was reached";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "connect-failed");
    EXPECT_THAT(error.what(), Not(HasSubstr("s3cret")));
  }
}

}  // namespace
}  // namespace gauntlet::observe
