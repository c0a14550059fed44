// What processes have spent of the processors, as the kernel counts it: user and system, in
// milliseconds. Any thread.
#pragma once

#include <sys/resource.h>

namespace gauntlet::bench {

/// `who` as getrusage() has it.
inline double cpu_ms_of(int who) {
  rusage used{};
  getrusage(who, &used);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

/// Of this process, with all its threads.
inline double own_cpu_ms() { return cpu_ms_of(RUSAGE_SELF); }
/// Of the children that were waited for, and of theirs.
inline double children_cpu_ms() { return cpu_ms_of(RUSAGE_CHILDREN); }

}  // namespace gauntlet::bench
