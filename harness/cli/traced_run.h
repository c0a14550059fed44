// One run of a program whose every statement is seen: between it and its database stands a proxy.
// On the calling thread, which the program's processes die with.
#pragma once

#include "harness/fleet/fleet.h"

#include <chrono>
#include <filesystem>

namespace gauntlet::cli {

/// To its end, or until `patience` is over. The history has one replica: what its processes did,
/// and what its sessions did. Throws: Error `cannot-start`, `connect-failed`, `cannot-listen`.
core::History traced_run(const fleet::Subject& subject, const arena::Database& database,
                         const std::filesystem::path& migrations,
                         std::chrono::milliseconds patience);

}  // namespace gauntlet::cli
