// Reports that the golden tests print, made by hand: one of each kind. For tests.
#pragma once

#include "harness/core/report.h"

namespace gauntlet::report {

core::Report all_hold();  ///< with a warning, notes and a rehearsal's files
core::Report
much_is_wrong();  ///< violated, unknown and not applicable; places, long and multi-line messages
core::Report a_scenario_fails();  ///< with its story, and one that holds
core::Report any_bytes();         ///< messages of bytes that no terminal and no XML takes
core::Report nothing_ran();

}  // namespace gauntlet::report
