// Golden files: what a report looked like when somebody last read it. For tests.
#pragma once

#include <string>

namespace gauntlet::report {

/// The text of golden/`name`. With GAUNTLET_GOLDEN=renew, `now` is written there first.
std::string golden(const std::string& name, const std::string& now);

}  // namespace gauntlet::report
