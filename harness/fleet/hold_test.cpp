#include "harness/fleet/hold.h"

#include "harness/process/process.h"
#include "runner/values/error.h"

#include <chrono>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace gauntlet::fleet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class HoldTest : public ::testing::Test {
 protected:
  HoldTest() { sql("CREATE TABLE tracker(version bigint)"); }

  std::string sql(const std::string& text) const {
    pqxx::connection connection(database_->address().conninfo());
    const pqxx::result result = pqxx::nontransaction(connection).exec(text);
    return result.empty() ? std::string() : result[0][0].c_str();
  }

  process::Process psql(const std::string& text) const {
    return process::Process::start(
        {.argv = {"psql", "-XAtqc", text}, .environment = database_->loopback().environment()});
  }

  static std::size_t wait_for_waiting(const TableHold& hold, std::size_t wanted) {
    const auto deadline = steady_clock::now() + seconds(10);
    while (hold.waiting() < wanted && steady_clock::now() < deadline) continue;
    return hold.waiting();
  }

  std::unique_ptr<arena::Arena> arena_ = arena::open("ephemeral", {});
  std::unique_ptr<arena::Database> database_ = arena_->fresh("hold");
};

TEST_F(HoldTest, HoldsWritersAndLetsReadersPass) {
  TableHold hold(*database_, "public.tracker");
  ASSERT_TRUE(hold.close());
  process::Process writer = psql("INSERT INTO tracker VALUES (1)");
  ASSERT_EQ(wait_for_waiting(hold, 1), 1U);
  EXPECT_EQ(sql("SELECT count(*) FROM tracker"), "0");

  hold.open();

  EXPECT_TRUE(writer.wait_for(seconds(10)).value().ok()) << writer.err();
  EXPECT_EQ(sql("SELECT count(*) FROM tracker"), "1");
}

TEST_F(HoldTest, LetsAllGoOnWhenItGoes) {
  auto hold = std::make_unique<TableHold>(*database_, "tracker");
  ASSERT_TRUE(hold->close());
  process::Process writer = psql("INSERT INTO tracker VALUES (1)");
  ASSERT_EQ(wait_for_waiting(*hold, 1), 1U);
  hold.reset();
  EXPECT_TRUE(writer.wait_for(seconds(10)).has_value());
}

TEST_F(HoldTest, GivesWayToAWriterThatDoesNotEnd) {
  pqxx::connection connection(database_->address().conninfo());
  pqxx::work writing(connection);
  writing.exec("INSERT INTO tracker VALUES (1)");
  TableHold hold(*database_, "tracker");
  EXPECT_FALSE(hold.close());
  writing.commit();
  EXPECT_TRUE(hold.close());
}

TEST_F(HoldTest, RefusesATableThatIsNotThere) {
  TableHold hold(*database_, "nowhere");
  EXPECT_THROW(hold.close(), runner::Error);
}

}  // namespace
}  // namespace gauntlet::fleet
