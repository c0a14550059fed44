#include "harness/run/program.h"

#include "harness/run/asked.h"
#include "harness/run/folder.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/serial.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace gauntlet::run {

namespace {

using scenario::Action;
using scenario::Scenario;
using scenario::Stage;

bool reads_files_of_golang_migrate(const Program& program) {
  return !program.project || program.project->format == "golang-migrate";
}

bool asks_for_status(const Stage& stage) { return stage.call.action == Action::status; }

bool goes_down(const Stage& stage) {
  const auto is_down = [](const scenario::Call& call) { return call.action == Action::down; };
  return is_down(stage.call) ||
         std::ranges::any_of(stage.beside,
                             [&](const scenario::Beside& beside) { return is_down(beside.call); });
}

bool is_any(const Program& program) { return program.told == Program::Told::nothing; }

/// Commands that only the reference runner has.
bool is_repair(Action action) {
  return action == Action::accept || action == Action::resume || action == Action::forget;
}
bool is_inspection(Action action) { return action == Action::check || action == Action::plan; }

/// Somebody else keeps the lock until all have ended, and each must say that it did not get it: how
/// long a program waits is set in the database.
bool waits_without_end(const Stage& stage) {
  return stage.lock_wait && stage.expected_error && stage.foreign_lock &&
         stage.foreign_lock->until == scenario::ForeignLock::Until::all_ended;
}

/// Do two up files lie in the folder at one time that have one number?
bool has_two_of_one_number(const Scenario& scenario) {
  return std::ranges::any_of(folders_of(scenario), [](const Folder& folder) {
    std::set<std::int64_t> versions;
    return std::ranges::any_of(numbered_files(folder), [&](const oracle::MigrationFile& file) {
      return !versions.insert(file.version).second;
    });
  });
}

/// Can each file that resembles a migration be written for the layout?
bool may_have_names_of(const Scenario& scenario, const fleet::SubjectFile& project) {
  return std::ranges::all_of(scenario.stages, [&](const Stage& stage) {
    return stage.resembling.empty() ||
           std::ranges::all_of(stage.files, [&](const scenario::File& file) {
             return takes_odd_file(project, file.name);
           });
  });
}

/// What a program has no command or flag for.
std::string objection_to_calls(const Stage& stage, const Program& program) {
  if (asks_for_status(stage) && program.status.empty())
    return "no command is declared that tells the status: `status` of a subject file";
  if (goes_down(stage) && program.down.empty())
    return "no command is declared that undoes a migration: `down` of a subject file";
  if (is_repair(stage.call.action) || is_inspection(stage.call.action) || stage.direction)
    return "it has no command that a stage of this scenario runs: `" +
           std::string(stage.direction ? "a mistyped direction" : "check") + "`";
  for (const scenario::Beside& beside : stage.beside) {
    const bool is_known = beside.call.action == Action::up || beside.call.action == Action::down;
    if ((!is_known || !beside.call.table.empty()) && !asks_for_status(stage))
      return "it records in one tracker, and its replicas would need two";
  }
  if (!stage.hooks.empty()) return "it has no hooks of ours, which this scenario is about";
  if (stage.lock_wait && !stage.first_of_program_is && stage.way != scenario::Way::pooler &&
      !(is_any(program) && waits_without_end(stage)))
    return "no flag is known that bounds its wait for the lock";
  return {};
}

bool is_harmed_as_a_program(const Stage& stage) {
  return stage.first_of_program_is || !stage.tracker_refused_with.empty() || stage.unlock_is_false;
}

std::string objection(const Scenario& scenario, const Stage& stage, const Program& program) {
  if (std::string why = objection_to_calls(stage, program); !why.empty()) return why;
  const bool is_harmed_by_us =
      !stage.faults.empty() && !stage.faults_fit_any_program && !is_harmed_as_a_program(stage);
  if (is_harmed_by_us || !stage.interrupted_at.empty())
    return "it does not say which of its statements does what, and the harm of this scenario wants "
           "one of them (`gauntlet crash` harms each)";
  if (stage.first_is && !stage.first_of_program_is &&
      stage.first_is->what != scenario::SeenHarm::What::paused)
    return "how long it may wait for a statement of a killed copy is not known";
  if (stage.unlock_is_false && !is_any(program))
    return "each of its copies closes its session, which gives the lock back";
  if (stage.way == scenario::Way::pooler && !is_any(program))
    return "the way through a pooler is asked of its threads";
  if (stage.connections > 0 && scenario.pool == scenario::Pool::needed)
    return "each of its copies is a process with connections of its own";
  if (!is_any(program)) return {};
  const bool in_our_words = stage.expected_error && !asks_any(stage, {"failure-told"}) &&
                            scenario.refusal == Scenario::Refusal::own_words;
  if (stage.resembling.empty() && (in_our_words || !stage.expected_warning.empty()))
    return "whether it must refuse this, and in which words, is its own affair";
  return {};
}

}  // namespace

