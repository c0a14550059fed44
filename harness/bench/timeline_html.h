// What each replica of one recorded run did when, and who of them held the lock: a picture and a
// table for the page of figures. Pure.
#pragma once

#include "harness/bench/study.h"

#include <string>

namespace gauntlet::bench {

/// With its legend, and a sentence and a table about the lock.
std::string timeline_html(const Counted& counted);

}  // namespace gauntlet::bench
