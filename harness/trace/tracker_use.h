// Which table a runner records in: the one that it reads before the first body, and into which it
// writes each migration. Pure.
#pragma once

#include "harness/core/history.h"
#include "harness/sql/statement.h"
#include "harness/trace/trace.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::trace {

using sql::Statement;

/// A step of a history with its statements read.
struct ReadStep {
  const core::StepRecord* record = nullptr;
  std::vector<Statement> statements = {};
  std::vector<std::optional<std::size_t>> bodies = {};  ///< by statement: of which source
};

std::vector<ReadStep> read_steps(const core::History& history, const std::vector<Source>& sources);

TracedTracker tracker_of(const std::vector<ReadStep>& steps, const std::vector<Source>& sources);

/// The sources, by position, whose version or name stands in this statement or in its parameters.
std::vector<std::size_t> named_in(const Statement& statement, const core::Step& step,
                                  const std::vector<Source>& sources);

}  // namespace gauntlet::trace
