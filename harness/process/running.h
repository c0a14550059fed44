// Which process groups of ours run now, so that an interrupted program can end them all.
// Any thread may call.
#pragma once

#include <sys/types.h>

namespace gauntlet::process {

void note_running(pid_t group);
/// To be called before the group's leader is reaped: after that its number may be another's.
void forget_running(pid_t group) noexcept;
/// SIGKILL to every process group that runs. For the end of the program.
void kill_all_running() noexcept;

}  // namespace gauntlet::process
