// Clients that know nothing of the proxy get from it what they get from the server.
#include "harness/proxy/fixture_test.h"

#include <fstream>

#include <pqxx/pqxx>

namespace gauntlet::proxy {
namespace {

using core::Event;
using core::Reply;
using core::Step;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class PassThrough : public testing::Test {
 protected:
  OpenProxy open_;
  Running running_{open_.gate};
};

// What psql prints and how it ends for a script that does what migrations do.
constexpr const char* script = R"(
\set VERBOSITY verbose
CREATE TABLE parcels(id int PRIMARY KEY, name text);
COPY parcels FROM STDIN;
1	one
2	two
\.
COPY parcels TO STDOUT;
BEGIN; INSERT INTO parcels VALUES (3, 'three'); ROLLBACK;
DO $$ BEGIN RAISE NOTICE 'hello'; END $$;
SELECT 1 AS a \; SELECT 2 AS b;
SELECT name, repeat('x', 5) FROM parcels ORDER BY id \gdesc
PREPARE named AS SELECT count(*) FROM parcels WHERE id > $1; EXECUTE named(0);
LISTEN news; NOTIFY news, 'today';
SELECT $1::int + 1 \bind 41 \g
SELECT nothing FROM parcels;
SELECT 1/0;
\echo :SQLSTATE
DROP TABLE parcels;
)";

TEST_F(PassThrough, PsqlPrintsAndEndsAsWithoutIt) {
  const TestFolder folder;
  const auto file = folder.write("script.sql", script);
  int there = -1, here = -1, failing_there = -1, failing_here = -1;
  const auto direct_output = psql(server().loopback(), {"-f", file}, there);
  const auto output = psql(running_.address(), {"-f", file}, here);
  const auto without_line = [](std::string text) {
    // The process that a notification names is another one each time.
    const auto at = text.find("from server process with PID");
    return at == std::string::npos ? text : text.erase(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(without_line(output), without_line(direct_output));
  EXPECT_EQ(here, there);
  EXPECT_THAT(output, HasSubstr("22012"));
  psql(server().loopback(), {"-v", "ON_ERROR_STOP=1", "-c", "SELECT 1/0"}, failing_there);
  psql(running_.address(), {"-v", "ON_ERROR_STOP=1", "-c", "SELECT 1/0"}, failing_here);
  EXPECT_EQ(failing_here, failing_there);
  EXPECT_EQ(failing_here, 1);
}

TEST_F(PassThrough, RecordsWhatLibpqxxDoes) {
  {
    pqxx::connection connection(running_.address().conninfo());
    connection.prepare("double", "SELECT 2 * $1::int");
    pqxx::work work(connection);
    EXPECT_EQ(work.exec_params1("SELECT $1::text", "a").front().as<std::string>(), "a");
    EXPECT_EQ(work.exec_prepared1("double", 21).front().as<int>(), 42);
    EXPECT_THROW(work.exec("SELECT 1/0"), pqxx::sql_error);
  }
  ASSERT_TRUE(eventually([&] { return running_.proxy().sessions() == 0; }));
  const auto history = running_.history();
  EXPECT_THAT(running_.sql(), ElementsAre("BEGIN", "SELECT $1::text", "SELECT 2 * $1::int",
                                          "SELECT 2 * $1::int", "SELECT 1/0", "ROLLBACK"));
  EXPECT_EQ(history.steps[0].step.kind, Step::Kind::message);
  EXPECT_TRUE(history.steps[0].reply->in_transaction);
  EXPECT_EQ(history.steps[1].step.kind, Step::Kind::query);
  EXPECT_THAT(history.steps[1].step.parameters, ElementsAre("a"));
  EXPECT_EQ(history.steps[1].reply->statements.at(0).value, "a");
  EXPECT_EQ(history.steps[2].step.kind, Step::Kind::prepare);
  EXPECT_EQ(history.steps[3].step.kind, Step::Kind::query);
  EXPECT_EQ(history.steps[3].reply->statements.at(0).value, "42");
  EXPECT_EQ(history.steps[4].reply->ending, Reply::Ending::refused);
  EXPECT_EQ(history.steps[4].reply->sqlstate, "22012");
  EXPECT_TRUE(history.steps[4].reply->in_transaction);
  EXPECT_FALSE(history.steps[5].reply->in_transaction);
}

TEST_F(PassThrough, TellsWhichServerProcessASessionIsAndWhenItEnds) {
  int pid = 0;
  {
    const Client client(running_.address());
    ASSERT_TRUE(client.connected()) << client.error();
    pid = client.pid();
    EXPECT_EQ(client.ask("SELECT pg_backend_pid()"), std::to_string(pid));
  }
  ASSERT_TRUE(eventually([&] { return running_.proxy().sessions() == 0; }));
  std::vector<Event::Kind> kinds;
  for (const auto& event : running_.history().events) kinds.push_back(event.kind);
  EXPECT_THAT(kinds, ElementsAre(Event::Kind::opened, Event::Kind::asked, Event::Kind::let_go,
                                 Event::Kind::answered, Event::Kind::closed));
  EXPECT_EQ(running_.history().events.front().backend_pid, pid);
}

TEST_F(PassThrough, CanBeWaitedForUntilNoSessionIsLeft) {
  EXPECT_TRUE(running_.proxy().wait_until_empty(milliseconds(0)));
  {
    const Client client(running_.address());
    ASSERT_TRUE(client.connected()) << client.error();
    EXPECT_FALSE(running_.proxy().wait_until_empty(milliseconds(20)));
  }
  EXPECT_TRUE(running_.proxy().wait_until_empty(bound));
  EXPECT_EQ(running_.proxy().sessions(), 0U);
}

TEST_F(PassThrough, LetsServerAndClientSettleWhoTheClientIs) {
  const Client wrong(running_.address().with("password", "wrong"));
  EXPECT_FALSE(wrong.connected());
  EXPECT_THAT(wrong.error(), HasSubstr("password authentication failed"));
  EXPECT_TRUE(eventually([&] {
    const auto notes = running_.notes();
    return !notes.empty() && notes.back().find("was not let in: 28P01") != std::string::npos;
  }));
}

TEST_F(PassThrough, RefusesEncryptionAsAServerWithoutItDoes) {
  EXPECT_TRUE(Client(running_.address().with("sslmode", "prefer")).connected());
  EXPECT_THAT(Client(running_.address().with("sslmode", "require")).error(),
              HasSubstr("does not support SSL"));
}

TEST_F(PassThrough, CarriesACancelRequestToTheServer) {
  const Client client(running_.address());
  ASSERT_EQ(PQsendQuery(client.raw(), "SELECT pg_sleep(3600)"), 1);
  ASSERT_TRUE(eventually([&] {
    return direct(
               "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(3600%'"
               " AND state = 'active' AND pid = " +
               std::to_string(client.pid())) == "1";
  }));
  const std::unique_ptr<PGcancel, void (*)(PGcancel*)> cancel(PQgetCancel(client.raw()),
                                                              PQfreeCancel);
  std::array<char, 256> words{};
  ASSERT_EQ(PQcancel(cancel.get(), words.data(), words.size()), 1) << words.data();
  const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(client.raw()), PQclear);
  EXPECT_STREQ(PQresultErrorField(result.get(), PG_DIAG_SQLSTATE), "57014");
  EXPECT_THAT(running_.notes(), Contains(HasSubstr("asks that a statement be cancelled")));
}

TEST_F(PassThrough, SeesEveryStatementOfAPipeline) {
  const Client client(running_.address());
  ASSERT_EQ(PQenterPipelineMode(client.raw()), 1);
  for (const char* sql : {"SELECT 1", "SELECT 1/0", "SELECT 3"})
    ASSERT_EQ(PQsendQueryParams(client.raw(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0), 1);
  ASSERT_EQ(PQpipelineSync(client.raw()), 1);
  ASSERT_EQ(PQsendQueryParams(client.raw(), "SELECT 4", 0, nullptr, nullptr, nullptr, nullptr, 0),
            1);
  ASSERT_EQ(PQpipelineSync(client.raw()), 1);
  std::vector<ExecStatusType> statuses;
  for (int nulls = 0; nulls < 2 && statuses.size() < 9;) {
    PGresult* result = PQgetResult(client.raw());
    if (result == nullptr) {
      ++nulls;
      continue;
    }
    nulls = 0;
    statuses.push_back(PQresultStatus(result));
    PQclear(result);
  }
  EXPECT_THAT(statuses, ElementsAre(PGRES_TUPLES_OK, PGRES_FATAL_ERROR, PGRES_PIPELINE_ABORTED,
                                    PGRES_PIPELINE_SYNC, PGRES_TUPLES_OK, PGRES_PIPELINE_SYNC));
  ASSERT_TRUE(eventually([&] { return running_.history().steps.back().reply.has_value(); }));
  EXPECT_THAT(running_.sql(), ElementsAre("SELECT 1;\nSELECT 1/0;\nSELECT 3", "SELECT 4"));
  const auto first = running_.history().steps.front().reply;
  EXPECT_EQ(first->sqlstate, "22012");
  EXPECT_EQ(first->statements.size(), 1U);
}

TEST(UnixSocket, IsWhereLibpqLooksForIt) {
  OpenProxy open;
  const TestFolder folder;
  const Running running(open.gate, {.socket_folder = folder.path()});
  const Client client(running.address().with("host", folder.path()));
  ASSERT_TRUE(client.connected()) << client.error();
  EXPECT_EQ(client.ask("SELECT 7"), "7");
}

TEST(Proxy, SaysWhereNoServerIs) {
  OpenProxy open;
  gate::Recorder recorder(1);
  try {
    const Proxy proxy({"127.0.0.1", "1"}, 1, open.gate, recorder);
    FAIL() << "nobody listens there";
  } catch (const runner::Error& error) {
    EXPECT_EQ(error.code(), "connect-failed");
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:1"));
  }
}

}  // namespace
}  // namespace gauntlet::proxy
