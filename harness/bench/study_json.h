// A study as a file, in the JSON format of Google Benchmark, so that its own tools read it: one
// `iteration` a row, figures as counters, and what they were made from beside them. Pure.
#pragma once

#include "harness/bench/study.h"

#include <string>
#include <string_view>

namespace gauntlet::bench {

std::string json_of(const Study& study);

/// Only what json_of() wrote. Throws: Error `bad-study` with what was wrong.
Study study_of(std::string_view json);

}  // namespace gauntlet::bench
