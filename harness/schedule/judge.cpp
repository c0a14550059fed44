#include "harness/schedule/judge.h"

#include "harness/formats/format.h"
#include "harness/run/asked.h"
#include "harness/run/call.h"
#include "harness/run/stage_judge.h"
#include "runner/values/table_name.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using core::Verdict;
using scenario::Action;
using scenario::Stage;

std::string quoted(const std::string& name) {
  std::string made = "\"";
  for (const char character : name) made += std::string(character == '"' ? 2 : 1, character);
  return made + "\"";
}

/// Empty where the tracker is one that is recognised.
std::string query_of_tracker(std::string_view table) {
  if (table.empty()) return {};
  const runner::TableName name = runner::parse_table_name(std::string(table), "table");
  const std::string schema = name.schema.empty() ? "" : quoted(name.schema) + ".";
  return fmt::format("SELECT version, name FROM {}{}", schema, quoted(name.table));
}

std::string_view table_of(const Stage& stage) {
  return stage.table.empty() ? stage.call.table : stage.table;
}

/// All go up, by one tracker: then a file is applied once in all.
bool all_apply(const Trial& trial) {
  return std::ranges::all_of(trial.calls, [&](const scenario::Call& call) {
    return call.action == Action::up && call.table == trial.calls.front().table;
  });
}

core::Finding hang(const std::string& state) {
  return {.id = "replicas-hang",
          .message = "no replica can go on: " + state,
          .fix =
              "a replica must not wait in the server for a session that waits for it; wait for "
              "the migration lock outside the server, and do all work on the session that has it"};
}

/// Of the run after a replica was harmed: it succeeds, and all is as after a serial run.
constexpr std::array<std::string_view, 5> oracles_after_harm{
    "all-succeed", "set-equality", "data-equals-serial", "schema-equals-serial", "no-lock-left"};

/// One that was harmed is asked nothing: its end is told as a success.
void take_end_of(core::History& history, std::size_t replica) {
  for (core::Event& event : history.events) {
    const bool ends =
        event.kind == core::Event::Kind::exited || event.kind == core::Event::Kind::killed;
    if (!ends || event.replica != replica) continue;
    event.kind = core::Event::Kind::exited;
    event.exit_code = 0;
  }
}

}  // namespace

void ScheduleJudge::look_before() {
  before_ = observe::look(database_.address(), run::wanted_before(trial_.stage()), tracker_query(),
                          tool());
}

observe::Look ScheduleJudge::look() const {
  observe::Wanted wanted = run::wanted_after(trial_.stage());
  wanted.leftovers = true;
  return observe::look(database_.address(), wanted, tracker_query(), tool());
}

std::string ScheduleJudge::tracker_query() const {
  if (program_ != nullptr && !program_->applied_query.empty()) return program_->applied_query;
  return query_of_tracker(table_of(trial_.stage()));
}

/// Whose tracker is meant where a database holds those of several tools.
std::string_view ScheduleJudge::tool() const {
  if (program_ == nullptr || program_->told == run::Program::Told::key_and_table)
    return "gauntlet-migrate";
  if (!program_->project) return {};
  const formats::Format* format = formats::find_format(program_->project->format);
  return format == nullptr || format->native ? std::string_view() : format->tracker;
}

const run::ShownAlone* ScheduleJudge::shown_alone() const {
  return trial_.index() < serial_.shown.size() ? &serial_.shown[trial_.index()] : nullptr;
}

void ScheduleJudge::add_what_is_of_a_program(oracle::Observation& seen) const {
  const Stage& stage = trial_.stage();
  if (stage.success_codes == Stage().success_codes)
    seen.success_codes = program_->subject.success_codes;
  seen.patience = trial_.scenario.patience;
  for (const runner::Migration& migration : trial_.folders.back().listing.migrations)
    seen.bodies.emplace_back(migration.up.sql());
  if (!seen.applied && run::asks_any(stage, {"set-equality", "disk-is-recorded"}))
    seen.tracker_is_absent = observe::tracker_is_absent(database_.address(), tracker_query());
}

