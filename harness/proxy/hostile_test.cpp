// Peers that end, are silent, or speak something else: bounded in memory and in time, and reported.
#include "harness/proxy/fixture_test.h"

#include <array>
#include <csignal>
#include <fstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace gauntlet::proxy {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// Bytes to and from a port, without any protocol.
class RawClient {
 public:
  explicit RawClient(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(static_cast<std::uint16_t>(port));
    connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
  }
  bool connected() const { return connected_; }
  void say(std::string_view bytes) const {
    EXPECT_EQ(send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// All that comes until the other side ends; `timeout` in words where it does not.
  std::string hear_all() const {
    std::string heard;
    std::array<char, 4096> buffer;
    while (true) {
      pollfd waited{.fd = fd_.get(), .events = POLLIN, .revents = 0};
      if (poll(&waited, 1, 60'000) != 1) return "timeout";
      const ssize_t got = recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return heard;
      heard.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  process::Fd fd_;
  bool connected_ = false;
};

std::string startup_packet() { return std::string("\0\0\0\x13\0\3\0\0user\0root\0\0", 19); }

long resident_kb() {
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

TEST(AKilledClient, LeavesNoServerProcessThatWaitsForALock) {
  OpenProxy open;
  const Running running(open.gate, {.orphan_patience = milliseconds(100)});
  const Client holder(server().loopback());
  ASSERT_EQ(holder.ask("SELECT pg_advisory_lock(99)"), "");
  auto waiting = process::Process::start({.argv = {"psql", "-X", "-d", running.address().conninfo(),
                                                   "-c", "SELECT pg_advisory_lock(99)"}});
  const std::string waiters =
      "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 99 AND NOT granted";
  ASSERT_TRUE(eventually([&] { return direct(waiters) == "1"; }));
  waiting.signal(SIGKILL);
  EXPECT_TRUE(eventually([&] { return direct(waiters) == "0"; }));
  EXPECT_TRUE(eventually([&] { return running.proxy().sessions() == 0; }));
  EXPECT_THAT(running.notes(), Contains(HasSubstr("outlived its client")));
}

TEST(AKilledClient, IsGivenTimeForItsStatementToEndByItself) {
  OpenProxy open;
  const Running running(open.gate);
  direct("DROP TABLE IF EXISTS outlived");
  {
    const Client client(running.address());
    ASSERT_EQ(PQsendQuery(client.raw(), "SELECT pg_sleep(0.2); CREATE TABLE outlived()"), 1);
    ASSERT_TRUE(eventually([&] { return running.history().steps.size() == 1; }));
    shutdown(PQsocket(client.raw()), SHUT_RDWR);
  }
  EXPECT_TRUE(eventually([&] { return running.proxy().sessions() == 0; }));
  EXPECT_EQ(direct("SELECT to_regclass('outlived') IS NOT NULL"), "t");
  EXPECT_EQ(running.history().steps.at(0).reply->ending, core::Reply::Ending::answered);
}

TEST(TheEndOfAProxy, LeavesNoSessionInTheServer) {
  Holding gate("held");
  std::string pids;
  {
    const Running running(gate);
    const Client idle(running.address()), held(running.address()), busy(running.address());
    ASSERT_EQ(idle.ask("BEGIN"), "BEGIN");
    ASSERT_EQ(PQsendQuery(held.raw(), "SELECT 'held'"), 1);
    ASSERT_EQ(PQsendQuery(busy.raw(), "SELECT pg_sleep(3600)"), 1);
    ASSERT_TRUE(eventually([&] { return running.history().steps.size() == 3; }));
    pids = "(" + std::to_string(idle.pid()) + ", " + std::to_string(held.pid()) + ", " +
           std::to_string(busy.pid()) + ")";
    ASSERT_EQ(direct("SELECT count(*) FROM pg_stat_activity WHERE pid IN " + pids), "3");
  }
  EXPECT_TRUE(eventually(
      [&] { return direct("SELECT count(*) FROM pg_stat_activity WHERE pid IN " + pids) == "0"; }));
}

TEST(Garbage, FromAClientIsAnsweredInTheProtocolReportedAndEnded) {
  OpenProxy open;
  const Running running(open.gate);
  const std::string huge("Q\x40\0\0\0", 5);  // a query of a gibibyte
  for (const std::string& bytes :
       {std::string(300, 'x'), startup_packet() + huge, std::string("GET / HTTP/1.1\r\n\r\n")}) {
    const RawClient client(running.proxy().port(0));
    client.say(bytes);
    EXPECT_THAT(client.hear_all(), HasSubstr("08P01"));
  }
  EXPECT_TRUE(eventually([&] { return running.proxy().sessions() == 0; }));
  EXPECT_THAT(running.notes(), Contains(HasSubstr("does not speak the protocol")).Times(3));
}

TEST(Silence, BeforeASessionBeginsIsEndedAndReported) {
  OpenProxy open;
  const Running running(open.gate, {.startup_patience = milliseconds(50)});
  const RawClient client(running.proxy().port(0));
  EXPECT_EQ(client.hear_all(), "");
  EXPECT_THAT(running.notes(), Contains(HasSubstr("said nothing for 50 ms")));
}

TEST(Garbage, FromAServerIsPassedOnReportedAndEnded) {
  int port = 0;
  const process::Fd listener = listen_on_loopback(port);
  OpenProxy open;
  const Running running(open.gate, {}, 1, Upstream{"127.0.0.1", std::to_string(port)});
  const RawClient client(running.proxy().port(0));
  client.say(startup_packet());
  // The first connection is the one that the proxy tried the address with.
  process::Fd to_proxy;
  for (int i = 0; i < 2; ++i) {
    pollfd waited{.fd = listener.get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&waited, 1, 60'000), 1);
    bool exhausted = false;
    to_proxy = accept_from(listener.get(), exhausted);
  }
  ASSERT_EQ(send(to_proxy.get(), "E\0\0\0\1no", 7, MSG_NOSIGNAL), 7);
  EXPECT_THAT(client.hear_all(), HasSubstr("no"));
  EXPECT_THAT(running.notes(), Contains(HasSubstr("server of session 0")));
}

TEST(AClientThatDoesNotRead, CostsLittleMemoryHoweverMuchItIsSent) {
  OpenProxy open;
  const Running running(open.gate, {.orphan_patience = milliseconds(100)});
  const Client client(running.address());
  ASSERT_EQ(client.ask("SELECT 1"), "1");
  const long before = resident_kb();
  ASSERT_EQ(PQsendQuery(client.raw(), "SELECT repeat('x', 1000) FROM generate_series(1, 300000)"),
            1);
  // The server has come to a stop: it waits for somebody to read.
  ASSERT_TRUE(eventually([&] {
    return direct("SELECT wait_event FROM pg_stat_activity WHERE pid = " +
                  std::to_string(client.pid())) == "ClientWrite";
  }));
  EXPECT_LT(resident_kb() - before, 8'000);
  EXPECT_EQ(Client(running.address()).ask("SELECT 2"), "2");
}

TEST(TooManyConnections, AreTurnedAwayAndTheOthersGoOn) {
  OpenProxy open;
  const Running running(open.gate, {.sessions_max = 2});
  const Client one(running.address()), two(running.address()), three(running.address());
  EXPECT_FALSE(three.connected());
  EXPECT_EQ(one.ask("SELECT 1"), "1");
  EXPECT_EQ(two.ask("SELECT 2"), "2");
  EXPECT_THAT(running.notes(), Contains(HasSubstr("was turned away")));
}

}  // namespace
}  // namespace gauntlet::proxy
