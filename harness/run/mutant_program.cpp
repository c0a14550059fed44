// gauntlet-mutant: gauntlet-migrate with the flaw that GAUNTLET_MUTANT names, for scenarios whose
// replicas are processes. It understands `up`, `status`, `check` and `plan`.
#include "harness/fleet/threads.h"
#include "harness/mutant/mutant.h"
#include "harness/run/call.h"
#include "runner/connect.h"
#include "runner/program/command_line.h"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace gauntlet::run {

namespace {

/// Nothing where it is none of ours.
std::optional<scenario::Action> action_of(runner::Command command) {
  switch (command) {
    case runner::Command::up:
      return scenario::Action::up;
    case runner::Command::status:
      return scenario::Action::status;
    case runner::Command::check:
      return scenario::Action::check;
    case runner::Command::plan:
      return scenario::Action::plan;
    default:
      return std::nullopt;
  }
}

int run(const runner::Asked& asked, scenario::Action action, const mutant::Mutant& mutant) {
  try {
    const scenario::Stage stage{.name = "alone"};
    const scenario::Call call{.action = action, .table = asked.up.tracker.table};
    const auto sessions = runner::sessions_of(asked.database);
    const auto direct = runner::sessions_of(asked.database);
    act(stage, call, runner::read_folder(asked.migrations), &mutant, *sessions, *direct, asked.up,
        [](const runner::Event& event) {
          if (const auto* warned = std::get_if<runner::Warned>(&event))
            std::fprintf(stderr, "warning: %s\n", warned->text.c_str());
        });
    return 0;
  } catch (const fleet::ExitWith& exit) {
    return exit.code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

std::string variable(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here writes the environment.
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

}  // namespace gauntlet::run

int main(int argc, char** argv) {
  using namespace gauntlet;
  const runner::CommandLine line =
      runner::parse_command_line(argc, argv, run::variable("DATABASE_URL"));
  if (!line.run) {
    std::fputs((line.out + line.err).c_str(), stderr);
    return line.exit_code;
  }
  const auto action = run::action_of(line.asked.command);
  if (!action) {
    std::fprintf(stderr,
                 "gauntlet-mutant has no command `%s`: there are up, status, check and plan\n",
                 argv[1]);
    return runner::exit_usage;
  }
  const std::string name = run::variable("GAUNTLET_MUTANT");
  const mutant::Mutant* mutant = mutant::find_mutant(name);
  if (mutant == nullptr) {
    std::fprintf(stderr, "GAUNTLET_MUTANT: there is no mutant `%s`\n", name.c_str());
    return runner::exit_usage;
  }
  return run::run(line.asked, *action, *mutant);
}
