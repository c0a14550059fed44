// Studies as one page: contention curves, who left when, and what each replica of a fleet did.
// Nothing in it comes from elsewhere: no script, no font, no network. Pure.
#pragma once

#include "harness/bench/study.h"

#include <string>
#include <vector>

namespace gauntlet::bench {

std::string html_of(const std::vector<Study>& studies);

}  // namespace gauntlet::bench
