// Both programs against servers that break the protocol: each command ends within its bounds, with
// an error and without a crash. GAUNTLET_FULL=1 runs every way of breaking it, as `make check-full`
// does.
#include "harness/cli/program.h"
#include "harness/process/hostile_server_test.h"

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using process::Hostility;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Not;

/// A login has 10 s, a query of our own 20 s, and a command may have to try both twice; the rest is
/// for a busy machine.
constexpr seconds end_patience{150};

const std::string migrate_program = GAUNTLET_BINARY_DIR "/bin/gauntlet-migrate";

bool is_full_run() {
  const char* value = std::getenv("GAUNTLET_FULL");
  return value != nullptr && std::string(value) == "1";
}

struct Spoken {
  std::string words;
  bool decides;  ///< a command of `gauntlet`: what could not be decided is exit 2
  process::Process process;
};

class HostileServers : public testing::TestWithParam<Hostility> {
 protected:
  HostileServers() : server_(GetParam()) {
    folder_.write("0001_init.up.sql", "CREATE TABLE public.t (id int);");
    folder_.write("0001_init.down.sql", "DROP TABLE public.t;");
  }

  Spoken start(std::vector<std::string> words, bool decides) const {
    std::string spoken = words.front();
    if (words.size() > 1) spoken += " " + words[1];
    return {.words = std::move(spoken),
            .decides = decides,
            .process = process::Process::start(
                {.argv = std::move(words), .environment = {{"TEST_DATABASE_URL", ""}}})};
  }

  std::vector<Spoken> start_all() const {
    const std::string url = server_.url(), files = folder_.path().string();
    std::vector<Spoken> all;
    const auto runs = [&](const std::string& command, std::vector<std::string> more = {}) {
      std::vector<std::string> words = {migrate_program, command};
      words.insert(words.end(), more.begin(), more.end());
      words.insert(words.end(), {"--database", url, "--migrations", files});
      all.push_back(start(std::move(words), false));
    };
    const auto judges = [&](std::vector<std::string> words) {
      words.insert(words.begin(), program);
      words.insert(words.end(), {"--database", url});
      all.push_back(start(std::move(words), true));
    };
    runs("check");
    runs("up");
    judges({"verify", "--migrations", files});
    judges({"test", "order/skip-hole"});
    if (!is_full_run()) return all;
    runs("status");
    runs("plan");
    runs("down", {"--steps", "1"});
    runs("accept", {"1"});
    runs("resume", {"1"});
    runs("forget", {"1"});
    judges({"trace"});
    judges({"bench", "--replicas", "1", "--rounds", "1"});
    judges({"mutants", "lock-is-noop"});
    judges({"explore"});
    judges({"crash"});
    judges({"clean"});
    return all;
  }

  process::HostileServer server_;
  const TestFolder folder_;
};

TEST_P(HostileServers, EndEveryCommandWithAnError) {
  std::vector<Spoken> all = start_all();
  const auto deadline = steady_clock::now() + end_patience;
  for (Spoken& each : all) {
    SCOPED_TRACE(each.words);
    const auto exit = each.process.wait_until(deadline);
    ASSERT_TRUE(exit) << "has not ended";
    ASSERT_TRUE(exit->code) << exit->text();
    EXPECT_NE(*exit->code, 0) << each.process.out() << each.process.err();
    EXPECT_NE(*exit->code, 64) << each.process.err();
    if (each.decides) {
      EXPECT_EQ(*exit->code, 2) << each.process.out() << each.process.err();
    }
    EXPECT_THAT(each.process.out() + each.process.err(), Not(testing::HasSubstr("hush")));
  }
}

/// Those of which each took down or held up a program before.
std::vector<Hostility> hostilities_now() {
  if (is_full_run()) return {process::all_hostilities.begin(), process::all_hostilities.end()};
  return {Hostility::silent_query,     Hostility::wrong_rows, Hostility::nothing,
          Hostility::rows_without_end, Hostility::copy_in,    Hostility::notices_at_login};
}

INSTANTIATE_TEST_SUITE_P(InEachWay, HostileServers, testing::ValuesIn(hostilities_now()),
                         [](const auto& hostility) {
                           return std::string(process::name_of(hostility.param));
                         });

}  // namespace
}  // namespace gauntlet::cli
