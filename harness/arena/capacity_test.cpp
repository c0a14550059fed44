#include "harness/arena/capacity.h"

#include "harness/arena/connection.h"
#include "harness/arena/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace gauntlet::arena {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Optional;

constexpr FleetNeeds four{.replicas = 4}, sixteen{.replicas = 16};

std::unique_ptr<Server> server_of_twelve() {
  return Server::start(
      {.settings = {{"max_connections", "12"}, {"superuser_reserved_connections", "0"}}});
}

TEST(Capacity, AFleetLargerThanTheServerAllowsIsToldBeforeItStarts) {
  const auto server = server_of_twelve();
  EXPECT_THAT(misfit(server->local(), sixteen),
              Optional(AllOf(HasSubstr("the server allows 12 connections and 16 replicas were "
                                       "asked for: --replicas 10"),
                             HasSubstr("raise max_connections"))));
  EXPECT_EQ(misfit(server->local(), four), std::nullopt);
}

TEST(Capacity, SessionsThatAreOpenAlreadyTakeRoom) {
  const auto server = server_of_twelve();
  const auto free_before = session_room(server->local());
  const Connection others[] = {Connection(server->local()), Connection(server->local())};
  const auto free_now = session_room(server->local());
  ASSERT_TRUE(free_before && free_now);
  EXPECT_EQ(free_now->sessions + std::size(others), free_before->sessions);
}

TEST(Capacity, EachConnectionOfAReplicaCounts) {
  const auto server = server_of_twelve();
  EXPECT_THAT(misfit(server->local(), {.replicas = 4, .sessions_of_one = 4}),
              Optional(HasSubstr("4 replicas of 4 connections each were asked for: --replicas 2")));
}

TEST(Capacity, ARolesOwnLimitIsToldWithItsRemedy) {
  const auto server = Server::start({});
  Connection(server->local()).run("CREATE ROLE clerk LOGIN CONNECTION LIMIT 5");
  const Address clerk = server->local().with("user", "clerk");
  EXPECT_THAT(misfit(clerk, sixteen),
              Optional(AllOf(HasSubstr("role clerk may have 5 connections and 16 replicas"),
                             HasSubstr("--replicas 3"), HasSubstr("CONNECTION LIMIT -1"))));
  EXPECT_EQ(misfit(clerk, {.replicas = 3}), std::nullopt);
}

/// The limit of open files while it lives.
class FilesLimit {
 public:
  explicit FilesLimit(rlim_t files) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = files;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~FilesLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FilesLimit(const FilesLimit&) = delete;
  FilesLimit& operator=(const FilesLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(Capacity, TheLimitOfOpenFilesIsToldWithItsRemedy) {
  const FilesLimit limit(64);
  EXPECT_THAT(misfit_of_machine(sixteen),
              Optional(AllOf(HasSubstr("may open 64 files (ulimit -n)"), HasSubstr("--replicas 8"),
                             HasSubstr("ulimit -n 4096"))));
  EXPECT_EQ(misfit_of_machine(four), std::nullopt);
}

}  // namespace
}  // namespace gauntlet::arena
