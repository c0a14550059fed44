// A study for people: as tables on a terminal, and as a table of Markdown. Pure.
#pragma once

#include "harness/bench/study.h"

#include <string>

namespace gauntlet::bench {

/// Every row with its ratio to the floor of the same rounds, then how each grows.
std::string text_of(const Study& study);

/// The medians and ratios, small enough for a README, and where they come from.
std::string markdown_of(const Study& study);

/// Server, machine, rounds: one fact a line.
std::string facts_text(const Study& study);

}  // namespace gauntlet::bench
