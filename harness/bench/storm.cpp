#include "harness/bench/storm.h"

#include "harness/bench/cpu_time.h"
#include "harness/process/fd.h"
#include "harness/process/spawn.h"
#include "runner/values/error.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/epoll.h>

namespace gauntlet::bench {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How often their output is read meanwhile: a program that has filled its pipe waits for us.
constexpr milliseconds reading_interval{20};
constexpr milliseconds kill_patience{5'000};

double ms_since(steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - begin).count();
}

/// Tells of each end once, and at once. To look at every copy whenever one has moved, as wait_any()
/// does, would take the processors from what is measured.
class Ends {
 public:
  explicit Ends(const std::vector<process::Process>& copies)
      : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    for (const process::Process& copy : copies) {
      fds_.push_back(process::open_pidfd(copy.pid()));
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = fds_.size() - 1;
      if (!fds_.back().is_open() ||
          epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fds_.back().get(), &event) != 0) {
        throw runner::Error("cannot-start", "the end of a process cannot be watched for",
                            std::strerror(errno), "raise the limit: ulimit -n 4096");
      }
    }
  }

  /// The positions of those that have ended, after `patience` at the latest.
  std::vector<std::size_t> wait(milliseconds patience) {
    std::array<epoll_event, 64> events{};
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                 static_cast<int>(patience.count()));
    std::vector<std::size_t> ended;
    for (int index = 0; index < count; ++index) {
      ended.push_back(events.at(static_cast<std::size_t>(index)).data.u64);
      fds_[ended.back()].close();
    }
    return ended;
  }

 private:
  process::Fd epoll_;
  std::vector<process::Fd> fds_ = {};
};

void watch(std::vector<process::Process>& copies, Ends& ends, steady_clock::time_point begin,
           milliseconds patience, StormSeen& seen) {
  std::size_t running = copies.size();
  auto read_next = begin + reading_interval;
  while (running > 0 && steady_clock::now() < begin + patience) {
    for (const std::size_t ended : ends.wait(reading_interval)) {
      seen.copies[ended].after_ms = ms_since(begin);
      --running;
    }
    if (steady_clock::now() < read_next) continue;
    for (process::Process& copy : copies) {
      if (!copy.exit()) copy.wait_until(begin);
    }
    read_next = steady_clock::now() + reading_interval;
  }
  seen.makespan_ms = ms_since(begin);
}

}  // namespace

StormSeen storm(const std::vector<process::Command>& commands, milliseconds patience) {
  const double cpu_before = children_cpu_ms();
  StormSeen seen;
  seen.copies.resize(commands.size());
  {
    std::vector<process::Process> copies;
    copies.reserve(commands.size());
    for (process::Command command : commands) {
      command.held = true;
      copies.push_back(process::Process::start(command));
    }
    Ends ends(copies);
    const auto begin = steady_clock::now();
    for (process::Process& copy : copies) copy.release();
    watch(copies, ends, begin, patience, seen);
    for (std::size_t index = 0; index < copies.size(); ++index) {
      Left& left = seen.copies[index];
      if (!left.after_ms) copies[index].kill_group();
      copies[index].wait_for(kill_patience);
      left.exit = copies[index].exit();
      left.out = copies[index].out();
      left.err = copies[index].err();
    }
  }
  seen.cpu_ms = children_cpu_ms() - cpu_before;
  return seen;
}

}  // namespace gauntlet::bench
