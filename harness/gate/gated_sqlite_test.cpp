// The in-process door on SQLite: recording, faults, and that the engine's own limits pass it.
#include "harness/gate/gated_session.h"
#include "harness/gate/gates.h"
#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/folder_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::gate {
namespace {

using core::Reply;
using testing::HasSubstr;
using What = core::Ruling::What;

class GatedOnSqlite : public testing::Test {
 protected:
  GatedOnSqlite() {
    folder_.write("1_orders.up.sql", "CREATE TABLE orders(id int)");
    folder_.write("2_first.up.sql", "INSERT INTO orders VALUES (1)");
  }

  /// Runs `up` behind `gate`: nothing if it succeeded, the error's code, or `died`.
  std::string up(Gate& gate, Recorder& recorder) const {
    const Doorway doorway{.gate = gate, .recorder = recorder};
    const auto direct = runner::sessions_of(url());
    GatedSource sessions(*direct, doorway, 0);
    try {
      runner::up(sessions, runner::read_folder(folder_.path()), {});
    } catch (const runner::Error& error) {
      return error.code();
    } catch (const ReplicaDied&) {
      return "died";
    }
    return "";
  }
  std::string up_with(What what, const std::string& sql_has) const {
    OpenGate open;
    Faults faults(open, {{.sql_has = sql_has, .ruling = {.what = what}}});
    Recorder recorder(1);
    std::string ending = up(faults, recorder);
    EXPECT_TRUE(faults.unfired().empty());
    return ending;
  }

  std::string url() const { return "sqlite:" + folder_.file("app.db"); }
  std::string value(const std::string& sql) const {
    return runner::connect_sqlite(url())->send(sql).back().rows.front().front().value_or("null");
  }
  std::string applied() const { return value("SELECT count(*) FROM applied_migrations"); }

  const runner::TestFolder folder_;
};

TEST_F(GatedOnSqlite, RecordsEveryStepWithWhatCameOfIt) {
  OpenGate open;
  Recorder recorder(1);
  EXPECT_EQ(up(open, recorder), "");
  const core::History history = recorder.history();
  const core::StepRecord& last = history.steps.back();
  ASSERT_TRUE(last.reply.has_value());
  EXPECT_EQ(last.reply->ending, Reply::Ending::answered);
  EXPECT_EQ(last.reply->statements.back().tag, "COMMIT");
  EXPECT_FALSE(last.reply->in_transaction);
}

TEST_F(GatedOnSqlite, WhoDiesAfterABodyAndBeforeItsRecordLeavesNothingOfIt) {
  EXPECT_EQ(up_with(What::die_after, "INSERT INTO orders"), "died");
  EXPECT_EQ(applied(), "1");
  EXPECT_EQ(value("SELECT count(*) FROM orders"), "0");
  OpenGate open;
  Recorder recorder(1);
  EXPECT_EQ(up(open, recorder), "");
  EXPECT_EQ(value("SELECT count(*) FROM orders"), "1");
}

TEST_F(GatedOnSqlite, WhoLosesItsConnectionIsTold) {
  EXPECT_EQ(up_with(What::lose_before, "INSERT INTO orders"), "connection-lost");
  EXPECT_EQ(applied(), "1");
}

TEST_F(GatedOnSqlite, HandsTheEnginesLimitsOn) {
  OpenGate open;
  Recorder recorder(1);
  const Doorway doorway{.gate = open, .recorder = recorder};
  const auto session = gated(runner::connect_sqlite(url()), doorway, {});
  const runner::StatementLimits limits{.lock_wait = std::chrono::milliseconds(7)};
  session->limit(limits);
  EXPECT_EQ(session->limit({}).lock_wait, limits.lock_wait);
}

TEST_F(GatedOnSqlite, RecordsARefusalByAnotherConnectionsLock) {
  OpenGate open;
  Recorder recorder(1);
  const Doorway doorway{.gate = open, .recorder = recorder};
  const auto holder = runner::connect_sqlite(url());
  holder->send("BEGIN IMMEDIATE");
  const auto session = gated(runner::connect_sqlite(url()), doorway, {});
  session->limit({.lock_wait = std::chrono::milliseconds(0)});
  EXPECT_THROW(session->send("BEGIN IMMEDIATE"), runner::SqlError);
  const core::History history = recorder.history();
  const auto& reply = history.steps.back().reply;
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->ending, Reply::Ending::refused);
  EXPECT_THAT(reply->message, HasSubstr("database is locked"));
}

}  // namespace
}  // namespace gauntlet::gate
