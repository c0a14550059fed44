#include "harness/gate/on_threads.h"

#include <system_error>

namespace gauntlet::gate {

OnThreads::~OnThreads() {
  {
    const std::lock_guard held(mutex_);
    ending_ = true;
  }
  came_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<core::Ruling> OnThreads::at(const core::Step& step,
                                          std::chrono::milliseconds patience,
                                          const Held& held) noexcept {
  const std::lock_guard locked(mutex_);
  asked_.push_back({step, patience, held});
  if (asked_.size() > idle_) {
    try {
      threads_.emplace_back([this] { answer(); });
    } catch (const std::system_error&) {
      // No more threads are to be had: the next that is free answers.
    }
  }
  came_.notify_one();
  return std::nullopt;
}

void OnThreads::answer() {
  std::unique_lock locked(mutex_);
  while (true) {
    ++idle_;
    came_.wait(locked, [this] { return ending_ || !asked_.empty(); });
    --idle_;
    if (asked_.empty()) return;
    const Asked asked = std::move(asked_.front());
    asked_.pop_front();
    locked.unlock();
    asked.held.rule(gate_.at(asked.step, asked.patience));
    locked.lock();
  }
}

}  // namespace gauntlet::gate
