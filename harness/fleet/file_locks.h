// Locks on files (flock, fcntl) by which copies of a program keep one another out. They hold on one
// machine alone. As /proc shows them: Linux; elsewhere nothing is seen. Any thread.
#pragma once

#include <set>
#include <string>

#include <sys/types.h>

namespace gauntlet::fleet {

/// The files on whose lock a process of one of these process groups waits now while a process of
/// another of them holds it: paths, or the inode's number where no path can be read.
std::set<std::string> file_locks_between(const std::set<pid_t>& groups);

}  // namespace gauntlet::fleet
