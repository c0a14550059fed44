// What the gate rules is what happens on the wire, and one session's ruling is no other's.
#include "harness/proxy/fixture_test.h"
#include "harness/sql/lock_edits.h"

#include <atomic>
#include <thread>

namespace gauntlet::proxy {
namespace {

using core::Reply;
using core::Ruling;
using core::Step;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using What = Ruling::What;

TEST(Held, KeepsNoOtherSessionWaiting) {
  Holding gate("held");
  const Running running(gate);
  const Client held(running.address()), free(running.address());
  ASSERT_EQ(PQsendQuery(held.raw(), "SELECT 'held'"), 1);
  ASSERT_TRUE(eventually([&] { return gate.count() == 1; }));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(free.ask("SELECT 1"), "1");
  EXPECT_TRUE(Client(running.address()).connected());
  EXPECT_EQ(running.history().steps.front().reply, std::nullopt);
  gate.rule();
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(held.raw()), PQclear);
  EXPECT_STREQ(PQgetvalue(result.get(), 0, 0), "held");
}

TEST(Held, GoesOnWhenPatienceIsOver) {
  Holding gate("held");
  const Running running(gate, {.patience = milliseconds(50)});
  EXPECT_EQ(Client(running.address()).ask("SELECT 'held'"), "held");
  EXPECT_THAT(running.notes(), Contains(HasSubstr("was held for 50 ms")));
  gate.rule({.what = What::refuse});  // too late: nobody is harmed
  EXPECT_EQ(Client(running.address()).ask("SELECT 1"), "1");
}

TEST(Held, DoesNotCrossWhenItsClientDies) {
  Holding gate("CREATE TABLE orphaned");
  const Running running(gate);
  {
    const Client client(running.address());
    ASSERT_EQ(PQsendQuery(client.raw(), "CREATE TABLE orphaned()"), 1);
    ASSERT_TRUE(eventually([&] { return gate.count() == 1; }));
    // A connection that ends without Terminate, as one of a killed process does.
    ASSERT_EQ(shutdown(PQsocket(client.raw()), SHUT_RDWR), 0);
    ASSERT_TRUE(eventually([&] { return running.proxy().sessions() == 0; }));
  }
  gate.rule();
  EXPECT_EQ(direct("SELECT to_regclass('orphaned') IS NULL"), "t");
  EXPECT_EQ(running.history().steps.at(0).reply, std::nullopt);
}

TEST(Gates, ThatBlockHoldOnThreadsOfTheirOwn) {
  gate::OpenGate open;
  gate::Barrier barrier(open, 3);
  gate::OnThreads gate(barrier);
  const Running running(gate, {}, 3);
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (std::size_t replica = 0; replica < 3; ++replica)
    threads.emplace_back([&, replica] {
      if (Client(running.address(replica)).ask("SELECT 5") == "5") ++answered;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(answered, 3);
  EXPECT_EQ(barrier.gathered(), 3U);
}

/// A proxy whose gate rules this about every step that has `word`.
class Ruling1 {
 public:
  Ruling1(std::string word, Ruling ruling, Options options = {})
      : gate_([word = std::move(word), ruling = std::move(ruling)](const Step& step) {
          return step.sql.find(word) == std::string::npos ? Ruling{} : ruling;
        }),
        running_(at_once_, std::move(options)) {}

  const Running& operator*() const { return running_; }
  const Running* operator->() const { return &running_; }

 private:
  Ruled gate_;
  gate::AtOnce at_once_{gate_};
  Running running_;
};

TEST(Refused, IsAnErrorToTheClientAndNothingToTheServer) {
  const Ruling1 proxy("CREATE TABLE refused",
                      {.what = What::refuse, .text = "out of shared memory", .sqlstate = "53200"});
  const Client client(proxy->address());
  EXPECT_EQ(client.ask("CREATE TABLE refused()"), "53200");
  EXPECT_THAT(client.error(), HasSubstr("out of shared memory"));
  EXPECT_EQ(client.ask("SELECT 1"), "1");
  EXPECT_EQ(direct("SELECT to_regclass('refused') IS NULL"), "t");
  const auto reply = proxy->history().steps.at(0).reply;
  EXPECT_EQ(reply->ending, Reply::Ending::refused);
  EXPECT_EQ(reply->sqlstate, "53200");
}

TEST(Refused, InABatchWithoutASyncTakesWhatFollowsWithIt) {
  const Ruling1 proxy("refused", {.what = What::refuse, .text = "no", .sqlstate = "53200"});
  const Client client(proxy->address());
  const auto send = [&](const char* sql) {
    return PQsendQueryParams(client.raw(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0);
  };
  ASSERT_EQ(PQenterPipelineMode(client.raw()), 1);
  ASSERT_EQ(send("SELECT 'refused'"), 1);
  ASSERT_EQ(PQsendFlushRequest(client.raw()), 1);
  ASSERT_EQ(PQflush(client.raw()), 0);
  ASSERT_EQ(send("SELECT 2"), 1);
  ASSERT_EQ(PQpipelineSync(client.raw()), 1);
  ASSERT_EQ(send("SELECT 3"), 1);
  ASSERT_EQ(PQpipelineSync(client.raw()), 1);
  std::vector<ExecStatusType> statuses;
  while (statuses.size() < 5) {
    PGresult* result = PQgetResult(client.raw());
    if (result != nullptr) statuses.push_back(PQresultStatus(result));
    PQclear(result);
  }
  EXPECT_THAT(statuses, ElementsAre(PGRES_FATAL_ERROR, PGRES_PIPELINE_ABORTED, PGRES_PIPELINE_SYNC,
                                    PGRES_TUPLES_OK, PGRES_PIPELINE_SYNC));
}

/// The statuses of a pipelined transaction that fails at its last statement but one, up to its
/// Sync.
std::vector<std::string> run_pipelined(const Client& client, const std::string& table) {
  EXPECT_EQ(PQenterPipelineMode(client.raw()), 1);
  const auto send = [&](const std::string& sql) {
    EXPECT_EQ(
        PQsendQueryParams(client.raw(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
  };
  for (const std::string& sql : {std::string("BEGIN"), "INSERT INTO " + table + " VALUES (1)",
                                 "INSERT INTO " + table + " VALUES (1 / 0)", std::string("COMMIT")})
    send(sql);
  EXPECT_EQ(PQpipelineSync(client.raw()), 1);
  std::vector<std::string> statuses;
  while (statuses.size() < 5) {
    PGresult* result = PQgetResult(client.raw());
    if (result != nullptr) statuses.emplace_back(PQresStatus(PQresultStatus(result)));
    PQclear(result);
  }
  EXPECT_EQ(PQexitPipelineMode(client.raw()), 1) << client.error();
  return statuses;
}

TEST(Separated, RunsEachStatementOfABatchByItselfAndStopsAtTheFirstThatFails) {
  const Ruling1 separated("BEGIN", {.what = What::rewrite, .separately = true});
  const Ruling1 whole("nothing", {});
  direct("CREATE TABLE separated(n int)");
  direct("CREATE TABLE whole(n int)");
  const Client client(separated->address()), twin(whole->address());
  const auto expected = ElementsAre("PGRES_COMMAND_OK", "PGRES_COMMAND_OK", "PGRES_FATAL_ERROR",
                                    "PGRES_PIPELINE_ABORTED", "PGRES_PIPELINE_SYNC");
  EXPECT_THAT(run_pipelined(client, "separated"), expected);
  EXPECT_THAT(run_pipelined(twin, "whole"), expected);
  EXPECT_EQ(direct("SELECT count(*) FROM separated"), "1");
  EXPECT_EQ(direct("SELECT count(*) FROM whole"), "0");
  EXPECT_EQ(client.ask("SELECT 1"), "1");
  const auto reply = separated->history().steps.at(0).reply;
  EXPECT_EQ(reply->sqlstate, "22012");
  EXPECT_EQ(reply->statements.size(), 2U);
}

TEST(Answered, IsSuccessToTheClientAndNothingToTheServer) {
  const Ruling1 proxy("CREATE TABLE answered", {.what = What::answer, .text = "CREATE TABLE"});
  const Client client(proxy->address());
  EXPECT_EQ(client.ask("CREATE TABLE answered()"), "CREATE TABLE");
  EXPECT_EQ(direct("SELECT to_regclass('answered') IS NULL"), "t");
  EXPECT_EQ(client.ask("SELECT 1"), "1");
}

TEST(Rewritten, IsSentInItsPlaceAndTheClientDoesNotNotice) {
  Ruled gate([](const Step& step) -> Ruling {
    const auto other = sql::with_shared_advisory_locks(step.sql);
    return other ? Ruling{.what = What::rewrite, .text = other->sql} : Ruling{};
  });
  gate::AtOnce at_once(gate);
  const Running running(at_once);
  const Client one(running.address()), two(running.address());
  ASSERT_EQ(one.ask("SELECT pg_advisory_lock(4711)"), "");
  // An exclusive lock would be refused to the second one.
  EXPECT_EQ(two.ask("SELECT pg_try_advisory_lock(4711)"), "t");
  const char* key = "4711";
  const std::unique_ptr<PGresult, void (*)(PGresult*)> unlocked(
      PQexecParams(two.raw(), "SELECT pg_advisory_unlock($1)", 1, nullptr, &key, nullptr, nullptr,
                   0),
      PQclear);
  EXPECT_STREQ(PQfname(unlocked.get(), 0), "pg_advisory_unlock");
  EXPECT_STREQ(PQgetvalue(unlocked.get(), 0, 0), "t");
  const std::unique_ptr<PGresult, void (*)(PGresult*)> failed(
      PQexec(one.raw(), "SELECT pg_advisory_lock(1), nothing"), PQclear);
  EXPECT_STREQ(PQresultErrorField(failed.get(), PG_DIAG_STATEMENT_POSITION), "29");
}

TEST(Rewritten, WherePreparedGoesForEveryLaterUse) {
  const Ruling1 proxy("SELECT 1", {.what = What::rewrite, .text = "SELECT 2"});
  const Client client(proxy->address());
  PQclear(PQprepare(client.raw(), "one", "SELECT 1", 0, nullptr));
  for (int i = 0; i < 2; ++i) {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexecPrepared(client.raw(), "one", 0, nullptr, nullptr, nullptr, 0), PQclear);
    EXPECT_STREQ(PQgetvalue(result.get(), 0, 0), "2");
  }
  EXPECT_THAT(proxy->notes(), testing::IsEmpty());
}

TEST(Lost, BeforeOrAfterACommitDecidesWhetherItHappened) {
  direct("DROP TABLE IF EXISTS outcomes");
  direct("CREATE TABLE outcomes(what text)");
  for (const What what : {What::lose_before, What::lose_after}) {
    const Ruling1 proxy("COMMIT", {.what = what});
    const Client client(proxy->address());
    const std::string told(core::to_string(what));
    ASSERT_EQ(client.ask("BEGIN"), "BEGIN");
    ASSERT_EQ(client.ask("INSERT INTO outcomes VALUES ('" + told + "')"), "INSERT 0 1");
    EXPECT_EQ(client.ask("COMMIT"), "lost");
    ASSERT_TRUE(eventually([&] { return proxy->proxy().sessions() == 0; }));
    const auto reply = proxy->history().steps.at(2).reply;
    if (what == What::lose_after) {
      EXPECT_EQ(reply->ending, Reply::Ending::lost);
    } else {
      EXPECT_EQ(reply, std::nullopt);
    }
  }
  EXPECT_EQ(direct("SELECT string_agg(what, ',') FROM outcomes"), "lose-after");
}

TEST(Dying, EndsTheReplicaWithAllItsSessions) {
  for (const What what : {What::die_before, What::die_after}) {
    std::atomic<std::size_t> killed{99};
    const Ruling1 proxy("SELECT 'die'", {.what = what},
                        {.kill = [&](std::size_t replica) { killed = replica; }});
    const Client one(proxy->address()), two(proxy->address());
    ASSERT_EQ(two.ask("SELECT 1"), "1");
    EXPECT_EQ(one.ask("SELECT 'die'"), what == What::die_after ? "die" : "lost");
    EXPECT_TRUE(eventually([&] { return proxy->proxy().sessions() == 0; }));
    EXPECT_EQ(two.ask("SELECT 1"), "lost");
    EXPECT_EQ(killed, 0U);
  }
}

}  // namespace
}  // namespace gauntlet::proxy
