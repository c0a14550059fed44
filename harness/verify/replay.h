// The command line that repeats one check. Pure.
#pragma once

#include "harness/verify/check.h"

#include <chrono>
#include <string>
#include <string_view>

namespace gauntlet::verify {

/// `gauntlet verify … --checks <check>`, quoted for a POSIX shell. A given database is named as
/// `"$TEST_DATABASE_URL"`: its URL may hold a password.
std::string replay_command(const Options& options, std::string_view check);

/// As a flag takes it: `5s`, `250ms`.
std::string flag_duration(std::chrono::milliseconds time);

}  // namespace gauntlet::verify
