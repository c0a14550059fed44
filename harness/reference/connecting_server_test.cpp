#include "harness/reference/processes_test.h"
#include "harness/reference/server_fixture_test.h"
#include "runner/postgres/connecting.h"

#include <cstring>
#include <functional>
#include <set>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr milliseconds a_minute{60'000};
const ConnectOptions at_once{.begin = ConnectOptions::Begin::at_once};

/// Lets whoever comes connect to its socket, and says nothing.
class SilentServer {
 public:
  SilentServer() {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string path = folder_.path() / ".s.PGSQL.5432";
    if (path.size() >= sizeof address.sun_path) std::abort();
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const auto* any = reinterpret_cast<const sockaddr*>(&address);
    if (bind(listener_, any, sizeof address) != 0 || listen(listener_, 8) != 0) std::abort();
  }
  ~SilentServer() { close(listener_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  /// Who has called is there at once: the system answers for us.
  bool was_called() const {
    pollfd polled{listener_, POLLIN, 0};
    return poll(&polled, 1, 0) == 1;
  }

  std::string conninfo(const std::string& more = {}) const {
    return "host=" + folder_.path().string() + " port=5432 " + more;
  }

 private:
  const TestFolder folder_;
  int listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

std::string failure_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "it did not fail";
}

class ConnectingServer : public OnServer {
 protected:
  /// Of the sessions there are but the one that asks.
  static std::string has_sessions(int count) {
    return "SELECT count(*) = " + std::to_string(count) +
           " FROM pg_stat_activity WHERE application_name = 'gauntlet-migrate'";
  }
};

TEST_F(ConnectingServer, BecomesASession) {
  const auto session = begin_to_connect(conninfo(), {})->wait(a_minute);
  EXPECT_EQ(session->send("SHOW client_encoding").front().rows.front().front(), "UTF8");
}

TEST_F(ConnectingServer, IsThereBeforeItsFirstSessionIsAcquired) {
  const auto sessions = sessions_of(conninfo(), at_once);
  ASSERT_TRUE(eventually(has_sessions(1)));
  const auto first = sessions->acquire(a_minute);
  EXPECT_EQ(first->send(has_sessions(1)).front().rows.front().front(), "t");
  const auto second = sessions->acquire(a_minute);
  EXPECT_NE(first->backend_pid(), second->backend_pid());
}

TEST_F(ConnectingServer, IsForOneOfTheThreadsThatAcquire) {
  const auto sessions = sessions_of(conninfo(), at_once);
  std::vector<std::unique_ptr<Session>> acquired(8);
  std::vector<std::thread> threads;
  threads.reserve(acquired.size());
  for (auto& session : acquired) {
    threads.emplace_back([&] { session = sessions->acquire(a_minute); });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<int> pids;
  for (const auto& session : acquired) pids.insert(session->backend_pid());
  EXPECT_EQ(pids.size(), acquired.size());
  EXPECT_EQ(value(has_sessions(8)), "t");
}

TEST_F(ConnectingServer, IsGivenUpByWhoDoesNotWait) {
  {
    const auto sessions = sessions_of(conninfo(), at_once);
    ASSERT_TRUE(eventually(has_sessions(1)));
  }
  EXPECT_TRUE(eventually(has_sessions(0)));
}

TEST_F(ConnectingServer, FailsOnlyWhereItIsWaitedFor) {
  const auto sessions = sessions_of("host=127.0.0.1 port=1 password=s3cret", at_once);
  const std::string failure = failure_of([&] { sessions->acquire(a_minute); });
  EXPECT_THAT(failure, HasSubstr("error[connect-failed]: could not connect: connection to server"));
  EXPECT_THAT(failure, HasSubstr("password=***"));
}

/// Where the environment names no server.
class BeginToConnect : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : names) ASSERT_EQ(unsetenv(name), 0);
  }
  static constexpr const char* names[] = {"PGHOST", "PGHOSTADDR", "PGSERVICE"};
};

TEST_F(BeginToConnect, IsBegunBeforeASessionIsAcquiredOnlyWhereThatIsAskedFor) {
  const SilentServer server;
  const auto when_acquired = sessions_of(server.conninfo());
  EXPECT_FALSE(server.was_called());
  const auto begun = sessions_of(server.conninfo(), at_once);
  EXPECT_TRUE(server.was_called());
}

TEST_F(BeginToConnect, IsNotBegunWhereTheServerMayHaveSeveralAddresses) {
  for (const char* several :
       {"host=/a,/b", "host=db", "postgresql://db.example/app", "host=localhost",
        "hostaddr=127.0.0.1,127.0.0.2", "service=app", "service=app host=/a"}) {
    EXPECT_EQ(begin_to_connect(several, {}), nullptr) << several;
  }
  for (const char* one : {"", "host=/a", "host=@a", "host=127.0.0.1", "host=::1", "port=5433",
                          "host=db hostaddr=127.0.0.1"}) {
    EXPECT_NE(begin_to_connect(one, {}), nullptr) << one;
  }
}

TEST_F(BeginToConnect, HeedsTheEnvironmentsHost) {
  for (const char* name : names) {
    ASSERT_EQ(setenv(name, "127.0.0.1,127.0.0.2", 1), 0);
    EXPECT_EQ(begin_to_connect("dbname=app", {}), nullptr) << name;
    ASSERT_EQ(unsetenv(name), 0);
  }
}

TEST_F(BeginToConnect, IsWhatUpDoesBeforeItUnderstandsItsOtherWords) {
  const SilentServer server;
  const auto code_of = [&](std::vector<std::string> words) {
    return process::run(migrate_command(std::move(words), server.conninfo()), process_patience)
        .exit.code;
  };
  EXPECT_EQ(code_of({"up", "--help"}), 0);
  EXPECT_EQ(code_of({"check", "--nonsense"}), 64);
  EXPECT_EQ(code_of({"down", "--nonsense"}), 64);
  EXPECT_FALSE(server.was_called());
  EXPECT_EQ(code_of({"up", "--nonsense"}), 64);
  EXPECT_TRUE(server.was_called());
}

// Which says what it cannot understand; only it does.
TEST_F(BeginToConnect, IsNotBegunWhereOnlyLibpqKnowsHowLong) {
  EXPECT_EQ(begin_to_connect("host=/a connect_timeout=soon", {}), nullptr);
  EXPECT_THAT(failure_of([] { sessions_of("host=/a connect_timeout=soon", at_once)->acquire({}); }),
              HasSubstr("connect_timeout"));
}

TEST_F(BeginToConnect, IsBoundedByItsPatience) {
  const SilentServer server;
  const auto connecting = begin_to_connect(server.conninfo("password=s3cret"), {});
  const std::string failure = failure_of([&] { connecting->wait(milliseconds(200)); });
  EXPECT_THAT(failure, HasSubstr("error[connect-failed]: could not connect: no answer from /"));
  EXPECT_THAT(failure, HasSubstr(" within 0.2 s"));
  EXPECT_THAT(failure, HasSubstr("password=***"));
}

TEST_F(BeginToConnect, IsBoundedByTheStringFirst) {
  const SilentServer server;
  for (const char* limit : {"connect_timeout=2", "connect_timeout=1"}) {
    const auto connecting = begin_to_connect(server.conninfo(limit), {});
    EXPECT_THAT(failure_of([&] { connecting->wait(a_minute); }), HasSubstr(" within 2 s")) << limit;
  }
}

}  // namespace
}  // namespace gauntlet::runner
