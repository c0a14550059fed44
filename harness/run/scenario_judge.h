// What one run of a scenario came to: the stages' judgements, what was skipped, notes and the
// story, gathered in one result. One thread.
#pragma once

#include "harness/core/report.h"
#include "harness/oracle/guilt.h"
#include "harness/oracle/oracle.h"
#include "harness/run/folder.h"
#include "harness/run/serial.h"
#include "harness/run/stage_judge.h"
#include "harness/run/stage_run.h"
#include "harness/run/stage_truth.h"
#include "harness/scenario/scenario.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gauntlet::run {

/// All of it outlives the judge.
struct Judged {
  const scenario::Scenario& scenario;
  const std::vector<Folder>& folders;
  const Serial& serial;
  const Program* program = nullptr;  ///< null: the reference runner, or a mutant of it
  StageTruth* truth = nullptr;       ///< null unless a program is judged
};

class ScenarioJudge {
 public:
  explicit ScenarioJudge(const Judged& judged) : judged_(judged) {}

  core::Result& result() { return result_; }
  bool is_violated() const { return result_.judgement.verdict == core::Verdict::violated; }

  /// Once, however often it is said: a sweep says the same again and again.
  void note(std::string text);

  /// What the program did alone decides.
  void tell_failure_alone(std::vector<core::Finding> findings);

  /// What the stage left is held to what the files leave.
  bool is_held_to_files(std::size_t index) const;

  /// One stage that was run. `seen` gets one more serial run where one is needed.
  void judge(std::size_t index, const scenario::Stage& stage, const StageSeen& run,
             oracle::Observation& seen, const oracle::World& world);

  /// Null where the program was not run alone: the claim is about one replica, or none is there.
  const ShownAlone* shown_alone(std::size_t index) const;

 private:
  StageJudgement ask_oracles(std::size_t index, const scenario::Stage& stage, const StageSeen& run,
                             const oracle::Observation& seen, const oracle::World& world) const;
  void take(StageJudgement judgement, std::size_t index, const scenario::Stage& stage,
            const oracle::Observation& seen);
  void hold_to_files(std::size_t index, const scenario::Stage& stage,
                     const oracle::Observation& seen);
  void tell_truth_unknown(const scenario::Stage& stage, const std::string& reason);
  void tell_story(const core::History& history, std::size_t index, const scenario::Stage& stage);
  void skip(core::SkippedOracle skipped);

  const Judged judged_;
  core::Result result_;
};

}  // namespace gauntlet::run
