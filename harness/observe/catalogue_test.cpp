#include "harness/observe/observe.h"
#include "harness/observe/test_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// One of each kind of object.
constexpr const char* shop = R"(
create schema shop;
comment on schema shop is 'what is sold';
create type shop.state as enum ('new', 'paid');
alter type shop.state add value 'sent' after 'new';
create domain shop.price as numeric(10, 2) not null default 0 check (value >= 0);
create type shop.place as (street text, number int);
create type shop.span as range (subtype = int);
create table shop.orders (
  id bigint generated always as identity primary key,
  "Note" text collate "C" default 'none',
  state shop.state not null default 'new',
  net shop.price, gross numeric generated always as (1) stored);
alter table shop.orders add constraint "note is short" check (length("Note") < 100) not valid;
alter table shop.orders alter column "Note" set storage external;
alter table shop.orders alter column "Note" set statistics 50;
alter table shop.orders set (fillfactor = 80);
alter table shop.orders enable row level security;
create policy mine on shop.orders for select to public using (id > 0);
create index orders_state on shop.orders (state) where state <> 'paid';
create statistics shop.together on id, state from shop.orders;
create sequence shop.tickets start 5 increment 2 owned by shop.orders.id;
create view shop.paid as select id from shop.orders where state = 'paid';
create materialized view shop.counts as select count(*) from shop.orders;
create function shop.touch() returns trigger language plpgsql as 'begin return new; end';
create procedure shop.tidy(days int) language sql as 'select 1';
create aggregate shop.total(int) (sfunc = int4pl, stype = int, initcond = '0');
create trigger touched before update on shop.orders for each row execute function shop.touch();
alter table shop.orders disable trigger touched;
create function shop.noted() returns event_trigger language plpgsql as 'begin end';
create event trigger noted on ddl_command_end execute function shop.noted();
drop event trigger noted;
create rule nothing as on delete to shop.orders do instead nothing;
create table shop.events (at date, what text) partition by range (at);
create table shop.events_2024 partition of shop.events
  for values from ('2024-01-01') to ('2025-01-01');
create table shop.parent (a int);
create table shop.child (b int) inherits (shop.parent);
create publication news for table shop.orders;
create text search configuration shop.plain (copy = simple);
create collation shop.bytes (provider = libc, locale = 'C');
create operator shop.=== (leftarg = int, rightarg = int, function = int4eq);
create cast (shop.place as text) with inout;
create foreign data wrapper nowhere;
create server far foreign data wrapper nowhere options (host 'x');
create foreign table shop.remote (a int) server far;
grant select on shop.orders to public;
grant select ("Note") on shop.orders to public;
grant usage on schema shop to public;
alter default privileges in schema shop grant select on tables to public;
comment on column shop.orders."Note" is 'free text';
)";

core::Catalogue catalogue_of(const arena::Address& address) {
  const core::Snapshot taken = snapshot(address, {.data = false, .sequences = false});
  EXPECT_EQ(taken.missing, "");
  return taken.catalogue.value_or(core::Catalogue{});
}

TEST(CatalogueOfADatabase, NamesAnObjectOfEveryKind) {
  const TestDatabase database;
  database.run(shop);

  const core::Catalogue catalogue = catalogue_of(database.address());

  for (const char* name : {"schema shop",
                           "comment on schema shop",
                           "type shop.state",
                           "domain shop.price",
                           "type shop.place",
                           "column shop.place.street",
                           "type shop.span",
                           "table shop.orders",
                           "column shop.orders.\"Note\"",
                           "constraint shop.orders.\"note is short\"",
                           "index shop.orders_pkey",
                           "index shop.orders_state",
                           "policy shop.orders.mine",
                           "statistics shop.together",
                           "sequence shop.tickets",
                           "sequence shop.orders_id_seq",
                           "view shop.paid",
                           "materialized view shop.counts",
                           "function shop.touch()",
                           "procedure shop.tidy(IN days integer)",
                           "aggregate shop.total(integer)",
                           "trigger shop.orders.touched",
                           "rule shop.orders.nothing",
                           "table shop.events",
                           "table shop.events_2024",
                           "publication news",
                           "text search configuration shop.plain",
                           "collation shop.bytes",
                           "operator shop.===(integer, integer)",
                           "cast (shop.place as text)",
                           "foreign data wrapper nowhere",
                           "server far",
                           "foreign table shop.remote",
                           "grants on table shop.orders",
                           "grants on column shop.orders.\"Note\"",
                           "grants on schema shop",
                           "grants on future tables of postgres in schema shop",
                           "comment on table column shop.orders.\"Note\"",
                           "extension plpgsql"}) {
    EXPECT_TRUE(catalogue.contains(name)) << name;
  }
}

TEST(CatalogueOfADatabase, DescribesWhatMatters) {
  const TestDatabase database;
  database.run(shop);

  const core::Catalogue catalogue = catalogue_of(database.address());

  EXPECT_THAT(catalogue.at("type shop.state"), HasSubstr("enum 'new', 'sent', 'paid'"));
  EXPECT_THAT(catalogue.at("table shop.orders"),
              AllOf(HasSubstr("options fillfactor=80"), HasSubstr("row security"),
                    HasSubstr("owner postgres")));
  EXPECT_EQ(catalogue.at("column shop.orders.\"Note\""),
            "2: text collate \"C\" default 'none'::text storage e statistics 50");
  EXPECT_EQ(catalogue.at("column shop.orders.id"),
            "1: bigint not null generated always as identity");
  EXPECT_EQ(catalogue.at("constraint shop.orders.\"note is short\""),
            "CHECK ((length(\"Note\") < 100)) NOT VALID (not validated)");
  EXPECT_THAT(catalogue.at("trigger shop.orders.touched"), HasSubstr("\ndisabled"));
  EXPECT_THAT(catalogue.at("sequence shop.tickets"),
              AllOf(HasSubstr("start 5 increment 2"), HasSubstr("owned by shop.orders.id")));
  EXPECT_THAT(catalogue.at("foreign table shop.remote"), HasSubstr("server far ()"));
  EXPECT_THAT(catalogue.at("table shop.child"), HasSubstr("inherits shop.parent"));
  EXPECT_THAT(catalogue.at("domain shop.price"),
              AllOf(HasSubstr("not null default 0"), HasSubstr("CHECK ((VALUE >= (0)::numeric))")));
}

