#include "harness/arena/server.h"
#include "harness/gate/gated_session.h"
#include "harness/gate/gates.h"
#include "runner/apply.h"
#include "runner/connect.h"
#include "runner/folder_test.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::gate {
namespace {

using core::Event;
using core::Reply;
using core::Ruling;
using testing::HasSubstr;
using What = Ruling::What;

class Gated : public testing::Test {
 protected:
  Gated() {
    folder_.write("1_orders.up.sql", "CREATE TABLE orders(id int)");
    folder_.write("2_first.up.sql", "INSERT INTO orders VALUES (1)");
  }

  /// Runs `up` behind `gate`: nothing if it succeeded, the error's code, or `died`.
  std::string up(Gate& gate, Recorder& recorder) const {
    const Doorway doorway{.gate = gate, .recorder = recorder};
    const auto direct = runner::sessions_of(server_->local().conninfo());
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

  std::string value(const std::string& sql) const {
    const auto session = runner::connect_postgres(server_->local().conninfo());
    return session->send(sql).back().rows.front().front().value_or("null");
  }

  const runner::TestFolder folder_;
  std::unique_ptr<arena::Server> server_ = arena::Server::start({});
};

TEST_F(Gated, RecordsEveryStepInOrderWithWhatCameOfIt) {
  OpenGate open;
  Recorder recorder(1);
  EXPECT_EQ(up(open, recorder), "");
  const core::History history = recorder.history();
  EXPECT_EQ(history.events.front().kind, Event::Kind::opened);
  EXPECT_GT(history.events.front().backend_pid, 0);
  EXPECT_EQ(history.events.back().kind, Event::Kind::closed);
  const core::StepRecord& last = history.steps.back();
  EXPECT_THAT(last.step.sql, HasSubstr("INSERT INTO orders VALUES (1)"));
  ASSERT_TRUE(last.reply.has_value());
  EXPECT_EQ(last.reply->ending, Reply::Ending::answered);
  EXPECT_EQ(last.reply->statements.back().tag, "COMMIT");
}

TEST_F(Gated, ConvergesAfterTheReplicaDiedBeforeOrAfterAnyStep) {
  OpenGate open;
  Recorder clean(1);
  ASSERT_EQ(up(open, clean), "");
  for (const What what : {What::die_before, What::die_after, What::lose_before, What::lose_after}) {
    for (const fault::Fault& fault : fault::sweep(clean.history(), 0, {.what = what})) {
      SCOPED_TRACE(fault.text());
      runner::connect_postgres(server_->local().conninfo())
          ->send("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      Faults faults(open, {fault});
      Recorder recorder(1);
      EXPECT_EQ(up(faults, recorder),
                what == What::die_before || what == What::die_after ? "died" : "connection-lost");
      EXPECT_TRUE(faults.unfired().empty());
      Recorder again(1);
      EXPECT_EQ(up(open, again), "");
      EXPECT_EQ(value("SELECT count(*) FROM orders"), "1");
      EXPECT_EQ(value("SELECT string_agg(version::text, ',' ORDER BY version)"
                      " FROM applied_migrations"),
                "1,2");
    }
  }
}

TEST_F(Gated, TellsTheRunnerAnErrorThatTheGateMadeUp) {
  OpenGate open;
  Faults faults(
      open,
      {{.sql_has = "CREATE TABLE orders",
        .ruling = {.what = What::refuse, .text = "out of shared memory", .sqlstate = "53200"}}});
  Recorder recorder(1);
  EXPECT_EQ(up(faults, recorder), "migration-failed");
  EXPECT_EQ(value("SELECT count(*) FROM applied_migrations"), "0");
}

TEST_F(Gated, SendsWhatTheGateWroteInAStepsPlace) {
  OpenGate open;
  Faults faults(open, {{.sql_has = "pg_try_advisory_lock",
                        .ruling = {.what = What::rewrite, .text = "SELECT 1 / 0"}}});
  Recorder recorder(1);
  EXPECT_NE(up(faults, recorder), "");
  const core::History history = recorder.history();
  const auto rewritten =
      std::find_if(history.steps.begin(), history.steps.end(),
                   [](const auto& record) { return record.ruling.what == What::rewrite; });
  ASSERT_NE(rewritten, history.steps.end());
  EXPECT_EQ(rewritten->reply->sqlstate, "22012");
}

}  // namespace
}  // namespace gauntlet::gate
