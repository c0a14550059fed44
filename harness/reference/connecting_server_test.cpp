#include "harness/reference/processes_test.h"
#include "harness/reference/server_fixture_test.h"
#include "runner/connect.h"

#include <cstring>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using testing::HasSubstr;

/// Lets any client connect to its socket, and sends nothing.
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

  /// True as soon as a client has connected: the system accepts for us.
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

int code_of(std::vector<std::string> words, const std::string& database) {
  return process::run(migrate_command(std::move(words), database), process_patience)
      .exit.code.value_or(-1);
}

TEST(Connecting, BeginsOnlyAfterTheCommandLineIsUnderstood) {
  const SilentServer server;
  for (const char* command : {"up", "down", "check"}) {
    EXPECT_EQ(code_of({command, "--help"}, server.conninfo()), 0);
    EXPECT_EQ(code_of({command, "--nonsense"}, server.conninfo()), 64);
  }
  EXPECT_FALSE(server.was_called());
}

TEST(Connecting, GivesUpAfterTheTimeThatTheConnectionStringNames) {
  const SilentServer server;
  const TestFolder folder;
  EXPECT_EQ(
      code_of({"up", "--migrations", folder.path().string()}, server.conninfo("connect_timeout=2")),
      1);
  EXPECT_TRUE(server.was_called());
}

TEST(Connecting, NamesNoPasswordWhenItFails) {
  try {
    sessions_of("host=127.0.0.1 port=1 password=s3cret")->acquire(std::chrono::seconds(60));
    ADD_FAILURE() << "it connected";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("error[connect-failed]: could not connect: connection to server"));
    EXPECT_THAT(error.what(), HasSubstr("password=***"));
  }
}

}  // namespace
}  // namespace gauntlet::runner
