#include "harness/fleet/thread_wait.h"

#include "harness/core/files.h"
#include "harness/fleet/proc_files.h"

#include <array>
#include <cstdint>
#include <ctime>
#include <sstream>

#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>

namespace gauntlet::fleet {

namespace {

using std::chrono::milliseconds;

struct Call {
  long number = -1;
  std::array<std::uint64_t, 6> arguments{};
};

/// Nullopt where the thread runs, or where it cannot be read.
std::optional<Call> call_in(const std::string& text) {
  std::istringstream words(text);
  Call call;
  if (!(words >> call.number) || call.number < 0) return std::nullopt;
  for (std::uint64_t& argument : call.arguments) words >> std::hex >> argument;
  return call;
}

template <typename Value>
std::optional<Value> value_at(pid_t pid, std::uint64_t address) {
  Value value{};
  iovec here{.iov_base = &value, .iov_len = sizeof value};
  // An address in the other process is a number here.
  iovec there{.iov_base = reinterpret_cast<void*>(address), .iov_len = sizeof value};
  const ssize_t got = address == 0 ? -1 : ::process_vm_readv(pid, &here, 1, &there, 1, 0);
  return got == static_cast<ssize_t>(sizeof value) ? std::optional(value) : std::nullopt;
}

milliseconds to_milliseconds(std::int64_t seconds, std::int64_t nanoseconds) {
  constexpr std::int64_t a_year = 365LL * 24 * 3600;
  return std::chrono::seconds(std::min(seconds, a_year)) + milliseconds(nanoseconds / 1'000'000);
}

std::optional<milliseconds> timespec_at(pid_t pid, std::uint64_t address) {
  const auto time = value_at<timespec>(pid, address);
  return time ? std::optional(to_milliseconds(time->tv_sec, time->tv_nsec)) : std::nullopt;
}

std::optional<milliseconds> timeval_at(pid_t pid, std::uint64_t address) {
  const auto time = value_at<timeval>(pid, address);
  return time ? std::optional(to_milliseconds(time->tv_sec, time->tv_usec * 1'000)) : std::nullopt;
}

/// Until a moment of `clock`.
std::optional<milliseconds> until(pid_t pid, clockid_t clock, std::uint64_t address) {
  const auto moment = timespec_at(pid, address);
  timespec now{};
  if (!moment || ::clock_gettime(clock, &now) != 0) return std::nullopt;
  return *moment - to_milliseconds(now.tv_sec, now.tv_nsec);
}

/// A timeout in milliseconds; below 0 there is none.
std::optional<milliseconds> timeout(std::uint64_t argument) {
  const auto bound = static_cast<std::int32_t>(argument);
  return bound < 0 ? std::nullopt : std::optional(milliseconds(bound));
}

std::optional<milliseconds> futex_timeout(pid_t pid, const Call& call) {
  constexpr std::uint64_t operation_mask = 0x7f, wait = 0, realtime = 256;
  const std::uint64_t operation = call.arguments[1];
  if ((operation & operation_mask) == wait) return timespec_at(pid, call.arguments[3]);
  return until(pid, (operation & realtime) != 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC,
               call.arguments[3]);
}

ThreadWait timed(std::string doing, std::optional<milliseconds> at_most) {
  return {.is_known = true, .doing = std::move(doing), .at_most = at_most};
}

ThreadWait reading(const Call& call, std::string doing) {
  return {.is_known = true,
          .doing = std::move(doing),
          .descriptor = static_cast<int>(call.arguments[0])};
}

std::optional<ThreadWait> sleeping(pid_t pid, const Call& call) {
  const auto& arguments = call.arguments;
  switch (call.number) {
    case SYS_nanosleep:
      return timed("sleeps", timespec_at(pid, arguments[0]));
    case SYS_clock_nanosleep:
      return timed("sleeps", (arguments[1] & TIMER_ABSTIME) != 0
                                 ? until(pid, static_cast<clockid_t>(arguments[0]), arguments[2])
                                 : timespec_at(pid, arguments[2]));
    case SYS_futex:
      return timed("waits for another thread", futex_timeout(pid, call));
#ifdef SYS_pause
    case SYS_pause:
#endif
    case SYS_rt_sigsuspend:
    case SYS_rt_sigtimedwait:
      return timed("waits for a signal", std::nullopt);
    case SYS_wait4:
    case SYS_waitid:
      return timed("waits for a child process", std::nullopt);
    default:
      return std::nullopt;
  }
}

std::optional<ThreadWait> polling(pid_t pid, const Call& call) {
  const auto& arguments = call.arguments;
  const std::string doing = "waits for an event";
  switch (call.number) {
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
    case SYS_epoll_pwait:
      return timed(doing, timeout(arguments[3]));
#ifdef SYS_poll
    case SYS_poll:
      return timed(doing, timeout(arguments[2]));
#endif
    case SYS_ppoll:
      return timed(doing, timespec_at(pid, arguments[2]));
#ifdef SYS_select
    case SYS_select:
      return timed(doing, timeval_at(pid, arguments[4]));
#endif
    case SYS_pselect6:
      return timed(doing, timespec_at(pid, arguments[4]));
    default:
      return std::nullopt;
  }
}

std::optional<ThreadWait> transferring(const Call& call) {
  switch (call.number) {
    case SYS_read:
    case SYS_readv:
    case SYS_recvfrom:
    case SYS_recvmsg:
    case SYS_accept:
    case SYS_accept4:
      return reading(call, "waits for input");
    case SYS_write:
    case SYS_writev:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_connect:
      return reading(call, "waits to send");
    case SYS_flock:
    case SYS_fcntl:
      return reading(call, "waits for a file lock");
    default:
      return std::nullopt;
  }
}

bool is_open(const Call& call) {
#ifdef SYS_open
  if (call.number == SYS_open) return true;
#endif
  return call.number == SYS_openat;
}

}  // namespace

ThreadWait wait_of_thread(pid_t pid, const std::filesystem::path& task) {
  const std::string text = core::read_file_if_any(task / "syscall");
  const auto call = call_in(text);
  if (!call) return {.is_known = text.starts_with("running")};
  if (auto wait = sleeping(pid, *call)) return *wait;
  if (auto wait = polling(pid, *call)) return *wait;
  if (auto wait = transferring(*call)) return *wait;
  if (is_open(*call)) return {.is_known = true, .doing = "waits to open a file", .opens = true};
  return {.is_known = true, .doing = "waits in a system call"};
}

}  // namespace gauntlet::fleet
