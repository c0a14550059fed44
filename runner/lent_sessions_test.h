// A caller's pool for the tests of this room: it lends the same connections again and again.
#pragma once

#include "runner/session.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::runner {

/// Any thread may borrow. Outlives what it lends.
class LentSessions final : public SessionSource {
 public:
  LentSessions(const std::string& conninfo, std::size_t size) {
    for (std::size_t made = 0; made < size; ++made) idle_.push_back(connect_postgres(conninfo));
  }

  std::unique_ptr<Session> acquire(std::chrono::milliseconds patience) override {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, patience, [this] { return !idle_.empty(); })) {
      throw Error("no-session", "the pool lent no session in time");
    }
    auto session = std::make_unique<Lent>(*this, std::move(idle_.back()));
    idle_.pop_back();
    return session;
  }
  bool outlives_run() const override { return true; }

 private:
  class Lent final : public ForwardingSession {
   public:
    Lent(LentSessions& pool, std::unique_ptr<Session> session)
        : ForwardingSession(std::make_unique<ForwardingTo>(*session)),
          pool_(pool),
          session_(std::move(session)) {}
    ~Lent() override { pool_.take_back(std::move(session_)); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;

   private:
    // What ForwardingSession owns is only a view, so that the connection can go back.
    class ForwardingTo final : public Session {
     public:
      explicit ForwardingTo(Session& session) : session_(session) {}
      Engine engine() const override { return session_.engine(); }
      std::vector<Result> send(std::string_view message) override { return session_.send(message); }
      Result query(std::string_view statement,
                   const std::vector<std::optional<std::string>>& parameters) override {
        return session_.query(statement, parameters);
      }
      TransactionStatus transaction_status() const override {
        return session_.transaction_status();
      }
      void interrupt_with(int fd) override { session_.interrupt_with(fd); }
      int backend_pid() const override { return session_.backend_pid(); }
      std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                       int interrupt_fd) override {
        return session_.wait_for_notification(patience, interrupt_fd);
      }
      std::string literal(std::string_view text) const override { return session_.literal(text); }
      std::string identifier(std::string_view name) const override {
        return session_.identifier(name);
      }

     private:
      Session& session_;
    };

    LentSessions& pool_;
    std::unique_ptr<Session> session_;
  };

  void take_back(std::unique_ptr<Session> session) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(session));
    returned_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace gauntlet::runner
