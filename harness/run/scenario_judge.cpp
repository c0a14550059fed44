#include "harness/run/scenario_judge.h"

#include "harness/oracle/endings.h"
#include "harness/run/asked.h"
#include "harness/run/body.h"
#include "harness/run/story.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Stage;

bool has_other_values(const core::Judgement& judgement) {
  return std::ranges::any_of(judgement.findings, [](const core::Finding& finding) {
    return finding.id == "data-differs";
  });
}

}  // namespace

void ScenarioJudge::note(std::string text) {
  std::vector<std::string>& notes = result_.notes;
  if (std::ranges::find(notes, text) == notes.end()) notes.push_back(std::move(text));
}

void ScenarioJudge::skip(core::SkippedOracle skipped) {
  std::vector<core::SkippedOracle>& all = result_.skipped;
  const bool is_known = std::ranges::any_of(all, [&](const core::SkippedOracle& each) {
    return each.id == skipped.id && each.stage == skipped.stage;
  });
  if (!is_known) all.push_back(std::move(skipped));
}

void ScenarioJudge::tell_story(const core::History& history, std::size_t index,
                               const Stage& stage) {
  result_.story = story_of(history, stage.name, bodies_of(judged_.folders[index].listing, stage));
}

void ScenarioJudge::tell_failure_alone(std::vector<core::Finding> findings) {
  const Serial& serial = judged_.serial;
  result_.judgement = core::judged(std::move(findings));
  if (serial.failed_history.replicas > 0)
    tell_story(serial.failed_history, serial.failed_stage,
               judged_.scenario.stages[serial.failed_stage]);
}

bool ScenarioJudge::is_held_to_files(std::size_t index) const {
  return judged_.truth != nullptr && judged_.truth->can_judge(index);
}

void ScenarioJudge::judge(std::size_t index, const Stage& stage, const StageSeen& run,
                          oracle::Observation& seen, const oracle::World& world) {
  StageJudgement judgement = ask_oracles(index, stage, run, seen, world);
  if (is_held_to_files(index) && has_other_values(judgement.judgement) && !seen.serial.empty()) {
    // What a second try of a file leaves otherwise is no difference from the serial runs.
    if (auto another = judged_.truth->calibrated(index, seen.serial.front())) {
      seen.serial.push_back(std::move(*another));
      judgement = ask_oracles(index, stage, run, seen, world);
    }
  }
  take(std::move(judgement), index, stage, seen);
  if (is_held_to_files(index)) hold_to_files(index, stage, seen);
}

StageJudgement ScenarioJudge::ask_oracles(std::size_t index, const Stage& stage,
                                          const StageSeen& run, const oracle::Observation& seen,
                                          const oracle::World& world) const {
  const Program* program = judged_.program;
  return judge_stage({.stage = stage,
                      .seen = seen,
                      .run = run,
                      .is_program = program != nullptr,
                      .is_free_run = program != nullptr,
                      .has_tracker_query = program != nullptr && !program->applied_query.empty(),
                      .claims = judged_.scenario.claims,
                      .alone = shown_alone(index),
                      .faults_may_stay_away = !judged_.scenario.sweep.empty(),
                      .world = world});
}

void ScenarioJudge::take(StageJudgement judgement, std::size_t index, const Stage& stage,
                         const oracle::Observation& seen) {
  for (std::string& text : judgement.notes) note(std::move(text));
  for (core::SkippedOracle& skipped : judgement.skipped) skip(std::move(skipped));
  const core::Judgement& whole = judgement.judgement;
  core::merge(result_.judgement, whole);
  const bool is_worth_telling =
      whole.verdict == core::Verdict::violated ||
      (whole.verdict == core::Verdict::unknown && result_.story.lines.empty());
  if (is_worth_telling) tell_story(seen.history, index, stage);
}

/// Only a difference is told: the scenario's own oracles say what holds.
void ScenarioJudge::hold_to_files(std::size_t index, const Stage& stage,
                                  const oracle::Observation& seen) {
  if (is_violated() || oracle::successful_replicas(seen.history, seen.success_codes).empty())
    return;
  const std::string tracker =
      seen.applied && !seen.applied->tool.empty() ? seen.applied->tracker : std::string();
  truth::Answer answer = judged_.truth->judge(index, *seen.after, tracker);
  if (answer.judgement.verdict == core::Verdict::unknown)
    return tell_truth_unknown(stage, answer.judgement.reason);
  if (answer.judgement.verdict != core::Verdict::violated) return;
  for (core::Finding& finding : answer.judgement.findings)
    finding.message = fmt::format("in `{}`: {}", stage.name, finding.message);
  core::merge(result_.judgement, answer.judgement);
  tell_story(seen.history, index, stage);
}

/// Where each body leaves a row in the journal, another witness says what was applied.
void ScenarioJudge::tell_truth_unknown(const Stage& stage, const std::string& reason) {
  const bool has_witness = asks_any(stage, {"applied-once"});
  skip({.id = "equals-files",
        .stage = std::string(stage.name),
        .reason = reason,
        .verdict = has_witness ? core::Verdict::not_applicable : core::Verdict::unknown});
  if (!has_witness) core::merge(result_.judgement, core::unknown(reason));
}

const ShownAlone* ScenarioJudge::shown_alone(std::size_t index) const {
  const std::vector<ShownAlone>& shown = judged_.serial.shown;
  return index < shown.size() ? &shown[index] : nullptr;
}

}  // namespace gauntlet::run
