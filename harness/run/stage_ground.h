// What a stage finds in its database before its replicas start. Opens sessions of its own.
#pragma once

#include "harness/arena/arena.h"
#include "harness/scenario/scenario.h"

namespace gauntlet::run {

/// What somebody else does in the database before the stage. Throws: StatementError.
void prepare(const scenario::Stage& stage, const arena::Address& database);

/// Gives each of two databases, in which nobody is, the name of the other.
/// Throws: StatementError.
void swap_names(const arena::Database& one, const arena::Database& other);

}  // namespace gauntlet::run