TEST(CatalogueOfADatabase, IsTheSameForEqualHistoriesWhateverTheOids) {
  const TestDatabase database;
  const arena::Address first = database.with_database("one", shop);
  const arena::Address second =
      database.with_database("two", std::string("create table t (a int); drop table t;") + shop);

  EXPECT_EQ(catalogue_of(first), catalogue_of(second));
}

TEST(CatalogueOfADatabase, SeesEveryChange) {
  const TestDatabase database;
  database.run(shop);
  core::Catalogue before = catalogue_of(database.address());
  for (const char* change : {
           "alter table shop.orders add column x int",
           "alter table shop.orders rename column x to y",
           "alter table shop.orders alter column y set default 3",
           "alter table shop.orders alter column y set not null",
           "alter table shop.orders alter column y type bigint",
           "alter table shop.orders validate constraint \"note is short\"",
           "alter table shop.orders enable trigger touched",
           "alter table shop.orders disable row level security",
           "alter table shop.orders replica identity full",
           "alter table shop.parent set unlogged",
           "alter table shop.orders reset (fillfactor)",
           "alter index shop.orders_state rename to orders_by_state",
           "alter type shop.state rename value 'sent' to 'gone'",
           "alter domain shop.price drop not null",
           "alter sequence shop.tickets cache 7",
           "create or replace view shop.paid as select id from shop.orders where state = 'new'",
           "create or replace procedure shop.tidy(days int) language sql as 'select 2'",
           "create function shop.tidy(days text) returns int language sql as 'select 2'",
           "alter function shop.touch() set work_mem = '8MB'",
           "revoke select on shop.orders from public",
           "grant execute on procedure shop.tidy(int) to postgres",
           "comment on column shop.orders.\"Note\" is null",
           "comment on index shop.orders_by_state is 'by state'",
           "alter policy mine on shop.orders using (id > 1)",
           "alter table shop.events detach partition shop.events_2024",
           "alter table shop.child no inherit shop.parent",
           "alter publication news set (publish = 'insert')",
           "alter server far options (set host 'y')",
           "alter text search configuration shop.plain drop mapping for word",
           "refresh materialized view shop.counts with no data",
           "alter statistics shop.together set statistics 5",
           "create role somebody; alter table shop.orders owner to somebody",
           "alter database postgres set work_mem = '9MB'",
           "create extension pg_trgm schema shop",
       }) {
    SCOPED_TRACE(change);
    database.run(change);
    core::Catalogue after = catalogue_of(database.address());
    EXPECT_NE(before, after);
    before = std::move(after);
  }
}

TEST(CatalogueOfADatabase, TellsAnInvalidIndex) {
  const TestDatabase database;
  database.run("create table t (a int); insert into t values (1), (1)");
  EXPECT_THROW(database.run("create unique index concurrently i on t (a)"), runner::Error);

  EXPECT_THAT(catalogue_of(database.address()).at("index public.i"), HasSubstr("\ninvalid"));
}

TEST(CatalogueOfADatabase, LeavesOutWhatBelongsToAnExtension) {
  const TestDatabase database;
  const core::Catalogue before = catalogue_of(database.address());
  database.run("create extension pg_trgm; create extension hstore; create extension btree_gist");

  core::Catalogue after = catalogue_of(database.address());
  std::erase_if(after, [&](const auto& entry) { return before.contains(entry.first); });

  std::vector<std::string> names;
  for (const auto& [name, definition] : after) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("comment on extension btree_gist", "comment on extension hstore",
                                 "comment on extension pg_trgm", "extension btree_gist",
                                 "extension hstore", "extension pg_trgm"));
}

TEST(CatalogueOfADatabase, LeavesOutTemporaryTables) {
  const TestDatabase database;
  const core::Catalogue before = catalogue_of(database.address());
  arena::Connection session(database.address());
  session.run("create temporary table t (a serial)");

  EXPECT_EQ(catalogue_of(database.address()), before);
}

// The server marks a column with a missing value; the mark is not part of what was asked for.
TEST(CatalogueOfADatabase, LeavesOutTheMarksThatTheServerMakes) {
  const TestDatabase database;
  database.run(
      "create table t (a int); insert into t values (1);"
      "alter table t add column b int default 5; alter table t alter a set (n_distinct = 2)");

  for (const auto& [name, definition] : catalogue_of(database.address())) {
    EXPECT_EQ(definition.find("pg_attver"), std::string::npos) << name;
  }
}

TEST(CatalogueOfADatabase, IsReadWhateverTheDatabasesOwnSettings) {
  const TestDatabase database;
  database.run("create table t (a int default 1, at date default '2024-01-02')");
  const std::string before = catalogue_of(database.address()).at("column public.t.at");
  database.run(
      "alter database postgres set search_path = 'pg_temp';"
      "alter database postgres set datestyle = 'German';"
      "alter database postgres set default_transaction_isolation = 'serializable'");

  EXPECT_EQ(catalogue_of(database.address()).at("column public.t.at"), before);
}

}  // namespace
}  // namespace gauntlet::observe
