// Who waits is told while its own question is on its way: the proxy keeps the question there.
#include "harness/gate/async_gate.h"
#include "harness/gate/recorder.h"
#include "harness/proxy/proxy_thread.h"
#include "harness/reference/processes_test.h"
#include "harness/reference/server_fixture_test.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr milliseconds told_within{60'000};

/// Lets everything pass but messages with a word: of these, so many, and no further one until it is
/// told so.
class Keeping final : public gate::AsyncGate {
 public:
  Keeping(std::string word, int passing) : word_(std::move(word)), passing_(passing) {}

  std::optional<core::Ruling> at(const core::Step& step, milliseconds,
                                 const gate::Held& held) noexcept override {
    const std::lock_guard lock(mutex_);
    if (step.sql.find(word_) == std::string::npos || passing_-- > 0) return core::Ruling{};
    kept_.push_back(held);
    changed_.notify_all();
    return std::nullopt;
  }
  void after(const core::Step&, const core::Reply&) noexcept override {}

  /// Waits until it does. False after a minute.
  bool keeps_one() const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, told_within, [this] { return kept_.size() == 1; });
  }
  void let_go() const {
    const std::lock_guard lock(mutex_);
    for (const gate::Held& held : kept_) held.rule({});
  }

 private:
  const std::string word_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  int passing_;
  std::vector<gate::Held> kept_;
};

/// The way of one session or replica to the server.
struct Way {
  Way(const arena::Address& server, Keeping& keeping)
      : proxy({server.host(), server.port()}, 1, keeping, recorder) {}

  gate::Recorder recorder{1};
  proxy::Proxy proxy;
  const proxy::ProxyThread thread{proxy};
};

class ToldServer : public OnServer {
 protected:
  std::string conninfo_by(const Way& way) const {
    return server_->loopback().with("port", std::to_string(way.proxy.port(0))).conninfo();
  }
  static auto is(const std::string& enough) {
    return [enough](const std::string& payload) { return payload == enough; };
  }
};

TEST_F(ToldServer, ASessionLeavesItsQuestionOnceItWasToldEnough) {
  Keeping keeping("kept", 0);
  const Way way(server_->loopback(), keeping);
  const auto session = connect_postgres(conninfo_by(way));
  session->send("LISTEN told");
  auto answer = std::async(std::launch::async,
                           [&] { return session->send_until_told("SELECT 'kept'", is("all")); });
  ASSERT_TRUE(keeping.keeps_one());
  run("NOTIFY told, 'some'; NOTIFY told, 'all'");
  if (answer.wait_for(told_within) != std::future_status::ready) keeping.let_go();
  EXPECT_EQ(answer.get(), std::nullopt);
  EXPECT_EQ(session->wait_for_notification(told_within, -1), "some");
  EXPECT_EQ(session->wait_for_notification(told_within, -1), "all");
}

TEST_F(ToldServer, ASessionHearsTheAnswerIfWhatItWasToldIsNotEnough) {
  Keeping keeping("kept", 0);
  const Way way(server_->loopback(), keeping);
  const auto session = connect_postgres(conninfo_by(way));
  session->send("LISTEN told");
  std::promise<void> heard;
  auto answer = std::async(std::launch::async, [&] {
    return session->send_until_told("SELECT 'kept'", [&](const std::string& payload) {
      if (payload == "more") heard.set_value();
      return false;
    });
  });
  ASSERT_TRUE(keeping.keeps_one());
  run("NOTIFY told, 'some'; NOTIFY told, 'more'");
  EXPECT_EQ(heard.get_future().wait_for(told_within), std::future_status::ready);
  keeping.let_go();
  EXPECT_EQ(answer.get().value().front().rows.front().front(), "kept");
  EXPECT_EQ(session->wait_for_notification(told_within, -1), "some");
  EXPECT_EQ(session->wait_for_notification(told_within, -1), "more");
  EXPECT_EQ(session->wait_for_notification(milliseconds(0), -1), std::nullopt);
  EXPECT_EQ(session->send("SELECT 1").front().rows.front().front(), "1");
}

/// A replica applies, and another, which has asked for the turn once in vain and listens, asks
/// again: its question is kept on its way until after the end.
class ToldWhileItAsks : public ToldServer {
 protected:
  /// Lets the waiter's question go once it has left or `patience` is over.
  template <typename Waiter>
  auto result_of(Waiter waiter, milliseconds patience) {
    write("1_waits.up.sql", "SELECT pg_advisory_xact_lock(4)");
    auto gate = connect();
    gate->send("SELECT pg_advisory_lock(4)");
    auto holder = std::async(std::launch::async, [this] { return up(); });
    EXPECT_TRUE(eventually("SELECT count(*) = 1 FROM pg_locks WHERE NOT granted"));
    auto waiting = std::async(std::launch::async, std::move(waiter));
    EXPECT_TRUE(keeping_.keeps_one());
    gate.reset();
    EXPECT_THAT(holder.get(), ElementsAre(Version{1}));
    left_unasked_ = waiting.wait_for(patience) == std::future_status::ready;
    keeping_.let_go();
    return waiting.get();
  }
  std::vector<Version> up_through(SessionSource& sessions, milliseconds patience) {
    return result_of([&] { return runner::up(sessions, listing(), {}); }, patience);
  }

  Keeping keeping_{"pg_try_advisory_lock", 1};
  const Way way_{server_->loopback(), keeping_};
  bool left_unasked_ = false;  ///< the waiter, before its question was let go
};

TEST_F(ToldWhileItAsks, AReplicaLeavesWithoutAnAnswer) {
  const auto sessions = sessions_of(conninfo_by(way_));
  EXPECT_THAT(up_through(*sessions, told_within), IsEmpty());
  EXPECT_TRUE(left_unasked_);
}

TEST_F(ToldWhileItAsks, TheProgramLeavesWithoutAnAnswer) {
  const auto up_as_program = [this] {
    return process::run(
        migrate_command({"up", "--migrations", folder_.string()}, conninfo_by(way_)),
        process_patience);
  };
  const process::Finished finished = result_of(up_as_program, told_within);
  EXPECT_EQ(finished.exit.code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("0 applied"));
  EXPECT_TRUE(left_unasked_);
}

/// Says of its sessions that they are lent again.
class ToldPool final : public SessionSource {
 public:
  explicit ToldPool(std::string conninfo) : conninfo_(std::move(conninfo)) {}
  std::unique_ptr<Session> acquire(milliseconds) override { return connect_postgres(conninfo_); }
  bool outlives_run() const override { return true; }

 private:
  std::string conninfo_;
};

// It could not be given back with an answer on its way.
TEST_F(ToldWhileItAsks, APoolsSessionHearsTheAnswer) {
  ToldPool pool(conninfo_by(way_));
  EXPECT_THAT(up_through(pool, milliseconds(200)), IsEmpty());
  EXPECT_FALSE(left_unasked_);
}

}  // namespace
}  // namespace gauntlet::runner
