// A batch of extended messages cut into parts that a server runs by themselves. Pure.
#pragma once

#include "harness/wire/request.h"

#include <vector>

namespace gauntlet::wire {

/// One part for each Execute, with the messages before it and a Sync of its own; what follows the
/// last Execute is a part, too. All have the batch's id. A portal that is executed twice ends with
/// its first part.
std::vector<Request> parts_of(const Request& batch);

/// The statement that a part executes; null where there is none, or its text is not known.
const Statement* executed_by(const Request& part);

}  // namespace gauntlet::wire
