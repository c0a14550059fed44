#include "harness/run/run.h"

#include "harness/arena/fleet_conditions.h"
#include "harness/oracle/endings.h"
#include "harness/oracle/oracle.h"
#include "harness/run/asked.h"
#include "harness/run/folder.h"
#include "harness/run/process_stage.h"
#include "harness/run/program_stage.h"
#include "harness/run/stage_judge.h"
#include "harness/run/stage_observer.h"
#include "harness/run/stage_run.h"
#include "harness/run/story.h"
#include "runner/source/source.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Scenario;
using scenario::Stage;

/// A user's files are what the program is there to apply. Files that Gauntlet made it can only
/// read if they are in its layout, which nobody named, or by the general word `plain`.
core::Judgement judge_nothing_applied(const Scenario& scenario, const Program& program,
                                      const std::string& what) {
  const bool names_its_layout =
      program.project && (!program.project->prepare.empty() || program.project->format != "plain");
  if (!scenario.has_users_files && !names_its_layout) {
    const std::string format = program.project ? program.project->format : std::string("gauntlet");
    return core::unknown(fmt::format(
        "fixture-not-read: {} (format {}); name the format that it reads with --format, or "
        "`prepare` in a subject file",
        what, format));
  }
  return core::judged({{.id = "not-applied",
                        .message = what,
                        .fix = "look at what the runner prints when it is started by hand, and "
                               "where it looks for its files"}});
}

/// More steps than a swept stage takes.
constexpr std::size_t swept_steps_max = 200;

class Verification {
 public:
  Verification(const Scenario& scenario, const mutant::Mutant* mutant, const Serial& serial,
               arena::Arena& arena, const Options& options)
      : scenario_(scenario),
        mutant_(mutant),
        serial_(serial),
        arena_(arena),
        options_(options),
        folders_(folders_of(scenario)),
        truth_(serial.truth) {
    if (options.program && !truth_)
      truth_ = std::make_shared<StageTruth>(scenario, arena, patience());
  }

  Run run() {
    core::Result& result = run_.result;
    result.id = scenario_.id;
    result.claim = scenario_.claim;
    result.why = scenario_.why;
    result.subject = subject_name();
    const auto start = std::chrono::steady_clock::now();
    try {
      if (serial_.failed_alone && mutant_ == nullptr) {
        tell_failure_alone({*serial_.failed_alone});
      } else if (!serial_.not_as_files.empty()) {
        tell_failure_alone(serial_.not_as_files);
      } else if (!serial_.failure.empty()) {
        result.judgement = core::unknown(serial_.failure);
      } else if (!serial_.applied_nothing.empty()) {
        result.judgement =
            judge_nothing_applied(scenario_, *options_.program, serial_.applied_nothing);
      } else {
        for (const std::string& text : serial_.truth_notes) note(text);
        if (scenario_.sweep.empty()) race({});
        for (const core::Ruling::What what : scenario_.sweep) sweep(what);
      }
    } catch (const runner::Error& error) {
      core::merge(result.judgement, core::unknown(error.what()));
    }
    result.judgement = core::settled(std::move(result.judgement));
    result.seconds = std::chrono::steady_clock::now() - start;
    return std::move(run_);
  }

 private:
  bool is_violated() const { return run_.result.judgement.verdict == core::Verdict::violated; }

  void tell_failure_alone(std::vector<core::Finding> findings) {
    const Stage& stage = scenario_.stages[serial_.failed_stage];
    run_.result.judgement = core::judged(std::move(findings));
    if (serial_.failed_history.replicas > 0)
      run_.result.story = story_of(serial_.failed_history, stage.name,
                                   bodies_of(folders_[serial_.failed_stage].listing, stage));
  }

  // At each step in turn, until a run ends before its step comes.
  void sweep(core::Ruling::What what) {
    for (std::size_t step = 0; step < swept_steps_max && !is_violated(); ++step) {
      const fault::Fault fault{.replica = 0, .skip = step, .ruling = {.what = what}};
      const bool fired = race({fault});
      if (is_violated()) note("the fault was: " + fault.text());
      if (!fired) return;
    }
    if (is_violated()) return;
    core::merge(run_.result.judgement, core::unknown("the sweep came to no end"));
  }

