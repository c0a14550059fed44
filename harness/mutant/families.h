// The mutants by what is flawed in them, one family a file; mutants.cpp joins them, and nobody else
// calls them.
#pragma once

#include "harness/mutant/mutant.h"

#include <initializer_list>
#include <vector>

namespace gauntlet::mutant {

std::vector<Mutant> lock_mutants();       ///< what is locked
std::vector<Mutant> turn_mutants();       ///< when the lock is taken, and what a waiter makes of it
std::vector<Mutant> session_mutants();    ///< whose session has it, and what is left there
std::vector<Mutant> recording_mutants();  ///< what is recorded, and when
std::vector<Mutant> planning_mutants();   ///< what is taken for pending, and what is refused
std::vector<Mutant> predecessor_mutants();  ///< what is taken over from another tool's tracker
std::vector<Mutant> sqlite_mutants();       ///< what only a database file brings out

/// All of them, in this order.
std::vector<Mutant> joined(std::initializer_list<std::vector<Mutant>> families);

}  // namespace gauntlet::mutant
