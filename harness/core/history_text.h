// A History as lines for a person to follow. Pure, so safe on any thread.
#pragma once

#include "harness/core/history.h"

#include <string>

namespace gauntlet::core {

/// A line an event, in order, with the time since the first and a step's SQL on one line:
/// `  12.3 ms  replica 3  asks   BEGIN; CREATE TABLE …`.
std::string printed(const History& history);

}  // namespace gauntlet::core
