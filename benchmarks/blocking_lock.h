// The classic way to take turns, for comparison: a session that waits for the lock inside the
// server. Any thread may acquire a session.
#pragma once

#include "runner/values/session.h"

#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gauntlet::benchmarks {

/// Sends pg_advisory_lock() where the runner tries the lock.
class BlockingLock final : public runner::SessionSource {
 public:
  explicit BlockingLock(runner::SessionSource& sessions) : sessions_(sessions) {}

  std::unique_ptr<runner::Session> acquire(std::chrono::milliseconds patience) override {
    return std::make_unique<Waiting>(sessions_.acquire(patience));
  }

 private:
  class Waiting final : public runner::ForwardingSession {
   public:
    using ForwardingSession::ForwardingSession;
    std::vector<runner::Result> send(std::string_view message) override {
      static const std::regex tries(
          R"(SELECT pg_catalog\.pg_try_advisory_lock\((-?\d+)\)::text WHERE [^;]*)");
      return ForwardingSession::send(std::regex_replace(
          std::string(message), tries, "SELECT 'true' FROM pg_catalog.pg_advisory_lock($1)"));
    }
  };

  runner::SessionSource& sessions_;
};

}  // namespace gauntlet::benchmarks
