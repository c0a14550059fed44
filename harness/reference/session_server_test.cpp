#include "harness/reference/server_fixture_test.h"
#include "runner/connect.h"
#include "runner/values/own_query.h"
#include "runner/values/session.h"

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PostgresSession : public OnServer {
 protected:
  static SqlError error_of(Session& session, std::string_view message) {
    try {
      session.send(message);
    } catch (const SqlError& error) {
      return error;
    }
    return SqlError({.sqlstate = "none", .message = "the message did not fail"}, 0);
  }

  /// The server itself, of one of its processes.
  static pid_t parent_of(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    std::string word;
    while (status >> word && word != "PPid:") continue;
    pid_t parent = 0;
    status >> parent;
    return parent;
  }
};

TEST_F(PostgresSession, ReturnsTheResultOfEveryStatement) {
  const auto results = connect()->send("SELECT 1 AS a; CREATE TABLE t(x int); SELECT NULL, 'ö'");
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].columns, std::vector<std::string>{"a"});
  EXPECT_EQ(results[1].tag, "CREATE TABLE");
  EXPECT_EQ(results[2].rows.front(), (std::vector<std::optional<std::string>>{std::nullopt, "ö"}));
}

TEST_F(PostgresSession, GivesUpAReplyThatIsTooLarge) {
  const auto session = connect();
  try {
    session->send("SELECT repeat('x', 1048576) FROM generate_series(1, 1025)");
    FAIL() << "all was read";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("error[reply-too-large]"));
  }
}

TEST_F(PostgresSession, TellsPositionInCharactersAndWhatTheServerAdds) {
  const auto session = connect();
  const SqlError error = error_of(*session, "SELECT 'ö' AS ö; SELECT nope FROM pg_class");
  EXPECT_EQ(error.said().sqlstate, "42703");
  EXPECT_EQ(error.said().position, 25U);
  EXPECT_EQ(error.statements_completed(), 1U);
  EXPECT_THAT(
      error.what(),
      HasSubstr("error[statement-failed]: column \"nope\" does not exist (SQLSTATE 42703)"));
}

TEST_F(PostgresSession, CountsCompletedStatementsWhereTheServerGivesNoPosition) {
  const auto session = connect();
  const SqlError error = error_of(*session, "SELECT 1; SELECT 2; SELECT 1/0");
  EXPECT_FALSE(error.said().position);
  EXPECT_EQ(error.statements_completed(), 2U);
}

TEST_F(PostgresSession, TellsDetailHintAndContext) {
  const auto session = connect();
  const SqlError error = error_of(
      *session, "DO $$BEGIN RAISE EXCEPTION 'no' USING DETAIL = 'because', HINT = 'try'; END$$");
  EXPECT_THAT(error.what(), HasSubstr("\n  detail: because\n  hint: try\n  context: PL/pgSQL"));
}

TEST_F(PostgresSession, RefusesANulByteBeforeSending) {
  const auto session = connect();
  EXPECT_THROW(session->send(std::string_view("CREATE TABLE t(x int);\0 SELECT 1", 32)), Error);
  EXPECT_EQ(value("SELECT to_regclass('t')"), "null");
}

TEST_F(PostgresSession, EndsACopyFromStdinAndSaysSo) {
  const auto session = connect();
  try {
    session->send("CREATE TABLE t(x int); COPY t FROM STDIN");
    FAIL() << "it was not refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "copy-from-stdin");
    EXPECT_THAT(error.what(), HasSubstr("statement 2 is COPY … FROM STDIN"));
  }
  EXPECT_EQ(session->transaction_status(), TransactionStatus::idle);
}

TEST_F(PostgresSession, DrainsACopyToStdout) {
  const auto results = connect()->send(
      "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 5000)) TO STDOUT; SELECT 7");
  EXPECT_EQ(results.back().rows.front().front(), "7");
}

TEST_F(PostgresSession, TakesAMessageLargerThanTheSocketsBuffers) {
  const std::string text(8'000'000, 'x');
  EXPECT_EQ(connect()->send("SELECT length('" + text + "')").front().rows.front().front(),
            "8000000");
}

TEST_F(PostgresSession, TellsALostConnectionByAnEmptySqlState) {
  const auto session = connect();
  run("SELECT pg_terminate_backend(" + std::to_string(session->backend_pid()) + ")");
  const SqlError error = error_of(*session, "SELECT 1");
  EXPECT_TRUE(error.connection_lost());
  EXPECT_THAT(error.what(),
              HasSubstr("error[connection-lost]: the connection to the server was lost"));
}