Judged ScheduleJudge::judge(const ScheduleSeen& seen) {
  const std::string screen = database_.screen();
  const auto known = looks_.find(screen);
  if (known != looks_.end()) {
    Judged judged = judge_with(seen, known->second);
    judged.screen = screen;
    if (judged.judgement.verdict == Verdict::holds) return judged;
  }
  observe::Look after = look();
  Judged judged = judge_with(seen, after);
  judged.screen = screen;
  looks_.insert_or_assign(screen, std::move(after));
  return judged;
}

std::map<std::int64_t, std::string> ScheduleJudge::pending() const {
  std::map<std::int64_t, std::string> pending;
  const Stage& stage = trial_.stage();
  if (stage.call.action != Action::up) return pending;
  for (const runner::Migration& migration :
       run::known_to(stage.call, trial_.folders.back().listing).migrations) {
    const auto is_it = [&](const core::AppliedRow& row) {
      return row.version == migration.version.number;
    };
    if (!before_->applied || std::ranges::none_of(before_->applied->rows, is_it))
      pending.emplace(migration.version.number, migration.up.sql());
  }
  return pending;
}

Judged ScheduleJudge::judge_after_harm(const ScheduleSeen& seen, std::size_t harmed,
                                       const ScheduleSeen& rerun) {
  Stage stage = trial_.stage();
  stage.oracles = {"all-succeed"};
  ScheduleSeen others = seen;
  take_end_of(others.history, harmed);
  const observe::Look after = look();
  const Judged judged = judge_with(others, after, stage);
  stage.oracles.assign(oracles_after_harm.begin(), oracles_after_harm.end());
  Judged whole = judge_with(rerun, after, stage);
  core::merge(whole.judgement, judged.judgement);
  return whole;
}

Judged ScheduleJudge::judge_with(const ScheduleSeen& schedule, const observe::Look& after,
                                 const Stage& stage) const {
  const run::Folder& folder = trial_.folders.back();
  const runner::Listing known = run::known_to(stage.call, folder.listing);
  oracle::Observation seen{
      .history = schedule.history, .before = before_->snapshot, .after = after.snapshot};
  const run::ShownAlone* alone = shown_alone();
  if (alone == nullptr || !alone->is_no_yardstick) seen.serial = serial_.stages.at(trial_.index());
  for (const runner::Migration& migration : known.migrations)
    seen.on_disk.push_back({.version = migration.version.number, .name = migration.name});
  seen.applied = after.applied;
  seen.applied_missing = after.applied_missing;
  seen.journal = after.journal;
  seen.journal_before = before_->journal ? before_->journal->size() : 0;
  seen.pending = pending();
  seen.appliers = stage.replicas;
  seen.files = run::migration_files(known);
  seen.all_apply = all_apply(trial_);
  seen.expected_error = stage.expected_error;
  if (!stage.expected_warning.empty()) seen.expected_warning = stage.expected_warning;
  seen.success_codes = stage.success_codes;
  for (const scenario::HookSql& hook : stage.hooks) seen.hooks.emplace_back(hook.sql);
  if (program_ != nullptr) add_what_is_of_a_program(seen);
  oracle::World world{.replicas = trial_.calls.size()};
  if (alone != nullptr) world.sessions_of_one = alone->sessions;
  run::StageSeen run{.history = {}, .gathered = trial_.calls.size(), .wanted = trial_.calls.size()};
  run::StageJudgement judged = run::judge_stage(
      {.stage = stage,
       .seen = seen,
       .run = run,
       .is_program = program_ != nullptr,
       .has_tracker_query = program_ != nullptr && !program_->applied_query.empty(),
       .claims = trial_.scenario.claims,
       .alone = alone,
       .world = world});
  if (schedule.hung) {
    core::merge(judged.judgement, core::judged({hang(schedule.undecided)}));
  } else if (!schedule.undecided.empty()) {
    core::merge(judged.judgement, core::unknown(schedule.undecided));
  }
  return {.judgement = std::move(judged.judgement),
          .skipped = std::move(judged.skipped),
          .notes = std::move(judged.notes)};
}

}  // namespace gauntlet::schedule
