// What one step of a history did, as far as its text and its reply tell. Pure, so safe on any
// thread. What a function does inside the server is not seen.
#pragma once

#include "harness/core/history.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::oracle {

/// What was sent: the ruling's text where it rewrote the step.
std::string_view sent(const core::StepRecord& record);

/// The first statement that changed something, by its command tag; nullopt if none did, or if no
/// reply was seen. What touches no row, and `CREATE … IF NOT EXISTS`, changed nothing for all that
/// is known.
std::optional<std::string> first_write(const core::StepRecord& record);
/// All of them, in order.
std::vector<std::string> writes_of(const core::StepRecord& record);

/// Whether the step waits inside the server, or for a notification, as long as others please.
bool waits(const core::StepRecord& record);

/// `12.3 ms`, since the history began.
std::string moment_of(const core::Event& event);

/// `session 1 of replica 3 (server process 4711)`.
std::string name_of(const core::History& history, core::SessionId session);

/// Of `opened`; nullopt if that was not seen.
std::optional<int> backend_of(const core::History& history, core::SessionId session);

/// The positions in `events` of each step's let_go, by step; nullopt where it was not seen.
std::vector<std::optional<std::size_t>> let_go_positions(const core::History& history);

}  // namespace gauntlet::oracle
