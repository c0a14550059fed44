#include "harness/observe/observe.h"
#include "harness/observe/test_database.h"

#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

TEST(Journal, IsReadInTheOrderInWhichItsRowsWereWritten) {
  const TestDatabase database;
  EXPECT_EQ(journal(database.address()), std::nullopt);
  database.run("create table journal(version bigint not null); insert into journal values (2)");
  database.run("begin; insert into journal values (7); rollback");
  database.run("insert into journal values (10); insert into journal values (1), (1)");

  EXPECT_EQ(journal(database.address()), (std::vector<std::int64_t>{2, 10, 1, 1}));
}

TEST(Journal, IsNoneWhereAUsersTableIsCalledSo) {
  for (const char* table :
       {"create table journal(entry text)",
        "create table journal(version text); insert into journal values ('a')"}) {
    const TestDatabase database;
    database.run(table);
    EXPECT_EQ(journal(database.address()), std::nullopt) << table;
  }
}

}  // namespace
}  // namespace gauntlet::observe
