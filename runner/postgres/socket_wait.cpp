#include "runner/postgres/socket_wait.h"

#include <array>
#include <cerrno>
#include <ctime>

#include <poll.h>

namespace gauntlet::runner {

namespace {

timespec timespec_of(std::chrono::milliseconds time) {
  return {.tv_sec = static_cast<time_t>(time.count() / 1000),
          .tv_nsec = static_cast<long>(time.count() % 1000) * 1'000'000L};
}

}  // namespace

SocketWait wait_on_socket(int socket, short events, int interrupt_fd,
                          std::chrono::milliseconds limit) {
  using Woken = SocketWait::Woken;
  std::array<pollfd, 2> polled{pollfd{socket, events, 0}, pollfd{interrupt_fd, POLLIN, 0}};
  const timespec time = timespec_of(limit);
  const int count = ppoll(polled.data(), polled.size(), &time, nullptr);
  if (count < 0) return {.woken = errno == EINTR ? Woken::by_server : Woken::by_failure};
  if (count == 0) return {.woken = Woken::by_time};
  if (polled[1].revents != 0) return {.woken = Woken::by_interrupt};
  return {.woken = Woken::by_server, .events = polled[0].revents};
}

}  // namespace gauntlet::runner
