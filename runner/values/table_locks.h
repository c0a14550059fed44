// Who is in a statement's way. Belongs to the session's thread.
#pragma once

#include "runner/values/session.h"

#include <string>
#include <string_view>

namespace gauntlet::runner {

/// The sessions that hold locks on tables that `sql` names, in words; empty if there are none, or
/// if that cannot be asked within 2 s. Call without a transaction.
std::string holders_of_tables(Session& session, std::string_view sql);

}  // namespace gauntlet::runner
