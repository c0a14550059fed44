// The sample service asked whether it may take a database over.
#include "harness/arena/connection.h"
#include "harness/arena/server.h"
#include "harness/process/process.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gauntlet::orders {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::chrono::seconds patience{60};

/// A port that is taken while this lives: who binds it fails.
class TakenPort {
 public:
  TakenPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (bind(fd_, any, size) != 0 || listen(fd_, 1) != 0 || getsockname(fd_, any, &size) != 0) {
      throw std::runtime_error("no port to take");
    }
    number_ = ntohs(address.sin_port);
  }
  ~TakenPort() { close(fd_); }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;

  std::string number() const { return std::to_string(number_); }

 private:
  int fd_;
  int number_ = 0;
};

process::Finished service(const std::string& database, const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{std::string(GAUNTLET_BINARY_DIR) + "/bin/orders-service"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return process::run({.argv = argv, .environment = {{"DATABASE_URL", database}}}, patience);
}

process::Finished migrate(const std::string& database) {
  return process::run(
      {.argv = {std::string(GAUNTLET_BINARY_DIR) + "/bin/gauntlet-migrate", "up", "--database",
                database, "--migrations", std::string(GAUNTLET_SOURCE_DIR) + "/migrations/orders"}},
      patience);
}

TEST(OrdersService, ChecksItsMigrationsWithoutServingOrMigrating) {
  const auto server = arena::Server::start({});
  const std::string database = server->local().url();
  const TakenPort port;
  const auto check = [&] {
    return service(database, {"--check-migrations", "--port", port.number()});
  };

  const auto before = check();
  EXPECT_EQ(before.exit.code, 1) << before.err;
  EXPECT_THAT(before.out, HasSubstr("migrations needed: pending [1, 2, 3, "));
  arena::Connection control(server->local());
  EXPECT_EQ(control.ask_one("SELECT count(*) FROM pg_class WHERE relname = 'applied_migrations'"),
            "0");

  ASSERT_EQ(migrate(database).exit.code, 0);
  const auto after = check();
  EXPECT_EQ(after.exit.code, 0) << after.err;
  EXPECT_THAT(after.out, HasSubstr("compatible: 13 applied"));

  control.run("INSERT INTO applied_migrations (version, name) VALUES (99, 'of a later build')");
  const auto older = check();
  EXPECT_EQ(older.exit.code, 2);
  EXPECT_THAT(older.out, HasSubstr("incompatible: unknown [99]"));
}

TEST(OrdersService, CannotTellWithoutADatabase) {
  const auto check = service("postgresql://me:hush@127.0.0.1:1/x", {"--check-migrations"});
  EXPECT_EQ(check.exit.code, 3);
  EXPECT_THAT(check.out, HasSubstr("could not tell: could not connect: "));
  EXPECT_THAT(check.out + check.err, Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace gauntlet::orders
