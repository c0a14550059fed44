#include "harness/verify/seen_alone.h"

#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using oracle::TestHistory;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr core::SessionId session{};

const std::vector<truth::File> files = {
    {.name = "1_a.up.sql", .version = 1, .sql = "CREATE TABLE a(i int);"},
    {.name = "2_b.up.sql", .version = 2, .sql = "UPDATE a SET i = 2;"}};

TestHistory& runs(TestHistory& history, const truth::File& file, bool in_transaction = false) {
  return history.sends(session, file.sql)
      .is_told({.statements = {{.tag = "CREATE TABLE"}}, .in_transaction = in_transaction});
}

TestHistory& records(TestHistory& history, int version, bool in_transaction = false) {
  return history
      .sends(session, "INSERT INTO public.history VALUES (" + std::to_string(version) + ")")
      .is_told({.statements = {{.tag = "INSERT 0 1"}}, .in_transaction = in_transaction});
}

std::vector<core::Finding> flaws(TestHistory& history) {
  return flaws_of_records(history.history(), files, {"public.history"});
}

TEST(SeenAlone, ARecordThatIsCommittedBeforeItsFileIsAFlaw) {
  TestHistory history(1);
  runs(records(runs(records(history, 1), files[0]), 2), files[1]);

  ASSERT_THAT(flaws(history), SizeIs(1));
  EXPECT_EQ(flaws(history)[0].id, "recorded-before-applied");
  EXPECT_THAT(flaws(history)[0].message, HasSubstr("INSERT INTO public.history VALUES (1)"));
}

TEST(SeenAlone, ARecordAfterItsFileIsNone) {
  TestHistory history(1);
  records(runs(records(runs(history, files[0]), 1), files[1]), 2);

  EXPECT_THAT(flaws(history), IsEmpty());
}

// golang-migrate and Prisma mark a file first, and write that it is done afterwards.
TEST(SeenAlone, AMarkBeforeTheFileAndARecordAfterItAreNone) {
  TestHistory history(1);
  records(runs(records(history, 1), files[0]), 1);
  records(runs(records(history, 2), files[1]), 2);

  EXPECT_THAT(flaws(history), IsEmpty());
}

TEST(SeenAlone, ARecordInTheTransactionOfItsFileIsNone) {
  TestHistory history(1);
  runs(records(history, 1, true), files[0], true).does(session, "COMMIT", "COMMIT");
  runs(records(history, 2, true), files[1], true).does(session, "COMMIT", "COMMIT");

  EXPECT_THAT(flaws(history), IsEmpty());
}

TEST(SeenAlone, ALockOfTheServerIsAnAdvisoryOneOrATablesOrRows) {
  const auto locks = [](const char* sql) {
    TestHistory history(1);
    history.sends(session, sql).is_told({.statements = {{.tag = "SELECT 1"}}});
    return locks_at_the_server(history.history());
  };
  EXPECT_TRUE(locks("SELECT pg_try_advisory_lock(1)"));
  EXPECT_TRUE(locks("LOCK TABLE history IN EXCLUSIVE MODE"));
  EXPECT_TRUE(locks("SELECT * FROM mlock WHERE id = 1 FOR UPDATE"));
  EXPECT_FALSE(locks("SELECT pg_advisory_unlock(1)"));
  EXPECT_FALSE(locks("CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()"));
}

TEST(SeenAlone, AnUnlockBeforeTheCommitIsAFlawOfTheLock) {
  TestHistory history(1);
  records(history.asks(session, "SELECT pg_advisory_lock(1)", ""), 1, true);
  history.sends(session, "SELECT pg_advisory_unlock(1)")
      .is_told(
          {.statements = {{.tag = "SELECT 1", .rows = 1, .value = "t"}}, .in_transaction = true});
  history.does(session, "COMMIT", "COMMIT").exits(0, 0);

  ASSERT_THAT(flaws_of_lock(history.history()), SizeIs(1));
  EXPECT_EQ(flaws_of_lock(history.history())[0].id, "unlocked-before-commit");
}

}  // namespace
}  // namespace gauntlet::verify