  // True if all of `faults` fired, which are added to those of the first stage.
  bool race(const std::vector<fault::Fault>& faults) {
    const auto database = arena_.fresh("scenario");
    learn_lock(*database);
    StageObserver observer({.scenario = scenario_,
                            .folders = folders_,
                            .serial = serial_,
                            .program = options_.program ? &*options_.program : nullptr,
                            .patience = patience()});
    bool all_fired = true;
    for (std::size_t index = 0; index < scenario_.stages.size(); ++index) {
      Stage stage = options_.program
                        ? asked_of_program(scenario_, scenario_.stages[index], *options_.program)
                        : scenario_.stages[index];
      if (index == 0) stage.faults.insert(stage.faults.end(), faults.begin(), faults.end());
      // What stands for golang-migrate holds the lock of golang-migrate, and of nobody else.
      if (stage.bystander && !serial_.writes_schema_migrations)
        stage.bystander->is_predecessor = false;
      if (const auto calls = serial_.down_calls.find(index); calls != serial_.down_calls.end())
        stage.call.amount = calls->second;
      if (stage.foreign_lock && has_no_lock()) {
        note("nobody held a lock meanwhile: the program takes none");
        stage.foreign_lock.reset();
      }
      if (options_.window && stage.foreign_lock) stage.foreign_lock->window = *options_.window;
      const StageSeen run = race_stage(index, stage, *database, observer);
      if (index == 0) all_fired = run.unfired == 0;
      if (is_violated()) break;
    }
    if (options_.keep && run_.result.judgement.verdict != core::Verdict::holds)
      note("kept: " + database->keep());
    return all_fired;
  }

  /// The lock that a program takes in this very database: some make its key from the database's
  /// name. Where that is so, the program runs alone in it first, and another one gets its name.
  /// A program that is told its key has no other.
  void learn_lock(const arena::Database& database) {
    if (!options_.program || options_.program->told == Program::Told::key_and_table) return;
    lock_ = serial_.lock().value_or(std::string());
    if (!lock_.empty() || serial_.took_none() || !wants_lock(scenario_, *options_.program)) return;
    const auto other = arena_.fresh("scenario");
    // On a server of its own each database has the same name: it is not what the lock differs by.
    if (database.address().database() != other->address().database()) {
      Serial here;
      run_program_through(scenario_, *options_.program, database, {.patience = patience()}, here);
      lock_ = here.lock().value_or(std::string());
      swap_names(database, *other);
    }
    if (!lock_.empty()) return;
    throw runner::Error("lock-unknown",
                        fmt::format("{} takes another advisory lock in each run, so that nobody "
                                    "else can hold the one it will take",
                                    options_.program->subject.name));
  }

  bool has_no_lock() const {
    return options_.program && options_.program->told == Program::Told::nothing && lock_.empty() &&
           !serial_.own_lock;
  }

  /// A sweep says the same again and again.
  void note(std::string text) {
    std::vector<std::string>& notes = run_.result.notes;
    if (std::ranges::find(notes, text) == notes.end()) notes.push_back(std::move(text));
  }

  std::string subject_name() const {
    if (mutant_ != nullptr) return std::string(mutant_->name);
    return options_.program ? options_.program->subject.name : "gauntlet-migrate";
  }

  StageSeen race_stage(std::size_t index, const Stage& stage, const arena::Database& throwaway,
                       StageObserver& observer) {
    const arena::Address& database = throwaway.address();
    prepare(stage, database);
    const arena::FleetConditions conditions(throwaway, needs_of(stage));
    if (conditions.misfit()) throw runner::Error("no-room", *conditions.misfit());
    oracle::Observation seen = observer.before(stage, database);
    StageSeen run = put_through(stage, folders_[index], throwaway);
    if (learns_from_race(stage)) truth_->watch(index, run.history);
    const bool is_held_to_files = truth_ && truth_->can_judge(index);
    observer.after(seen, index, stage, run, database,
                   is_held_to_files ? StageObserver::Depth::whole : StageObserver::Depth::asked);
    if (truth_)
      seen.own_tables =
          truth_->made_beside(index, seen.applied ? seen.applied->tracker : std::string());
    judge(index, stage, run, seen, world_of(index, seen.history, conditions));
    if (is_held_to_files) hold_to_files(index, stage, seen);
    run_.history = std::move(seen.history);
    return run;
  }

  /// A claim about one replica has no run of the program alone before it.
  bool learns_from_race(const Stage& stage) const {
    return truth_ && !serial_.truth && stage.replicas == 1 && stage.beside.empty();
  }

