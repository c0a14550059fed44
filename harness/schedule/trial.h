// What is explored: one stage of a scenario, few replicas, and the oracles that judge. Pure.
#pragma once

#include "harness/run/folder.h"
#include "harness/scenario/scenario.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::schedule {

struct TrialOptions {
  std::size_t replicas = 2;
  std::size_t first_files = 0;  ///< only so many migrations of the explored stage; 0: all
  std::optional<runner::LockMode> lock = {};  ///< absent: the stage's own
  bool faults = false;  ///< a replica may die or lose its connection, once a schedule
};

struct Trial {
  /// Ends with the explored stage, in which the catalogue's pauses are taken out of the files: what
  /// they make likely, a schedule makes certain.
  scenario::Scenario scenario = {};
  std::vector<scenario::Call> calls = {};  ///< by replica
  std::vector<run::Folder> folders = {};   ///< by stage
  bool faults = false;                     ///< as asked for
  /// Why the scenario cannot be explored; empty if it can.
  std::string objection = {};

  std::size_t index() const { return scenario.stages.size() - 1; }
  const scenario::Stage& stage() const { return scenario.stages.back(); }
};

Trial trial_of(const scenario::Scenario& scenario, const TrialOptions& options);

}  // namespace gauntlet::schedule
