// What may be printed of a connection string. Pure. Any thread may call.
#pragma once

#include <string>

namespace gauntlet::runner {

/// `conninfo` with its password replaced by `***`, fit for any output.
std::string mask_password(const std::string& conninfo);

}  // namespace gauntlet::runner
