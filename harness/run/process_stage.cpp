#include "harness/run/process_stage.h"

#include "harness/arena/connection.h"
#include "harness/fleet/harmed.h"
#include "harness/fleet/overlap.h"
#include "harness/observe/observe.h"
#include "harness/run/call.h"
#include "harness/run/folder.h"
#include "harness/run/neutral_folder.h"
#include "harness/run/program_call.h"
#include "runner/values/error.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Stage;
using std::chrono::milliseconds;

constexpr milliseconds process_leftovers_patience{2'000};

/// Of a migration, by a program of ours.
constexpr const char* statement_timeout = "5m";

std::string mode_of(runner::NoTransaction no_transaction) {
  switch (no_transaction) {
    case runner::NoTransaction::directive:
      return "directive";
    case runner::NoTransaction::automatic:
      return "auto";
    case runner::NoTransaction::whole_file:
      return "whole-file";
  }
  return {};
}

bool only_looks(scenario::Action action) {
  using scenario::Action;
  return action == Action::status || action == Action::check || action == Action::plan;
}

std::string word_of(scenario::Action action) {
  if (action == scenario::Action::status) return "status";
  return action == scenario::Action::check ? "check" : "plan";
}

/// As the stage wants it called.
fleet::Subject called(fleet::Subject subject, const Stage& stage, const arena::Database& database,
                      const StageOptions& options) {
  const auto add = [&](const char* flag, std::string value) {
    subject.command.insert(subject.command.end(), {flag, std::move(value)});
  };
  if (only_looks(stage.call.action)) {
    subject.command = {subject.command.front(), word_of(stage.call.action), "--migrations",
                       "{migrations}"};
  } else {
    const bool is_file = !database.address().file().empty();
    if (stage.key == Stage::Key::unique && !is_file)
      add("--lock-key", std::to_string(options.lock_key));
    if (stage.lock_wait) add("--wait", fmt::format("{}ms", stage.lock_wait->count()));
  }
  if (!stage.table.empty()) add("--table", std::string(stage.table));
  return subject;
}

/// gauntlet-migrate, or the mutant, of this installation.
fleet::Subject our_subject(const mutant::Mutant* mutant, runner::NoTransaction no_transaction) {
  fleet::Subject subject = fleet::reference_subject(mode_of(no_transaction), statement_timeout);
  if (mutant == nullptr) return subject;
  const std::filesystem::path beside =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "gauntlet-mutant";
  if (!std::filesystem::exists(beside))
    throw runner::Error("no-runner", "gauntlet-mutant does not lie beside this program",
                        beside.string(), "build it: `make build`");
  subject.name = mutant->name;
  subject.command.front() = beside.string();
  subject.environment["GAUNTLET_MUTANT"] = mutant->name;
  return subject;
}

using Look = std::function<void()>;

/// A SQLite file has a door where it is there already, and only before who waits at it.
bool has_door(const Stage& stage, const arena::Database& database) {
  const std::filesystem::path file = database.address().file();
  return file.empty() || (std::filesystem::exists(file) && !only_looks(stage.call.action));
}

void run_together(const fleet::Subject& subject, const arena::Database& database,
                  const std::filesystem::path& migrations, const Stage& stage,
                  const StageOptions& options, const Look& look, StageSeen& seen) {
  fleet::RaceOptions race{
      .replicas = stage.replicas, .patience = options.patience, .when_ended = look};
  const bool is_held = has_door(stage, database);
  if (!is_held) race.door_patience = milliseconds::zero();
  seen.history = fleet::race(subject, database, migrations, race);
  fleet::note_overlap(seen.history);
  seen.wanted = std::min<std::size_t>(stage.replicas, 2);
  seen.gathered =
      is_held ? seen.history.sessions_at_the_door.value_or(0) : fleet::most_at_once(seen.history);
}

fleet::HarmOptions::What harm_of(scenario::SeenHarm::What what) {
  switch (what) {
    case scenario::SeenHarm::What::killed:
      return fleet::HarmOptions::What::kill;
    case scenario::SeenHarm::What::paused:
      return fleet::HarmOptions::What::pause;
    case scenario::SeenHarm::What::asked_to_end:
      return fleet::HarmOptions::What::ask_to_end;
  }
  return {};
}

void run_harmed(const fleet::Subject& subject, const arena::Database& database,
                const std::filesystem::path& migrations, const Stage& stage,
                const StageOptions& options, const Look& look, StageSeen& seen) {
  const scenario::SeenHarm& harm = *stage.first_is;
  const auto say = [&database](std::string_view sql) {
    if (!sql.empty()) arena::Connection(database.address()).run(std::string(sql));
  };
  say(harm.before);
  fleet::Harmed harmed = fleet::harmed(subject, database, migrations,
                                       {.replicas = stage.replicas,
                                        .patience = options.patience,
                                        .what = harm_of(harm.what),
                                        .at = std::string(harm.at),
                                        .harm_max = harm.at_most,
                                        .when_harmed = [&] { say(harm.after); },
                                        .when_ended = look});
  seen.history = std::move(harmed.history);
  seen.gathered = seen.wanted = 0;
  if (!harmed.happened) seen.unfired = 1;
}

}  // namespace

StageSeen run_process_stage(const Stage& stage, const runner::Listing& listing,
                            const mutant::Mutant* mutant, const arena::Database& database,
                            const StageOptions& options) {
  const NeutralFolder folder(files_of(known_to(stage.call, listing)));
  const fleet::Subject subject =
      called(our_subject(mutant, options.no_transaction), stage, database, options);
  StageSeen seen;
  core::Leftovers left;
  const auto look = [&] {
    left = observe::leftovers(database.address(), process_leftovers_patience);
  };
  if (stage.first_is) {
    run_harmed(subject, database, folder.path(), stage, options, look, seen);
  } else {
    run_together(subject, database, folder.path(), stage, options, look, seen);
  }
  seen.leftovers = std::move(left);
  return seen;
}

StageSeen run_harmed_program(const Stage& stage, const Folder& folder, const Program& program,
                             const arena::Database& database, const StageOptions& options) {
  const NeutralFolder on_disk(folder.files, program, database.loopback());
  StageSeen seen;
  core::Leftovers left;
  run_harmed(
      subject_for(program, stage, options), database, on_disk.path(), stage, options,
      [&] { left = observe::leftovers(database.address(), process_leftovers_patience); }, seen);
  seen.leftovers = std::move(left);
  return seen;
}

}  // namespace gauntlet::run
