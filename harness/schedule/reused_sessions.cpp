#include "harness/schedule/reused_sessions.h"

#include <exception>

namespace gauntlet::schedule {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds connect_patience{30'000};

}  // namespace

std::unique_ptr<runner::Session> ReusedSessions::borrow() {
  {
    const std::lock_guard held(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<runner::Session> session = std::move(free_.back());
      free_.pop_back();
      return session;
    }
  }
  return source_->acquire(connect_patience);
}

void ReusedSessions::give_back(std::unique_ptr<runner::Session> session) noexcept {
  try {
    session->interrupt_with(-1);
    session->limit({});
    session->on_notice({});
    runner::roll_back(*session);
    session->send("DISCARD ALL");
    while (session->wait_for_notification(milliseconds(0), -1)) continue;
    const std::lock_guard held(mutex_);
    free_.push_back(std::move(session));
  } catch (const std::exception&) {
    session.reset();  // the connection is lost, or in a state that only its end clears
  }
}

void ReusedSessions::close_all() {
  const std::lock_guard held(mutex_);
  free_.clear();
}

}  // namespace gauntlet::schedule
