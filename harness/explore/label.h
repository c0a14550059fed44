// What a statement is called in a schedule. It must read the same in each run, so what varies is
// masked: process ids, times, keys drawn at random. Pure, so safe on any thread.
#pragma once

#include "harness/core/step.h"

#include <cstdint>
#include <string>

namespace gauntlet::explore {

/// The statement on one line, what varies masked, shortened to so many bytes.
std::string text_of(const core::Step& step, std::size_t bytes_max = 76);

/// Of the whole statement, what varies masked.
std::uint64_t fingerprint_of(const core::Step& step);

}  // namespace gauntlet::explore
