// Any gate, for a door that must not block: whoever it holds is held on a thread of its own.
#pragma once

#include "harness/gate/async_gate.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace gauntlet::gate {

/// Asks `gate` on as many threads as it holds steps at one time. Safe on any thread. Its end waits
/// for those that are still held: open the gate first, or wait for its patience.
class OnThreads : public AsyncGate {
 public:
  explicit OnThreads(Gate& gate) : gate_(gate) {}
  ~OnThreads() override;
  OnThreads(const OnThreads&) = delete;
  OnThreads& operator=(const OnThreads&) = delete;

  std::optional<core::Ruling> at(const core::Step& step, std::chrono::milliseconds patience,
                                 const Held& held) noexcept override;
  void after(const core::Step& step, const core::Reply& reply) noexcept override {
    gate_.after(step, reply);
  }

 private:
  struct Asked {
    core::Step step;
    std::chrono::milliseconds patience;
    Held held;
  };
  void answer();

  Gate& gate_;
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Asked> asked_;
  std::size_t idle_ = 0;  ///< threads that wait for a step
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace gauntlet::gate
