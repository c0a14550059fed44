// What the wire saw of each file: how often its statements were committed, and which was refused.
// Pure.
#pragma once

#include "harness/core/history.h"
#include "harness/truth/framing.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace gauntlet::crash {

/// By file: the most often that one and the same statement of it was executed without its
/// transaction having been seen to fail or to be rolled back, over all of these runs. A lost reply
/// counts as executed: the database decides.
std::vector<std::size_t> times_committed(const std::vector<const core::History*>& runs,
                                         const std::vector<truth::File>& files);

/// The file of the first statement that the server refused; absent if it refused none of a file's.
std::optional<std::size_t> refused_file(const core::History& run,
                                        const std::vector<truth::File>& files);

}  // namespace gauntlet::crash
