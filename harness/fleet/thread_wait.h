// What one thread waits for in the kernel, as /proc/PID/task/TID/syscall shows it. Any thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace gauntlet::fleet {

struct ThreadWait {
  bool is_known = false;   ///< the kernel shows it
  std::string doing = {};  ///< `sleeps`, `waits for input`; empty where it runs
  std::optional<std::chrono::milliseconds> at_most = {};  ///< absent: nothing but an event ends it
  int descriptor = -1;  ///< that it reads from or writes to; -1: none
  bool opens = false;   ///< it waits in open(), as for the other end of a FIFO
};

/// `task` is /proc/PID/task/TID.
ThreadWait wait_of_thread(pid_t pid, const std::filesystem::path& task);

}  // namespace gauntlet::fleet
