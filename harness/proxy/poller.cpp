#include "harness/proxy/poller.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <thread>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace gauntlet::proxy {
namespace {

constexpr std::size_t events_max = 256;
/// Who was served just now soon says more, and to be woken takes longer than that.
constexpr std::chrono::microseconds linger{50};

int ready_now(int epoll, std::span<epoll_event> events, std::chrono::milliseconds patience) {
  return epoll_wait(epoll, events.data(), static_cast<int>(events.size()),
                    static_cast<int>(patience.count()));
}

/// Looks again and again for a moment, and leaves the core to whoever wants it.
int ready_soon(int epoll, std::span<epoll_event> events) {
  const auto end = std::chrono::steady_clock::now() + linger;
  while (true) {
    const int count = ready_now(epoll, events, std::chrono::milliseconds(0));
    if (count != 0 || std::chrono::steady_clock::now() >= end) return count;
    std::this_thread::yield();
  }
}

std::uint32_t bits_of(Poller::Interest interest) {
  std::uint32_t bits = 0;
  if (interest.read) bits |= EPOLLIN;
  if (interest.write) bits |= EPOLLOUT;
  if (interest.hang_up) bits |= EPOLLRDHUP;
  return bits;
}

void control(int epoll, int operation, int fd, std::uint64_t key, Poller::Interest interest) {
  epoll_event event{};
  event.events = bits_of(interest);
  event.data.u64 = key;
  if (epoll_ctl(epoll, operation, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

}  // namespace

Poller::Poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_.is_open() || !wake_.is_open())
    throw std::system_error(errno, std::generic_category(), "epoll");
  control(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), 0, {.read = true});
}

void Poller::add(int fd, std::uint64_t key, Interest interest) {
  control(epoll_.get(), EPOLL_CTL_ADD, fd, key, interest);
}

void Poller::change(int fd, std::uint64_t key, Interest interest) {
  control(epoll_.get(), EPOLL_CTL_MOD, fd, key, interest);
}

void Poller::remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

std::vector<Poller::Ready>& Poller::wait(std::chrono::milliseconds patience) {
  std::array<epoll_event, events_max> events;
  constexpr std::chrono::milliseconds none{0}, wait_max{60'000};
  int count = ready_.empty() ? 0 : ready_soon(epoll_.get(), events);
  if (count == 0) count = ready_now(epoll_.get(), events, std::clamp(patience, none, wait_max));
  ready_.clear();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.u64 == 0) {
      std::uint64_t count_of_wakes = 0;
      static_cast<void>(read(wake_.get(), &count_of_wakes, sizeof count_of_wakes));
      continue;
    }
    ready_.push_back({.key = event.data.u64,
                      .readable = (event.events & EPOLLIN) != 0,
                      .writable = (event.events & EPOLLOUT) != 0,
                      .hung_up = (event.events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP)) != 0});
  }
  return ready_;
}

void Poller::wake() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_.get(), &one, sizeof one));
}

}  // namespace gauntlet::proxy
