#include "harness/run/scenario_run.h"

#include "harness/arena/fleet_conditions.h"
#include "harness/run/asked.h"
#include "harness/run/folder.h"
#include "harness/run/nothing_applied.h"
#include "harness/run/process_stage.h"
#include "harness/run/program_stage.h"
#include "harness/run/scenario_judge.h"
#include "harness/run/stage_ground.h"
#include "harness/run/stage_observer.h"
#include "harness/run/stage_run.h"
#include "runner/values/error.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Scenario;
using scenario::Stage;

/// More steps than a swept stage takes.
constexpr std::size_t swept_steps_max = 200;

class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, const mutant::Mutant* mutant, const Serial& serial,
              arena::Arena& arena, const Options& options)
      : scenario_(scenario),
        mutant_(mutant),
        serial_(serial),
        arena_(arena),
        options_(options),
        folders_(folders_of(scenario)),
        truth_(options.program && !serial.truth
                   ? std::make_shared<StageTruth>(scenario, arena, patience())
                   : serial.truth),
        judge_({.scenario = scenario,
                .folders = folders_,
                .serial = serial,
                .program = program(),
                .truth = truth_.get()}) {}

  Run run() {
    core::Result& result = judge_.result();
    result.id = scenario_.id;
    result.claim = scenario_.claim;
    result.why = scenario_.why;
    result.subject = subject_name();
    const auto start = std::chrono::steady_clock::now();
    try {
      if (serial_.failed_alone && mutant_ == nullptr) {
        judge_.tell_failure_alone({*serial_.failed_alone});
      } else if (!serial_.not_as_files.empty()) {
        judge_.tell_failure_alone(serial_.not_as_files);
      } else if (!serial_.failure.empty()) {
        result.judgement = core::unknown(serial_.failure);
      } else if (!serial_.applied_nothing.empty()) {
        result.judgement = nothing_applied(scenario_, *options_.program, serial_.applied_nothing);
      } else {
        for (const std::string& text : serial_.truth_notes) judge_.note(text);
        if (scenario_.sweep.empty()) race({});
        for (const core::Ruling::What what : scenario_.sweep) sweep(what);
      }
    } catch (const runner::Error& error) {
      core::merge(result.judgement, core::unknown(error.what()));
    }
    result.judgement = core::settled(std::move(result.judgement));
    result.seconds = std::chrono::steady_clock::now() - start;
    return {.result = std::move(result), .history = std::move(history_)};
  }

 private:
  const Program* program() const { return options_.program ? &*options_.program : nullptr; }

  // At each step in turn, until a run ends before its step comes.
  void sweep(core::Ruling::What what) {
    for (std::size_t step = 0; step < swept_steps_max && !judge_.is_violated(); ++step) {
      const fault::Fault fault{.replica = 0, .skip = step, .ruling = {.what = what}};
      const bool fired = race({fault});
      if (judge_.is_violated()) judge_.note("the fault was: " + fault.text());
      if (!fired) return;
    }
    if (judge_.is_violated()) return;
    core::merge(judge_.result().judgement, core::unknown("the sweep came to no end"));
  }

  // True if all of `faults` fired, which are added to those of the first stage.
  bool race(const std::vector<fault::Fault>& faults) {
    const auto database = arena_.fresh("scenario");
    learn_lock(*database);
    StageObserver observer({.scenario = scenario_,
                            .folders = folders_,
                            .serial = serial_,
                            .program = program(),
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
        judge_.note("nobody held a lock meanwhile: the program takes none");
        stage.foreign_lock.reset();
      }
      if (options_.window && stage.foreign_lock) stage.foreign_lock->window = *options_.window;
      const StageSeen run = race_stage(index, stage, *database, observer);
      if (index == 0) all_fired = run.unfired == 0;
      if (judge_.is_violated()) break;
    }
    if (options_.keep && judge_.result().judgement.verdict != core::Verdict::holds)
      judge_.note("kept: " + database->keep());
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
    observer.after(
        seen, index, stage, run, database,
        judge_.is_held_to_files(index) ? StageObserver::Depth::whole : StageObserver::Depth::asked);
    if (truth_)
      seen.own_tables =
          truth_->made_beside(index, seen.applied ? seen.applied->tracker : std::string());
    judge_.judge(index, stage, run, seen, world_of(index, seen.history, conditions));
    history_ = std::move(seen.history);
    return run;
  }

  /// A claim about one replica has no run of the program alone before it.
  bool learns_from_race(const Stage& stage) const {
    return truth_ && !serial_.truth && stage.replicas == 1 && stage.beside.empty();
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
    if (const ShownAlone* alone = judge_.shown_alone(index))
      world.sessions_of_one = alone->sessions;
    return world;
  }

  const Scenario& scenario_;
  const mutant::Mutant* mutant_;
  const Serial& serial_;
  arena::Arena& arena_;
  const Options& options_;
  const std::vector<Folder> folders_;
  const std::shared_ptr<StageTruth> truth_;  ///< null where no program is the subject
  std::string lock_;                         ///< of a program, as arguments of pg_advisory_lock
  ScenarioJudge judge_;
  core::History history_;  ///< of the last stage
};

}  // namespace

Run run_scenario(const Scenario& scenario, const mutant::Mutant* mutant, const Serial& serial,
                 arena::Arena& arena, const Options& options) {
  return ScenarioRun(scenario, mutant, serial, arena, options).run();
}

}  // namespace gauntlet::run