TEST_F(PostgresSession, QueriesWithParameters) {
  EXPECT_EQ(
      connect()->query("SELECT $1::text || coalesce($2, 'null')", {"a", std::nullopt}).rows[0][0],
      "anull");
}

TEST_F(PostgresSession, HearsANotificationWhileItWaits) {
  const auto session = connect();
  session->send("LISTEN news");
  run("NOTIFY news, 'it is here'");
  EXPECT_EQ(session->wait_for_notification(std::chrono::seconds(10), -1), "it is here");
}

TEST_F(PostgresSession, WaitsNoLongerThanItsPatience) {
  EXPECT_EQ(connect()->wait_for_notification(std::chrono::milliseconds(20), -1), std::nullopt);
}

TEST_F(PostgresSession, CancelsTheRunningStatementWhenItIsInterrupted) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const auto session = connect();
  session->send("SELECT 1");  // whoever was never answered is not waited for: it may be in a queue
  session->interrupt_with(ends[0]);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  try {
    session->send("SELECT pg_sleep(60)");
    FAIL() << "it was not interrupted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "error[interrupted]: interrupted while a statement ran; it was cancelled");
  }
  EXPECT_EQ(session->send("SELECT 1").front().rows.front().front(), "1");
  close(ends[0]);
  close(ends[1]);
}

// libpq's own request would wait for as long as the server stands still.
TEST_F(PostgresSession, IsInterruptedAlsoWhileTheServerStandsStill) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const auto session = connect();
  const pid_t server = parent_of(session->backend_pid());
  ASSERT_EQ(kill(server, SIGSTOP), 0);
  ASSERT_EQ(kill(session->backend_pid(), SIGSTOP), 0);
  session->interrupt_with(ends[0]);
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  const auto began = std::chrono::steady_clock::now();
  try {
    session->send("SELECT 1");
    ADD_FAILURE() << "it was not interrupted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("error[interrupted]"));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  kill(session->backend_pid(), SIGCONT);
  kill(server, SIGCONT);
  close(ends[0]);
  close(ends[1]);
}

// Nothing is lost where a lock of somebody else's is in the way.
TEST_F(PostgresSession, CancelsAQueryOfTheRunnersThatIsOverdueAndNamesWhoIsInItsWay) {
  run("CREATE TABLE busy(x int)");
  const auto other = connect();
  other->send("BEGIN; LOCK TABLE busy");
  const auto session = connect();
  try {
    send_own(*session, message_of(Purpose::read, "BEGIN; SELECT * FROM busy"),
             std::chrono::milliseconds(300));
    FAIL() << "it was not overdue";
  } catch (const SqlError& error) {
    EXPECT_FALSE(error.connection_lost());
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("error[no-reply]: no answer to a query of the runner's within 0.3 "
                                "s, and it was cancelled"),
                      HasSubstr("held by: pid " + std::to_string(other->backend_pid()) +
                                " \"test\", idle in transaction, holds AccessExclusiveLock on "
                                "public.busy"),
                      Not(HasSubstr("lost"))));
  }
  EXPECT_EQ(session->transaction_status(), TransactionStatus::idle);
  EXPECT_EQ(session->send("SELECT 1").front().rows.front().front(), "1");
}

TEST_F(PostgresSession, NeverPrintsThePasswordOfAConnectionThatFails) {
  const std::string port = server_->loopback().port();
  for (const std::string& url :
       {"postgresql://postgres:s3cr%40t@127.0.0.1:" + port + "/postgres?sslmode=disable",
        "postgresql://postgres:s3c/r@t@127.0.0.1:" + port + "/postgres",
        "postgresql://postgres:s3c@r@127.0.0.1:" + port + "/postgres",
        "host=127.0.0.1 port=" + port + " user=postgres dbname=postgres password=s3cret",
        std::string("password=s3c r@t host=127.0.0.1"), std::string("postgresql://x:s3c%zz@h/d")}) {
    SCOPED_TRACE(url);
    try {
      sessions_of(url)->acquire(std::chrono::seconds(10));
      ADD_FAILURE() << "it connected";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "connect-failed");
      EXPECT_THAT(error.what(), Not(HasSubstr("s3c")));
      EXPECT_THAT(error.what(), Not(HasSubstr("r@t")));
    }
  }
}

TEST_F(PostgresSession, SaysWhyItCouldNotConnect) {
  try {
    connect_postgres("postgresql://postgres@127.0.0.1:1/postgres");
    FAIL() << "it connected";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("error[connect-failed]: could not connect: connection to server"));
    EXPECT_THAT(error.what(),
                HasSubstr("check that the server runs, and host, port, user and password"));
  }
}

}  // namespace
}  // namespace gauntlet::runner