  /// What the race left beside what the files leave. Only a difference is told: the scenario's own
  /// oracles say what holds.
  void hold_to_files(std::size_t index, const Stage& stage, const oracle::Observation& seen) {
    if (is_violated() || oracle::successful_replicas(seen.history, seen.success_codes).empty())
      return;
    const std::string tracker =
        seen.applied && !seen.applied->tool.empty() ? seen.applied->tracker : std::string();
    truth::Answer answer = truth_->judge(index, *seen.after, tracker);
    if (answer.judgement.verdict == core::Verdict::unknown)
      return tell_truth_unknown(stage, answer.judgement.reason);
    if (answer.judgement.verdict != core::Verdict::violated) return;
    for (core::Finding& finding : answer.judgement.findings)
      finding.message = fmt::format("in `{}`: {}", stage.name, finding.message);
    core::merge(run_.result.judgement, answer.judgement);
    run_.result.story =
        story_of(seen.history, stage.name, bodies_of(folders_[index].listing, stage));
  }

  /// Where each body leaves a row in the journal, another witness says what was applied.
  void tell_truth_unknown(const Stage& stage, const std::string& reason) {
    const bool has_witness = asks_any(stage, {"applied-once"});
    skip({.id = "equals-files",
          .stage = std::string(stage.name),
          .reason = reason,
          .verdict = has_witness ? core::Verdict::not_applicable : core::Verdict::unknown});
    if (!has_witness) core::merge(run_.result.judgement, core::unknown(reason));
  }

  StageSeen put_through(const Stage& stage, const Folder& folder,
                        const arena::Database& database) const {
    const StageOptions how{.patience = patience(),
                           .seed = options_.seed,
                           .lock_key = arena::unique_lock_key(),
                           .no_transaction = options_.no_transaction,
                           .tracker = serial_.tracker.read_table()};
    if (options_.program) {
      const bool told = options_.program->told == Program::Told::key_and_table;
      const LockToHold lock{.advisory = told ? std::to_string(how.lock_key) : lock_,
                            .other = serial_.own_lock ? &*serial_.own_lock : nullptr};
      if (stage.first_is)
        return run_harmed_program(stage, folder, *options_.program, database, how);
      return run_program_stage(stage, folder, *options_.program, database, how, lock);
    }
    if (stage.as == scenario::As::processes)
      return run_process_stage(stage, folder.listing, mutant_, database, how);
    return run_stage(stage, folder.listing, mutant_, database.address(), how);
  }

  std::chrono::milliseconds patience() const {
    return options_.patience.value_or(scenario_.patience);
  }

  void judge(std::size_t index, const Stage& stage, const StageSeen& run,
             const oracle::Observation& seen, oracle::World world) {
    StageJudgement judged = judge_stage(
        {.stage = stage,
         .seen = seen,
         .run = run,
         .is_program = options_.program.has_value(),
         .is_free_run = options_.program.has_value(),
         .has_tracker_query = options_.program && !options_.program->applied_query.empty(),
         .claims = scenario_.claims,
         .alone = shown_alone(index),
         .faults_may_stay_away = !scenario_.sweep.empty(),
         .world = std::move(world)});
    for (std::string& text : judged.notes) note(std::move(text));
    for (core::SkippedOracle& skipped : judged.skipped) skip(std::move(skipped));
    const core::Judgement& whole = judged.judgement;
    core::merge(run_.result.judgement, whole);
    const bool is_worth_telling =
        whole.verdict == core::Verdict::violated ||
        (whole.verdict == core::Verdict::unknown && run_.result.story.lines.empty());
    if (is_worth_telling)
      run_.result.story =
          story_of(seen.history, stage.name, bodies_of(folders_[index].listing, stage));
  }

  /// Null where the program was not run alone: the claim is about one replica, or none is there.
  const ShownAlone* shown_alone(std::size_t index) const {
    return index < serial_.shown.size() ? &serial_.shown[index] : nullptr;
  }

  arena::FleetNeeds needs_of(const Stage& stage) const {
    const bool are_processes = options_.program || stage.as == scenario::As::processes;
    return {.replicas = stage.replicas,
            .replica = are_processes ? arena::FleetNeeds::Replica::process
                                     : arena::FleetNeeds::Replica::thread,
            .serves_itself = arena::servers_share_our_account(arena_)};
  }

  oracle::World world_of(std::size_t index, const core::History& history,
                         const arena::FleetConditions& conditions) const {
    oracle::World world{.replicas = history.replicas,
                        .sessions_allowed = conditions.sessions_allowed(),
                        .server_was_lost = conditions.server_was_lost(),
                        .server_log = conditions.server_log()};
    if (const ShownAlone* alone = shown_alone(index)) world.sessions_of_one = alone->sessions;
    return world;
  }

