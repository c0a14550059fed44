// What a trace says in words: whether the program locks, looks and records, and how. Pure.
#pragma once

#include "harness/trace/trace.h"

namespace gauntlet::trace {

/// Of a trace whose runs and tracker are read.
Trace::Answers answers_of(const Trace& trace);

}  // namespace gauntlet::trace
