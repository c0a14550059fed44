// How a replica ended, in the words of a report. Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace gauntlet::oracle {

/// `ended with exit 1`, `was ended by signal 9`.
std::string ending_of(const core::Event& end);

/// What it said last, at most 6 lines and 1000 bytes, without the lines of a call stack, and with
/// the line that tells an error, if there is one; standard output where the other is blank.
std::string last_lines(const core::History& history, std::size_t replica);

/// The replicas that ended by themselves with one of `success_codes`, in ascending order.
std::vector<std::size_t> successful_replicas(const core::History& history,
                                             const std::vector<int>& success_codes);

/// Until `end`, from its release, or from its start where it was never held.
std::chrono::duration<double> running_time(const core::History& history, std::size_t replica,
                                           const core::Event& end);

}  // namespace gauntlet::oracle
