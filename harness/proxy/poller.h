// Which of many descriptors can be read or written now: epoll, told by keys that we choose, so that
// an event of one that was closed meanwhile finds nobody. wake() is safe on any thread, the rest
// belongs to the loop's.
#pragma once

#include "harness/process/fd.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace gauntlet::proxy {

class Poller {
 public:
  Poller();

  struct Interest {
    bool read = false, write = false;
    bool hang_up = false;  ///< also when the peer has only closed its sending side
    friend bool operator==(const Interest&, const Interest&) = default;
  };
  void add(int fd, std::uint64_t key, Interest interest);
  void change(int fd, std::uint64_t key, Interest interest);
  void remove(int fd);

  struct Ready {
    std::uint64_t key = 0;
    bool readable = false, writable = false;
    bool hung_up = false;  ///< told whatever the interest was
  };
  /// Waits at most `patience`; key 0 is never told.
  std::vector<Ready>& wait(std::chrono::milliseconds patience);
  void wake() noexcept;

 private:
  process::Fd epoll_, wake_;
  std::vector<Ready> ready_ = {};
};

}  // namespace gauntlet::proxy
