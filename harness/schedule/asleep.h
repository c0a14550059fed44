// Does a process wait for something? Linux tells it by the state of its threads. Any thread.
#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

namespace gauntlet::schedule {

/// How often the threads of a process group have given up the processor, if each of them sleeps;
/// nullopt while one of them works, or none is left. A group that sleeps has done nothing between
/// two calls that return the same number. The group is its leader and the leader's descendants; one
/// whose parent has ended is not seen.
std::optional<std::uint64_t> switches_if_asleep(pid_t group);

}  // namespace gauntlet::schedule
