// A caller's pool for the tests of this room: it lends the same connections again and again.
#pragma once

#include "runner/postgres.h"
#include "runner/values/session.h"

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
        : ForwardingSession(std::move(session)), pool_(pool) {}
    ~Lent() override { pool_.take_back(take()); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;

   private:
    LentSessions& pool_;
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
