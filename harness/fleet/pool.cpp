#include "harness/fleet/pool.h"

#include <utility>

namespace gauntlet::fleet {

class Pool::Lent : public runner::Session {
 public:
  Lent(Pool& pool, std::shared_ptr<runner::Session> session)
      : pool_(pool), session_(std::move(session)) {}
  ~Lent() override { pool_.take_back(std::move(session_)); }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

  runner::Engine engine() const override { return session_->engine(); }
  std::vector<runner::Result> send(std::string_view message) override {
    return session_->send(message);
  }
  runner::Result query(std::string_view statement,
                       const std::vector<std::optional<std::string>>& parameters) override {
    return session_->query(statement, parameters);
  }
  runner::TransactionStatus transaction_status() const override {
    return session_->transaction_status();
  }
  void interrupt_with(int fd) override { session_->interrupt_with(fd); }
  int backend_pid() const override { return session_->backend_pid(); }
  std::optional<std::string> wait_for_notification(std::chrono::milliseconds patience,
                                                   int interrupt_fd) override {
    return session_->wait_for_notification(patience, interrupt_fd);
  }
  std::string literal(std::string_view text) const override { return session_->literal(text); }
  std::string identifier(std::string_view name) const override {
    return session_->identifier(name);
  }

 private:
  Pool& pool_;
  std::shared_ptr<runner::Session> session_;
};

Pool::Pool(runner::SessionSource& source, std::size_t size) {
  for (std::size_t made = 0; made < size; ++made) {
    free_.push_back(source.acquire(std::chrono::seconds(10)));
  }
}

std::unique_ptr<runner::Session> Pool::acquire(std::chrono::milliseconds patience) {
  std::unique_lock held(mutex_);
  if (!returned_.wait_for(held, patience, [this] { return !free_.empty(); })) {
    throw runner::Error("no-session", "the pool had no connection to lend in time");
  }
  auto session = std::move(free_.back());
  free_.pop_back();
  return std::make_unique<Lent>(*this, std::move(session));
}

void Pool::take_back(std::shared_ptr<runner::Session> session) {
  session->interrupt_with(-1);
  const std::lock_guard held(mutex_);
  free_.push_back(std::move(session));
  returned_.notify_one();
}

}  // namespace gauntlet::fleet