std::string objection(const scenario::Scenario& scenario, const Program& program) {
  if (scenario.engine == runner::Engine::sqlite) return "no format of its SQLite URL is known";
  if (scenario.subject == scenario::Subject::takes_over && !reads_files_of_golang_migrate(program))
    return "it does not read files of golang-migrate, whose work this scenario goes on with";
  if (scenario.stages.size() < 2 && is_inspection(scenario.stages.front().call.action))
    return "it has no command `check`";
  if (program.project && has_two_of_one_number(scenario) && !takes_odd_files(*program.project))
    return "the files that are written for its layout have one number each";
  if (program.project && !may_have_names_of(scenario, *program.project))
    return "its layout has no file that resembles a migration in this way";
  for (const Stage& stage : scenario.stages) {
    std::string why = objection(scenario, stage, program);
    if (!why.empty()) return why;
  }
  return {};
}

bool wants_lock(const scenario::Scenario& scenario, const Program& program) {
  return std::ranges::any_of(scenario.stages, [&](const Stage& stage) {
    return asked_of_program(scenario, stage, program).foreign_lock.has_value();
  });
}

namespace {

/// Who only looks is asked where nobody holds a lock, too.
bool needs_lock(const Scenario& scenario, const Program& program) {
  return scenario.subject == scenario::Subject::must_lock ||
         std::ranges::any_of(scenario.stages, [&](const Stage& stage) {
           const Stage asked = asked_of_program(scenario, stage, program);
           return asked.foreign_lock.has_value() && !asks_for_status(asked);
         });
}

/// What is harmed must have been seen.
std::string objection_to_harm(const Scenario& scenario, const Serial& alone) {
  const auto any_stage = [&](const auto& has) { return std::ranges::any_of(scenario.stages, has); };
  if (alone.tracker.read_table().empty() &&
      any_stage([](const Stage& stage) { return !stage.tracker_refused_with.empty(); }))
    return "no statement was recognised that reads its tracker, and could be refused";
  if (!alone.gives_lock_back && any_stage([](const Stage& stage) { return stage.unlock_is_false; }))
    return "it gives no advisory lock back by a statement: its session's end does";
  return {};
}

}  // namespace

std::string objection_once_seen(const scenario::Scenario& scenario, const Program& program,
                                const Serial& alone) {
  if (program.told == Program::Told::key_and_table) return {};
  if (alone.refused_with == "25001")
    return "it sends each file inside a transaction: alone the server refused " + alone.refused +
           " there, and no format was named that sends it otherwise";
  const bool is_foreign =
      scenario.subject != scenario::Subject::takes_over &&
      scenario.stages.front().prepare.find("schema_migrations") != std::string_view::npos;
  if (is_foreign && alone.names_schema_migrations)
    return "its own tracker is called schema_migrations, as the foreign table is";
  const bool is_about_names = std::ranges::any_of(
      scenario.stages, [](const Stage& stage) { return stage.expected_error == "renamed"; });
  if (is_about_names && !alone.records_names)
    return "its tracker records no names, so that a renamed file is the same file to it";
  if (!alone.failure.empty()) {
    const bool cannot =
        scenario.subject == scenario::Subject::takes_over && alone.failed_with.has_value();
    return cannot ? "it does not go on where golang-migrate was: " + alone.failure : "";
  }
  // Also where it goes on after that as if nothing had happened.
  if (scenario.subject == scenario::Subject::takes_over && !alone.refused.empty())
    return "it does not go on where golang-migrate was: alone it ran " + alone.refused +
           ", which the server refused";
  if (std::string why = objection_to_harm(scenario, alone); !why.empty()) return why;
  const bool needs_one = needs_lock(scenario, program);
  if (!needs_one || !alone.took_none()) return {};
  if (alone.own_lock && scenario.subject != scenario::Subject::must_lock) return {};
  return alone.own_lock
             ? "it took no advisory lock when it ran alone, but " + alone.own_lock->table +
                   ": that is bound to a transaction, which no session has to keep"
             : "it took no advisory lock, table or lock row when it ran alone: there is "
               "none for somebody else to hold, or for a session to keep";
}

