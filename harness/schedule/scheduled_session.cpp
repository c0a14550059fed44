#include "harness/schedule/scheduled_session.h"

#include <utility>

namespace gauntlet::schedule {

namespace {

using std::chrono::milliseconds;

/// What a cancelled statement's error says where it stands for a deadlock's.
constexpr milliseconds waited_really{5};
constexpr const char *cancelled = "57014", *deadlock = "40P01";

class ScheduledSession : public runner::ForwardingSession {
 public:
  ScheduledSession(std::unique_ptr<runner::Session> session, ReusedSessions& sessions,
                   Scheduler& scheduler, core::SessionId id)
      : ForwardingSession(std::move(session)), sessions_(sessions), scheduler_(scheduler), id_(id) {
    scheduler_.opened(id_, backend_pid());
  }
  ~ScheduledSession() override {
    scheduler_.closes(id_);
    sessions_.give_back(take());
    scheduler_.closed(id_);
  }
  ScheduledSession(const ScheduledSession&) = delete;
  ScheduledSession& operator=(const ScheduledSession&) = delete;

  // The server reports a victim's statement as cancelled, for that is how it was ended.
  template <typename Send>
  auto as_chosen(const Send& send) {
    try {
      return send();
    } catch (const runner::SqlError& error) {
      if (error.said().sqlstate != cancelled || !scheduler_.is_victim(id_)) throw;
      runner::ServerMessage said = error.said();
      said.sqlstate = deadlock;
      said.message = "deadlock detected";
      throw runner::SqlError(said, error.statements_completed());
    }
  }

  std::vector<runner::Result> send(std::string_view message) override {
    return as_chosen([&] { return ForwardingSession::send(message); });
  }
  runner::Result query(std::string_view statement,
                       const std::vector<std::optional<std::string>>& parameters) override {
    return as_chosen([&] { return ForwardingSession::query(statement, parameters); });
  }

  // A server sends a notification to an idle session at a time of its own. Before it replies to a
  // statement it has sent all that were committed before, so a statement comes first.
  // Its client's timer expires at once, unless that takes no time worth saving: whoever reads a
  // clock after so short a wait finds that it is over.
  std::optional<std::string> wait_for_notification(milliseconds patience,
                                                   int interrupt_fd) override {
    if (transaction_status() == runner::TransactionStatus::idle)
      ForwardingSession::send("SELECT 1");
    const milliseconds waited = patience <= waited_really ? patience : milliseconds(0);
    return ForwardingSession::wait_for_notification(waited, interrupt_fd);
  }

 private:
  ReusedSessions& sessions_;
  Scheduler& scheduler_;
  const core::SessionId id_;
};

class AnnouncingSession : public runner::ForwardingSession {
 public:
  AnnouncingSession(std::unique_ptr<runner::Session> session, Scheduler& scheduler,
                    core::SessionId id)
      : ForwardingSession(std::move(session)), scheduler_(scheduler), id_(id) {}

  std::optional<std::string> wait_for_notification(milliseconds patience,
                                                   int interrupt_fd) override {
    if (patience.count() == 0) scheduler_.does_not_wait(id_);
    return ForwardingSession::wait_for_notification(patience, interrupt_fd);
  }

 private:
  Scheduler& scheduler_;
  const core::SessionId id_;
};

}  // namespace

std::unique_ptr<runner::Session> ScheduledSource::acquire(milliseconds) {
  return std::make_unique<ScheduledSession>(
      sessions_.borrow(), sessions_, scheduler_,
      core::SessionId{.replica = replica_, .number = next_.fetch_add(1)});
}

std::unique_ptr<runner::Session> AnnouncingSource::acquire(milliseconds patience) {
  return std::make_unique<AnnouncingSession>(
      gated_.acquire(patience), scheduler_,
      core::SessionId{.replica = replica_, .number = next_.fetch_add(1)});
}

}  // namespace gauntlet::schedule
