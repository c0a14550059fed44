// Preloaded into a program: one in five calls that read, write or lock a file takes up to 2 ms
// longer, some of them up to 20 ms, as on a busy disk. Processes that share a file then meet inside
// operations that otherwise take no time. The delay is the fault that is injected: no test waits
// for a state by it.
#include <chrono>
#include <cstdarg>
#include <random>
#include <thread>

#include <dlfcn.h>
#include <unistd.h>

namespace {

// The random numbers are seeded by the process id, so processes delay different calls.
void take_time() {
  static std::minstd_rand random(static_cast<unsigned>(getpid()));
  constexpr unsigned one_in = 5, longest_us = 2000, long_one_in = 20, long_factor = 10;
  if (random() % one_in != 0) return;
  const std::chrono::microseconds time(random() % longest_us);
  std::this_thread::sleep_for(random() % long_one_in == 0 ? time * long_factor : time);
}

template <typename Function>
Function* after_us(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// The system's own names for the parameters are reserved.
// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

int access(const char* path, int mode) noexcept {
  static auto* const call = after_us<int(const char*, int)>("access");
  take_time();
  return call(path, mode);
}
int fsync(int fd) {
  static auto* const call = after_us<int(int)>("fsync");
  take_time();
  return call(fd);
}
int fdatasync(int fd) {
  static auto* const call = after_us<int(int)>("fdatasync");
  take_time();
  return call(fd);
}
// Locks among them. What all of its commands are given fits into a pointer.
int fcntl64(int fd, int command, ...) {
  static auto* const call = after_us<int(int, int, ...)>("fcntl64");
  va_list rest;
  va_start(rest, command);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  take_time();
  return call(fd, command, argument);
}
int unlink(const char* path) noexcept {
  static auto* const call = after_us<int(const char*)>("unlink");
  take_time();
  return call(path);
}
ssize_t pread64(int fd, void* to, size_t bytes, off64_t offset) {
  static auto* const call = after_us<ssize_t(int, void*, size_t, off64_t)>("pread64");
  take_time();
  return call(fd, to, bytes, offset);
}
ssize_t pwrite64(int fd, const void* from, size_t bytes, off64_t offset) {
  static auto* const call = after_us<ssize_t(int, const void*, size_t, off64_t)>("pwrite64");
  take_time();
  return call(fd, from, bytes, offset);
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
