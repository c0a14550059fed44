// A throwaway server, a proxy in front of it, and clients: for the tests of this room.
#pragma once

#include "harness/arena/connection.h"
#include "harness/arena/server.h"
#include "harness/gate/gates.h"
#include "harness/gate/on_threads.h"
#include "harness/process/process.h"
#include "harness/proxy/proxy_thread.h"
#include "runner/folder_test.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

namespace gauntlet::proxy {

using runner::TestFolder;
using std::chrono::milliseconds;
inline constexpr std::chrono::seconds bound{60};

/// One server for all tests of this program: each connects to it anew.
inline const arena::Server& server() {
  static const std::unique_ptr<arena::Server> started = arena::Server::start({});
  return *started;
}

/// Tells gtest nothing is wrong until `what` holds, within a bound.
inline bool eventually(const std::function<bool()>& what) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock held(mutex);
  const auto deadline = Clock::now() + bound;
  while (Clock::now() < deadline) {
    if (what()) return true;
    never.wait_for(held, milliseconds(2));
  }
  return what();
}

/// Whatever a test wants ruled.
class Ruled : public gate::Gate {
 public:
  using Rule = std::function<core::Ruling(const core::Step&)>;
  explicit Ruled(Rule rule) : rule_(std::move(rule)) {}
  core::Ruling at(const core::Step& step, milliseconds) noexcept override { return rule_(step); }
  void after(const core::Step&, const core::Reply&) noexcept override {}

 private:
  Rule rule_;
};

/// Holds the steps whose text has a word, until it is told what is ruled about them.
class Holding : public gate::AsyncGate {
 public:
  explicit Holding(std::string word) : word_(std::move(word)) {}

  std::optional<core::Ruling> at(const core::Step& step, milliseconds,
                                 const gate::Held& held) noexcept override {
    if (step.sql.find(word_) == std::string::npos) return core::Ruling{};
    const std::lock_guard locked(mutex_);
    held_.push_back(held);
    return std::nullopt;
  }
  void after(const core::Step&, const core::Reply&) noexcept override {}

  std::size_t count() const {
    const std::lock_guard locked(mutex_);
    return held_.size();
  }
  void rule(const core::Ruling& ruling = {}) {
    const std::lock_guard locked(mutex_);
    for (const auto& held : held_) held.rule(ruling);
    held_.clear();
  }

 private:
  const std::string word_;
  mutable std::mutex mutex_;
  std::vector<gate::Held> held_;
};

/// A proxy that runs, its gate and its history.
class Running {
 public:
  explicit Running(gate::AsyncGate& gate, Options options = {}, std::size_t replicas = 1,
                   const std::optional<Upstream>& upstream = {})
      : recorder_(replicas),
        proxy_(upstream.value_or(Upstream{server().loopback().host(), server().loopback().port()}),
               replicas, gate, recorder_, std::move(options)),
        thread_(proxy_) {}

  arena::Address address(std::size_t replica = 0) const {
    return server().loopback().with("port", std::to_string(proxy_.port(replica)));
  }
  const Proxy& proxy() const { return proxy_; }
  core::History history() const { return recorder_.history(); }

  /// The texts of the steps so far.
  std::vector<std::string> sql() const {
    std::vector<std::string> texts;
    for (const auto& record : history().steps) texts.push_back(record.step.sql);
    return texts;
  }
  std::vector<std::string> notes() const {
    std::vector<std::string> texts;
    for (const auto& event : history().events)
      if (event.kind == core::Event::Kind::noted) texts.push_back(event.text);
    return texts;
  }

 private:
  gate::Recorder recorder_;
  Proxy proxy_;
  ProxyThread thread_;
};

struct OpenProxy {
  gate::OpenGate open = {};
  gate::AtOnce gate{open};
};

/// libpq, asked for what it says.
class Client {
 public:
  explicit Client(const arena::Address& address)
      : connection_(PQconnectdb(address.conninfo().c_str()), PQfinish) {}

  bool connected() const { return PQstatus(connection_.get()) == CONNECTION_OK; }
  std::string error() const { return PQerrorMessage(connection_.get()); }
  int pid() const { return PQbackendPID(connection_.get()); }
  PGconn* raw() const { return connection_.get(); }

  /// The first value, the tag where there is no row, or the SQLSTATE, or `lost`.
  std::string ask(const std::string& sql) const {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexec(connection_.get(), sql.c_str()), PQclear);
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    if (state != nullptr) return state;
    if (PQntuples(result.get()) > 0) return PQgetvalue(result.get(), 0, 0);
    return connected() ? PQcmdStatus(result.get()) : "lost";
  }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

/// What the server says of itself, on a way that does not lead through the proxy.
inline std::string direct(const std::string& sql) {
  return arena::Connection(server().local()).ask_one(sql);
}

inline std::string psql(const arena::Address& address, const std::vector<std::string>& more,
                        int& exit_code) {
  std::vector<std::string> argv = {"psql", "-X", "-d", address.conninfo()};
  argv.insert(argv.end(), more.begin(), more.end());
  const auto done = process::run({.argv = argv}, bound);
  exit_code = done.exit.code.value_or(-1);
  return done.out + done.err;
}

}  // namespace gauntlet::proxy
