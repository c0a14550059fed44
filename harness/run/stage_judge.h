// Judges one stage: asks its oracles, says which it skips and why, asks the standing oracles, and
// withdraws what the environment explains. Pure, so safe on any thread.
#pragma once

#include "harness/core/report.h"
#include "harness/oracle/guilt.h"
#include "harness/oracle/oracle.h"
#include "harness/run/serial.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

#include <string>
#include <vector>

namespace gauntlet::run {

struct StageJudgement {
  core::Judgement judgement = {};
  std::vector<core::SkippedOracle> skipped = {};
  std::vector<std::string> notes = {};
};

/// What is judged.
struct StageToJudge {
  const scenario::Stage& stage;
  const oracle::Observation& seen;
  const StageSeen& run;
  /// A program is the subject. What it need not show, as an advisory lock, may be skipped.
  bool is_program = false;
  /// A program's, in no order that is searched or replayed: there a flaw that every order shows
  /// would hide the one that the order shows.
  bool is_free_run = false;
  bool has_tracker_query = false;  ///< the subject names the query that reads its tracker
  std::vector<std::string_view> claims = {};  ///< of the scenario
  /// What the program showed alone; null where it was not run alone: then a skip is decided by what
  /// it shows in this one run.
  const ShownAlone* alone = nullptr;
  bool faults_may_stay_away = false;  ///< a sweep ends where its fault finds no step
  oracle::World world = {};
};

StageJudgement judge_stage(const StageToJudge& what);

}  // namespace gauntlet::run
