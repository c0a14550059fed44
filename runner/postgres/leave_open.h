// How a program that is done leaves its server. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <memory>

namespace gauntlet::runner {

/// Leaves it to the end of the process to close the connection, for who ends now and holds nothing
/// that anybody waits for.
///
/// Told good-bye, the server's process would start to end while this one still has to, and the two
/// would share the processors: where many replicas leave at once, that costs the last of them as
/// much again. One that is encrypted is closed at once, as the server would log its end as an
/// error; so is a file.
void leave_open(std::unique_ptr<Session> session);

}  // namespace gauntlet::runner
