#include "harness/reference/server_fixture_test.h"
#include "runner/connect.h"
#include "runner/inspect.h"
#include "runner/read_only.h"

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Inspect : public OnServer {
 protected:
  Inspection inspect() const { return runner::inspect(*connect(), listing(), {}); }
};

TEST_F(Inspect, AMissingTrackerIsEverythingPending) {
  write("3_a.up.sql", "SELECT 1");
  const Inspection seen = inspect();
  EXPECT_EQ(seen.line(), "migrations needed: pending [3]");
  EXPECT_EQ(check(seen).exit_code, 1);
  EXPECT_EQ(seen.known_max, Version{3});
  EXPECT_FALSE(seen.tracker_exists);
}

TEST_F(Inspect, AnAppliedSetThatEqualsTheFilesIsCompatible) {
  write("1_a.up.sql", "SELECT 1");
  up();
  EXPECT_EQ(inspect().line(), "compatible: 1 applied");
  EXPECT_EQ(check(inspect()).exit_code, 0);
}

TEST_F(Inspect, IncompatibleWinsOverMigrationsNeeded) {
  for (const char* name : {"1_a.up.sql", "2_b.up.sql", "3_c.up.sql"}) write(name, "SELECT 1");
  up();
  std::filesystem::remove(folder_ / "1_a.up.sql");
  std::filesystem::rename(folder_ / "2_b.up.sql", folder_ / "2_x.up.sql");
  write("3_c.up.sql", "SELECT 2");
  write("4_d.up.sql", "SELECT 1");
  const Inspection seen = inspect();
  EXPECT_EQ(seen.line(), "incompatible: unknown [1], renamed [2], edited [3], pending [4]");
  EXPECT_EQ(check(seen).exit_code, 2);
}

TEST_F(Inspect, AMarkIsToldAndCannotBeJudged) {
  write("1_a.up.sql", "-- gauntlet: no-transaction\nCREATE TABLE t(x int); SELECT 1/0");
  failing_up();
  const Inspection seen = inspect();
  EXPECT_EQ(seen.line(), "could not tell: in-progress [1 at statement 2 of 2]");
  EXPECT_EQ(check(seen).exit_code, 3);
}

TEST_F(Inspect, ACleanPredecessorCountsAsApplied) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "SELECT 1");
  run("CREATE TABLE schema_migrations(version bigint, dirty boolean);"
      "INSERT INTO schema_migrations VALUES (1, false)");
  const Inspection seen = inspect();
  EXPECT_EQ(seen.line(), "migrations needed: pending [2]");
  EXPECT_EQ(seen.legacy, "public.schema_migrations is clean at 1");
}

TEST_F(Inspect, ADirtyPredecessorIsIncompatible) {
  write("1_a.up.sql", "SELECT 1");
  run("CREATE TABLE schema_migrations(version bigint, dirty boolean);"
      "INSERT INTO schema_migrations VALUES (1, true)");
  EXPECT_EQ(inspect().line(), "incompatible: public.schema_migrations is dirty at 1, pending [1]");
}

TEST_F(Inspect, ChangesNothingAndWaitsForNobody) {
  write("1_a.up.sql", "SELECT 1");
  up();
  const auto writer = connect();
  writer->send("BEGIN; SELECT pg_advisory_lock(" + value("SELECT 1") +
               "); INSERT INTO applied_migrations VALUES (2, 'b')");
  run("ALTER DATABASE postgres SET default_transaction_read_only = on");
  EXPECT_EQ(inspect().line(), "compatible: 1 applied");
}

// Nothing is written while no transaction of the whole server is given a number.
TEST_F(Inspect, WritesNothingInAnyState) {
  write("1_a.up.sql", "SELECT 1");
  const auto looks_without_writing = [this](const std::string& line) {
    const std::string next = value("SELECT pg_snapshot_xmax(pg_current_snapshot())");
    EXPECT_EQ(check(conninfo(), listing()).line, line);
    EXPECT_EQ(value("SELECT pg_snapshot_xmax(pg_current_snapshot())"), next);
  };
  looks_without_writing("migrations needed: pending [1]");
  EXPECT_EQ(value("SELECT to_regclass('applied_migrations')"), "null");
  run("CREATE TABLE schema_migrations(version bigint, dirty boolean);"
      "INSERT INTO schema_migrations VALUES (1, false)");
  looks_without_writing("compatible: 1 applied");
  up();
  write("2_b.up.sql", "-- gauntlet: no-transaction\nSELECT 1; SELECT 1/0");
  failing_up();
  looks_without_writing("could not tell: in-progress [2 at statement 2 of 2]");
}

TEST_F(Inspect, NeedsNoMoreThanToReadTheTracker) {
  write("1_a.up.sql", "SELECT 1");
  up();
  run("CREATE ROLE reader LOGIN; GRANT SELECT ON applied_migrations, "
      "applied_migrations_in_progress TO reader;"
      "ALTER ROLE reader SET default_transaction_read_only = on");
  const std::string as_reader = conninfo() + " user=reader";
  EXPECT_EQ(check(as_reader, listing()).line, "compatible: 1 applied");
  run("REVOKE SELECT ON applied_migrations FROM reader");
  const Check refused = check(as_reader, listing());
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.error, HasSubstr("error[cannot-read-tracker]"));
}

TEST_F(Inspect, ChecksWithASessionOfACallersPool) {
  write("1_a.up.sql", "SELECT 1");
  EXPECT_EQ(check(*sessions_of(conninfo()), listing()).exit_code, 1);
}

TEST_F(Inspect, AnswersThatItCouldNotTellWhateverHinderedIt) {
  write("1_a.up.sql", "SELECT 1");
  const Check unreachable = check("postgresql://me:hush@127.0.0.1:1/x", listing());
  EXPECT_EQ(unreachable.exit_code, 3);
  EXPECT_THAT(unreachable.line,
              AllOf(HasSubstr("could not tell: could not connect: "), Not(HasSubstr("\n"))));
  EXPECT_THAT(unreachable.error, AllOf(HasSubstr("error[connect-failed]"), Not(HasSubstr("hush"))));
  write("001_b.up.sql", "SELECT 1");
  const Check unreadable = check(conninfo(), listing());
  EXPECT_EQ(unreadable.state, Check::State::could_not_tell);
  EXPECT_THAT(unreadable.error, HasSubstr("error[duplicate-version]"));
}

TEST_F(Inspect, PreviewTellsOrderDeliveryAndProblems) {
  write("1_a.up.sql", "SELECT 1");
  write("2_b.up.sql", "-- gauntlet: no-transaction\nSELECT 1");
  write("3_c.up.sql", "COMMIT");
  const Listing files = listing();
  const Preview seen = preview(*connect(), files, {});
  std::vector<Delivery> deliveries;
  for (const auto& step : seen.pending) deliveries.push_back(step.delivery);
  EXPECT_THAT(deliveries, ElementsAre(Delivery::in_transaction, Delivery::by_statement,
                                      Delivery::in_transaction));
  ASSERT_EQ(seen.problems.size(), 1U);
  EXPECT_EQ(seen.problems.front().code(), "transaction-control");
}

}  // namespace
}  // namespace gauntlet::runner
