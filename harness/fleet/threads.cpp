#include "harness/fleet/threads.h"

#include "harness/gate/gated_session.h"
#include "harness/process/fd.h"
#include "runner/values/error.h"

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>

namespace gauntlet::fleet {

namespace {

using core::Event;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What an interrupted replica is given to leave by itself, and the time between two pushes after
/// it.
constexpr milliseconds grace{2'000}, push_interval{200};

class Run {
 public:
  Run(const ThreadFleet& fleet, gate::Recorder& recorder)
      : fleet_(fleet), recorder_(recorder), interrupt_(eventfd(0, EFD_CLOEXEC)) {
    if (interrupt_.get() < 0) throw runner::Error("no-eventfd", "no file descriptor is left");
  }

  void run() {
    std::mt19937_64 random(fleet_.seed);
    for (std::size_t replica = 0; replica < fleet_.replicas; ++replica) {
      recorder_.note({.kind = Event::Kind::started, .replica = replica});
    }
    std::vector<std::jthread> threads;
    for (std::size_t replica = 0; replica < fleet_.replicas; ++replica) {
      const milliseconds delay(
          fleet_.stagger_max.count() == 0
              ? 0
              : static_cast<std::int64_t>(random() %
                                          static_cast<std::uint64_t>(fleet_.stagger_max.count())));
      threads.emplace_back([this, replica, delay] { be(replica, delay); });
    }
    const auto deadline = steady_clock::now() + fleet_.patience;
    if (fleet_.meanwhile) {
      fleet_.meanwhile([this](milliseconds patience) { return wait_for_an_end(patience); });
    }
    if (wait_for_all(deadline)) return;
    if (fleet_.before_overdue) fleet_.before_overdue();
    overdue_ = true;
    eventfd_write(interrupt_.get(), 1);  // the pushes below reach who does not heed it
    auto next = steady_clock::now() + grace;
    while (!wait_for_all(next)) {
      if (fleet_.when_overdue) fleet_.when_overdue();
      next = steady_clock::now() + push_interval;
    }
  }

 private:
  void be(std::size_t replica, milliseconds delay) {
    pollfd interrupted{.fd = interrupt_.get(), .events = POLLIN, .revents = 0};
    poll(&interrupted, 1, static_cast<int>(delay.count()));
    recorder_.note({.kind = Event::Kind::released, .replica = replica});
    Event end{.kind = Event::Kind::exited, .replica = replica, .exit_code = 0};
    try {
      fleet_.act(replica, interrupt_.get());
    } catch (const gate::ReplicaDied&) {
      end = {.kind = Event::Kind::killed, .replica = replica, .signal = SIGKILL};
    } catch (const ExitWith& exit) {
      end.exit_code = exit.code;
    } catch (const std::exception& error) {
      recorder_.output(replica, {.out = {}, .err = error.what()});
      end.exit_code = 1;
    }
    if (overdue_) end = {.kind = Event::Kind::killed, .replica = replica, .signal = SIGTERM};
    recorder_.note(end);
    const std::lock_guard held(mutex_);
    ++ended_;
    changed_.notify_all();
  }

  // An end between two calls is told by the second one, at once.
  bool wait_for_an_end(milliseconds patience) {
    std::unique_lock held(mutex_);
    const bool one_more = changed_.wait_for(held, patience, [this] { return ended_ > told_; });
    told_ = ended_;
    return one_more;
  }

  bool wait_for_all(steady_clock::time_point deadline) {
    std::unique_lock held(mutex_);
    return changed_.wait_until(held, deadline, [&] { return ended_ == fleet_.replicas; });
  }

  const ThreadFleet& fleet_;
  gate::Recorder& recorder_;
  process::Fd interrupt_;
  std::atomic<bool> overdue_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t ended_ = 0;
  std::size_t told_ = 0;  ///< of those that ended, to the caller
};

}  // namespace

void run_threads(const ThreadFleet& fleet, gate::Recorder& recorder) { Run(fleet, recorder).run(); }

}  // namespace gauntlet::fleet