namespace {

/// Its words are its own, and so is whether its tracker keeps a failure.
void ask_in_its_own_words(const Scenario& scenario, Stage& asked) {
  std::erase(asked.oracles, "clear-error");
  std::erase(asked.oracles, "idempotent");
  if (scenario.refusal == Scenario::Refusal::by_any) asked.oracles.emplace_back("refused");
  if (scenario.refusal == Scenario::Refusal::by_any_or_applied) {
    asked.oracles.emplace_back("refused-or-applied");
    asked.expected_error.reset();
  }
}

/// Which lock a runner takes is its own affair: what is left is one stage through the pooler, and
/// those that go straight.
void leave_out_lock_modes(Scenario& asked) {
  bool is_first = true;
  std::erase_if(asked.stages, [&](const Stage& stage) {
    if (stage.way != scenario::Way::pooler) return false;
    return !std::exchange(is_first, false) || stage.lock != Stage().lock;
  });
}

/// Where a program is interrupted in one stage, the others are deploys: only the reference runner's
/// statements are known.
void make_plain_what_is_not_interrupted(Scenario& asked) {
  const auto is_interrupted = [](const Stage& stage) {
    return !stage.interrupted_at.empty() && stage.first_of_program_is;
  };
  if (std::ranges::none_of(asked.stages, is_interrupted)) return;
  for (Stage& stage : asked.stages) {
    if (stage.interrupted_at.empty()) continue;
    stage.interrupted_at = {};
    if (stage.first_of_program_is || !stage.expected_error) continue;
    stage.expected_error.reset();
    stage.oracles = {"all-succeed", "no-lock-left"};
  }
}

}  // namespace

Scenario asked_of_program(const Scenario& scenario, const Program& program) {
  Scenario asked = scenario;
  // What becomes of a program that dies is asked by another command; here its connections end.
  if (!asked.sweep.empty())
    asked.sweep = {core::Ruling::What::lose_before, core::Ruling::What::lose_after};
  if (!is_any(program)) return asked;
  leave_out_lock_modes(asked);
  make_plain_what_is_not_interrupted(asked);
  const auto repair = std::ranges::find_if(
      asked.stages, [](const Stage& stage) { return is_repair(stage.call.action); });
  if (repair != asked.stages.begin()) asked.stages.erase(repair, asked.stages.end());
  // Which version the file before was taken for is the program's own affair.
  const auto resembles = std::ranges::find_if(
      asked.stages, [](const Stage& stage) { return !stage.resembling.empty(); });
  if (resembles != asked.stages.end()) asked.stages.erase(resembles + 1, asked.stages.end());
  const auto applies = std::ranges::count_if(
      asked.stages, [](const Stage& stage) { return !is_inspection(stage.call.action); });
  if (applies > 1)
    std::erase_if(asked.stages, [](const Stage& stage) {
      return is_inspection(stage.call.action) && stage.files.empty();
    });
  return asked;
}

Stage asked_of_program(const scenario::Scenario& scenario, const Stage& stage,
                       const Program& program) {
  Stage asked = stage;
  if (is_any(program)) {
    asked.table = {};
    if (stage.expected_error) ask_in_its_own_words(scenario, asked);
    if (!stage.resembling.empty()) {
      asked.oracles = {"not-passed-over", "no-lock-left"};
      asked.expected_error.reset();
      asked.expected_warning = stage.resembling;
    }
  }
  // A hold makes threads of ours meet at a statement of ours.
  asked.holds.clear();
  if (stage.first_of_program_is) {
    asked.first_is = stage.first_of_program_is;
    asked.lock_wait.reset();
  }
  if (is_harmed_as_a_program(stage)) asked.faults.clear();
  if (stage.way == scenario::Way::pooler) asked.lock_wait.reset();
  if (scenario.about == scenario::About::one_replica) {
    asked.replicas = 1;
    std::erase(asked.oracles, "schema-equals-serial");  // each has a tracker of its own
  }
  if (asks_for_status(stage)) {
    asked.beside.clear();  // check and plan are the reference runner's own
  } else if (stage.foreign_lock && !(is_any(program) && waits_without_end(stage)) &&
             stage.foreign_lock->until == scenario::ForeignLock::Until::all_ended) {
    // Whether it may wait when there is nothing to do is its own affair.
    asked.foreign_lock.reset();
  }
  return asked;
}

}  // namespace gauntlet::run
