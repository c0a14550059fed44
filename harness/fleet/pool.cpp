#include "harness/fleet/pool.h"

#include <utility>

namespace gauntlet::fleet {

class Pool::Lent : public runner::ForwardingSession {
 public:
  Lent(Pool& pool, std::unique_ptr<runner::Session> session)
      : ForwardingSession(std::move(session)), pool_(pool) {}
  ~Lent() override { pool_.take_back(take()); }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

 private:
  Pool& pool_;
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

void Pool::take_back(std::unique_ptr<runner::Session> session) {
  const std::lock_guard held(mutex_);
  free_.push_back(std::move(session));
  returned_.notify_one();
}

}  // namespace gauntlet::fleet