  /// A sweep says the same again and again.
  void skip(core::SkippedOracle skipped) {
    std::vector<core::SkippedOracle>& all = run_.result.skipped;
    const bool is_known = std::ranges::any_of(all, [&](const core::SkippedOracle& each) {
      return each.id == skipped.id && each.stage == skipped.stage;
    });
    if (!is_known) all.push_back(std::move(skipped));
  }

  const Scenario& scenario_;
  const mutant::Mutant* mutant_;
  const Serial& serial_;
  arena::Arena& arena_;
  const Options& options_;
  const std::vector<Folder> folders_;
  std::shared_ptr<StageTruth> truth_;  // null where no program is the subject
  std::string lock_;                   // of a program, as arguments of pg_advisory_lock
  Run run_;
};

/// A reason that begins with `it` begins with the program's name.
std::string spoken_of(const Program& program, std::string why) {
  if (!why.starts_with("it ")) return why;
  return program.subject.name + why.substr(2);
}

Run not_asked(const Scenario& scenario, const Program& program, std::string why) {
  return {.result = {.id = std::string(scenario.id),
                     .subject = program.subject.name,
                     .judgement = core::not_applicable(spoken_of(program, std::move(why)))},
          .history = {}};
}

bool has_others_beside(const Scenario& scenario) {
  return std::ranges::any_of(scenario.stages, [](const Stage& stage) {
    return std::ranges::any_of(stage.beside, &scenario::Beside::is_another);
  });
}

}  // namespace

core::Result verify(const Scenario& scenario, const mutant::Mutant* mutant, arena::Arena& arena,
                    const Options& options) {
  return Verifier(arena, options).run(scenario, mutant, options.seed).result;
}

Run Verifier::run(const Scenario& told, const mutant::Mutant* mutant, std::uint64_t seed) {
  const Program* program = options_.program ? &*options_.program : nullptr;
  const Scenario scenario = program == nullptr ? told : asked_of_program(told, *program);
  if (program != nullptr) {
    if (std::string why = objection(scenario, *program); !why.empty())
      return not_asked(scenario, *program, std::move(why));
  }
  if (program == nullptr && has_others_beside(scenario))
    return {.result = {.id = std::string(scenario.id),
                       .subject = "gauntlet-migrate",
                       .judgement = core::not_applicable(
                           "another program, or another folder, stands beside the subject, which "
                           "is a thread here: name a program with --runner, or --processes")},
            .history = {}};
  arena::Arena& arena = scenario.engine == runner::Engine::sqlite ? *files_ : arena_;
  const bool beside_reference = scenario.about == scenario::About::one_replica;
  auto serial = serial_.find(scenario.id);
  if (serial == serial_.end()) {
    tell(fmt::format("{}: one replica alone", scenario.id));
    serial = serial_
                 .emplace(scenario.id,
                          run_serially(scenario, beside_reference ? nullptr : program, arena,
                                       {.patience = options_.patience.value_or(scenario.patience),
                                        .no_transaction = options_.no_transaction}))
                 .first;
  }
  if (program != nullptr) {
    if (std::string why = objection_once_seen(scenario, *program, serial->second); !why.empty())
      return not_asked(scenario, *program, std::move(why));
  }
  if (program != nullptr && beside_reference) {
    // A claim about one replica has no run of the program alone before it.
    const std::string& nothing = alone_on_plainest(*program).applied_nothing;
    if (!nothing.empty()) {
      Run run = not_asked(scenario, *program, {});
      run.result.judgement = judge_nothing_applied(scenario, *program, nothing);
      return run;
    }
  }
  tell(fmt::format("{}: {} replicas", scenario.id, scenario.stages.back().replicas));
  Options options = options_;
  options.seed = seed;
  Run run = Verification(scenario, mutant, serial->second, arena, options).run();
  core::Judgement& judgement = run.result.judgement;
  const bool may_be_called_wrongly = beside_reference || serial->second.failed_alone;
  if (program != nullptr && may_be_called_wrongly && judgement.verdict == core::Verdict::violated) {
    // Or it is called wrongly, and fails whatever the files are; unless it was seen to send them.
    const Serial& alone = alone_on_plainest(*program);
    if (!alone.failure.empty() && alone.not_as_files.empty() && !alone.sent_files)
      judgement = core::unknown(alone.failure);
  }
  return run;
}

void Verifier::tell(const std::string& doing) const {
  if (options_.progress) options_.progress(doing);
}

}  // namespace gauntlet::run
