// Sessions that tell a test what passes through them, and let it act at that very moment.
#pragma once

#include "runner/postgres.h"
#include "runner/values/session.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// Called on the session's thread; each may be empty.
struct Watch {
  /// Before a message crosses; the session may be used.
  std::function<void(Session& direct, std::string_view message)> before_send = {};
  std::function<void()> before_wait = {};
  std::function<void(const std::optional<std::string>& payload)> after_wait = {};
};

class WatchedSessions final : public SessionSource {
 public:
  WatchedSessions(std::string conninfo, Watch watch)
      : conninfo_(std::move(conninfo)), watch_(std::move(watch)) {}

  std::unique_ptr<Session> acquire(std::chrono::milliseconds) override {
    auto session = connect_postgres(conninfo_);
    Session& direct = *session;
    return std::make_unique<Watched>(direct, std::move(session), watch_);
  }

 private:
  class Watched final : public ForwardingSession {
   public:
    Watched(Session& direct, std::unique_ptr<Session> session, const Watch& watch)
        : ForwardingSession(std::move(session)), direct_(direct), watch_(watch) {}

    std::vector<Result> send(std::string_view message) override {
      if (watch_.before_send) watch_.before_send(direct_, message);
      return ForwardingSession::send(message);
    }
    std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                     int interrupt_fd) override {
      // A look at what was told already is no wait.
      const bool waits = patience.count() > 0;
      if (waits && watch_.before_wait) watch_.before_wait();
      auto payload = ForwardingSession::wait_for_notification(patience, interrupt_fd);
      if (waits && watch_.after_wait) watch_.after_wait(payload);
      return payload;
    }

   private:
    Session& direct_;
    const Watch& watch_;
  };

  std::string conninfo_;
  Watch watch_;
};

}  // namespace gauntlet::runner
