// Clients whose transactions run in another server session each, as behind a pooler.
#include "harness/proxy/fixture_test.h"

#include <array>
#include <memory>
#include <string>

namespace gauntlet::proxy {
namespace {

using testing::HasSubstr;

class Pooled : public testing::Test {
 protected:
  static Upstream without_password() { return {server().local().host(), server().local().port()}; }

  OpenProxy open_;
  Running running_{open_.gate, {.pooling = Options::Pooling::transaction}, 1, without_password()};
};

constexpr const char* pid = "SELECT pg_backend_pid()";

TEST_F(Pooled, RunsEachTransactionInAnotherServerSession) {
  const Client client(running_.address());
  ASSERT_TRUE(client.connected()) << client.error();
  const std::string first = client.ask(pid), second = client.ask(pid);
  EXPECT_NE(first, second);
  EXPECT_EQ(client.ask("BEGIN"), "BEGIN");
  const std::string inside = client.ask(pid);
  EXPECT_EQ(client.ask(pid), inside);
  EXPECT_EQ(client.ask("COMMIT"), "COMMIT");
  EXPECT_NE(client.ask(pid), inside);
}

TEST_F(Pooled, RunsAFailedTransactionToItsEndInOneServerSession) {
  const Client client(running_.address());
  EXPECT_EQ(client.ask("BEGIN"), "BEGIN");
  const std::string inside = client.ask(pid);
  EXPECT_EQ(client.ask("SELECT 1/0"), "22012");
  EXPECT_EQ(client.ask("SELECT 1"), "25P02");
  EXPECT_EQ(client.ask("ROLLBACK"), "ROLLBACK");
  EXPECT_NE(client.ask(pid), inside);
}

TEST_F(Pooled, LeavesALockOfASessionBehindAndOneOfATransactionNot) {
  const Client client(running_.address());
  client.ask("SELECT pg_advisory_lock(4711)");
  EXPECT_EQ(client.ask("SELECT pg_advisory_unlock(4711)"), "f");
  client.ask("SELECT pg_advisory_xact_lock(4712)");
  const std::string held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = ";
  EXPECT_EQ(direct(held + "4711"), "1");
  EXPECT_EQ(direct(held + "4712"), "0");
}

TEST_F(Pooled, ForgetsWhatWasPreparedInAnotherTransaction) {
  const Client client(running_.address());
  EXPECT_EQ(client.ask("PREPARE one AS SELECT 1"), "PREPARE");
  EXPECT_EQ(client.ask("EXECUTE one"), "26000");
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
      PQexecParams(client.raw(), "SELECT $1::int + 1", 1, nullptr,
                   std::array<const char*, 1>{"41"}.data(), nullptr, nullptr, 0),
      PQclear);
  EXPECT_STREQ(PQgetvalue(result.get(), 0, 0), "42");
}

TEST_F(Pooled, CancelsWhatRunsNow) {
  const Client client(running_.address());
  client.ask("SELECT 1");
  ASSERT_EQ(PQsendQuery(client.raw(), "SELECT pg_sleep(600)"), 1);
  EXPECT_TRUE(eventually([] {
    return direct("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'") ==
           "1";
  }));
  const std::unique_ptr<PGcancel, void (*)(PGcancel*)> cancel(PQgetCancel(client.raw()),
                                                              PQfreeCancel);
  std::array<char, 256> why{};
  ASSERT_EQ(PQcancel(cancel.get(), why.data(), why.size()), 1) << why.data();
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(client.raw()), PQclear);
  EXPECT_STREQ(PQresultErrorField(result.get(), PG_DIAG_SQLSTATE), "57014");
}

TEST_F(Pooled, LendsNoServerSessionThatHasEnded) {
  const Client client(running_.address());
  for (int turn = 0; turn < 3; ++turn) client.ask("SELECT 1");
  direct(
      "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
      "AND backend_type = 'client backend'");
  EXPECT_EQ(client.ask("SELECT 'alive'"), "alive");
}

TEST_F(Pooled, LendsWhatOneClientLeftToTheNext) {
  std::string left;
  {
    const Client first(running_.address());
    first.ask("SET application_name = 'left behind'");
    left = first.ask("SELECT 1");
  }
  const Client second(running_.address());
  std::string names;
  for (int turn = 0; turn < 4; ++turn) names += second.ask("SHOW application_name") + ";";
  EXPECT_THAT(names, HasSubstr("left behind"));
}

TEST(Unpooled, KeepsOneServerSessionForEachClient) {
  OpenProxy open;
  const Running running(open.gate);
  const Client client(running.address());
  EXPECT_EQ(client.ask(pid), client.ask(pid));
  client.ask("SELECT pg_advisory_lock(4713)");
  EXPECT_EQ(client.ask("SELECT pg_advisory_unlock(4713)"), "t");
}

TEST(Pooling, WithAServerThatWantsAPasswordIsRefusedInWords) {
  OpenProxy open;
  const Running running(open.gate, {.pooling = Options::Pooling::transaction});
  const Client client(running.address());
  EXPECT_TRUE(client.connected()) << client.error();  // it gave its password itself
  EXPECT_EQ(client.ask("SELECT 1"), "lost");
  EXPECT_THAT(client.error(), HasSubstr("without a password"));
}

}  // namespace
}  // namespace gauntlet::proxy
