#include "harness/run/program.h"

#include "harness/run/asked.h"
#include "harness/run/serial.h"

#include <algorithm>

namespace gauntlet::run {

namespace {

using scenario::Action;
using scenario::Stage;

bool has_marker(const scenario::File& file) {
  return file.sql.find("gauntlet: no-transaction") != std::string::npos;
}

bool reads_files_of_golang_migrate(const Program& program) {
  return !program.project || program.project->format == "golang-migrate";
}

bool asks_for_status(const Stage& stage) { return stage.call.action == Action::status; }

/// What only a replica of ours can be told to do.
std::string objection_to_calls(const Stage& stage, const Program& program) {
  if (asks_for_status(stage) && program.status.empty())
    return "no command is declared that tells the status: `status` of a subject file";
  if ((stage.call.action != Action::up && !asks_for_status(stage)) || stage.direction)
    return "it asks for more than `up`";
  if ((!stage.beside.empty() && !asks_for_status(stage)) || stage.call.knows_up_to > 0)
    return "some of its replicas are called otherwise than the others";
  if (!stage.hooks.empty()) return "it has hooks, which only a program of ours has";
  if (stage.lock_wait) return "it bounds the wait for the lock, which cannot be told to a program";
  return {};
}

std::string objection(const Stage& stage, const Program& program) {
  if (std::string why = objection_to_calls(stage, program); !why.empty()) return why;
  if (!stage.holds.empty() || !stage.faults.empty() || !stage.interrupted_at.empty())
    return "it holds or harms statements of the reference runner";
  if (stage.first_is) return "it harms a process of the reference runner";
  if (stage.way == scenario::Way::pooler) return "its replicas come through a pooler of ours";
  if (stage.connections > 0) return "its replicas share the connections of one process";
  const bool is_any = program.told == Program::Told::nothing;
  if (is_any && !stage.table.empty())
    return "it wants a tracker of its own name, which cannot be told to any program";
  const bool in_our_words = stage.expected_error && !asks_any(stage, {"failure-told"});
  if (is_any && (in_our_words || !stage.expected_warning.empty()))
    return "it is about how the reference runner tells of a failure";
  if (!program.has_marker && std::ranges::any_of(stage.files, has_marker))
    return "it has a file that says `-- gauntlet: no-transaction`, and no format was named that "
           "knows it";
  return {};
}

}  // namespace

std::string objection(const scenario::Scenario& scenario, const Program& program) {
  if (scenario.engine == runner::Engine::sqlite)
    return "it is about a SQLite file, and how one is named is every program's own";
  if (scenario.subject == scenario::Subject::takes_over && !reads_files_of_golang_migrate(program))
    return "it is about going on where golang-migrate was, whose files this program does not read";
  if (!scenario.sweep.empty()) return "it harms every statement of the reference runner in turn";
  for (const Stage& stage : scenario.stages) {
    std::string why = objection(stage, program);
    if (!why.empty()) return why;
  }
  return {};
}

bool wants_lock(const scenario::Scenario& scenario, const Program& program) {
  return std::ranges::any_of(scenario.stages, [&](const Stage& stage) {
    return asked_of_program(scenario, stage, program).foreign_lock.has_value();
  });
}

std::string objection_once_seen(const scenario::Scenario& scenario, const Program& program,
                                const Serial& alone) {
  if (program.told == Program::Told::key_and_table) return {};
  if (!alone.failure.empty()) {
    const bool cannot =
        scenario.subject == scenario::Subject::takes_over && alone.failed_with.has_value();
    return cannot ? "it does not go on where golang-migrate was: " + alone.failure : "";
  }
  // Also where it goes on after that as if nothing had happened.
  if (scenario.subject == scenario::Subject::takes_over && !alone.refused.empty())
    return "it does not go on where golang-migrate was: alone it ran " + alone.refused +
           ", which the server refused";
  const bool needs_one =
      wants_lock(scenario, program) || scenario.subject == scenario::Subject::must_lock;
  if (!needs_one || !alone.took_none()) return {};
  return "no advisory lock was seen when it ran alone: there is none for somebody else to hold, or "
         "for a session to keep";
}

Stage asked_of_program(const scenario::Scenario& scenario, const Stage& stage,
                       const Program& program) {
  Stage asked = stage;
  if (program.told == Program::Told::nothing && asks_any(stage, {"failure-told"})) {
    // Its words are its own, and so is whether its tracker keeps a failure.
    std::erase(asked.oracles, "clear-error");
    std::erase(asked.oracles, "idempotent");
  }
  if (scenario.about == scenario::About::one_replica) {
    asked.replicas = 1;
    std::erase(asked.oracles, "schema-equals-serial");  // each has a tracker of its own
  }
  if (asks_for_status(stage)) {
    asked.beside.clear();  // check and plan are the reference runner's own
  } else if (stage.foreign_lock &&
             stage.foreign_lock->until == scenario::ForeignLock::Until::all_ended) {
    // Whether it may wait when there is nothing to do is its own affair.
    asked.foreign_lock.reset();
  }
  return asked;
}

}  // namespace gauntlet::run
