#include "harness/observe/lock_rows.h"

#include "harness/observe/test_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(LockRows, AreFoundByTheirFlag) {
  const TestDatabase database;
  database.run(
      "create table knex_migrations_lock(index serial primary key, is_locked int);"
      "insert into knex_migrations_lock(is_locked) values (1)");
  const auto held = held_lock_rows(database.address());
  ASSERT_THAT(held, SizeIs(1));
  EXPECT_EQ(held[0].table, "public.knex_migrations_lock");
  EXPECT_THAT(held[0].row, HasSubstr("\"is_locked\":1"));
  EXPECT_THAT(held[0].removal, HasSubstr("knex migrate:unlock"));
  EXPECT_THAT(held[0].removal,
              HasSubstr("UPDATE public.knex_migrations_lock SET is_locked = 0 WHERE is_locked"));
}

TEST(LockRows, AreFoundByTheirHolderAndTellSinceWhen) {
  const TestDatabase database;
  database.run(
      "create table deploy_lock(id int, locked_by text, locked_at timestamp);"
      "insert into deploy_lock values (1, 'pod-7', '2026-02-03 04:05:06')");
  const auto held = held_lock_rows(database.address());
  ASSERT_THAT(held, SizeIs(1));
  EXPECT_EQ(held[0].since, "2026-02-03 04:05:06");
  EXPECT_THAT(held[0].removal, HasSubstr("DELETE FROM public.deploy_lock"));
}

TEST(LockRows, ThatWereGivenBackAreNone) {
  const TestDatabase database;
  database.run(
      "create table a_lock(id int, locked boolean, lockedby text); insert into a_lock values (1, "
      "false, null); create table b_lock(owner text); insert into b_lock values (null);"
      "create table c_lock(id int); create table clocks(id int); insert into clocks values (1)");
  EXPECT_THAT(held_lock_rows(database.address()), IsEmpty());
}

}  // namespace
}  // namespace gauntlet::observe
