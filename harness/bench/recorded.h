// A fleet of programs whose every statement is seen: between each copy and its database stands the
// proxy. Belongs to one thread, with which the copies die.
#pragma once

#include "harness/arena/arena.h"
#include "harness/core/history.h"
#include "harness/process/process.h"

#include <chrono>
#include <functional>

namespace gauntlet::bench {

/// `replicas` copies, released together. `command` makes the one that reaches its database at an
/// address. Throws: Error `cannot-start`, `connect-failed`, `cannot-listen`.
core::History recorded(const arena::Database& database, std::size_t replicas,
                       const std::function<process::Command(const arena::Address&)>& command,
                       std::chrono::milliseconds patience);

}  // namespace gauntlet::bench
