#include "harness/cli/cli.h"

#include "harness/arena/clean_room.h"
#include "harness/arena/interrupt.h"
#include "harness/cli/command_line.h"
#include "harness/cli/commands.h"
#include "harness/cli/guard.h"
#include "harness/cli/output.h"
#include "harness/report/report.h"
#include "runner/values/error.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::cli {
namespace {

constexpr int could_not_decide = 2, usage = 64;

struct Doer {
  const Catalogue& catalogue;

  int operator()(const VerifyCommand& command) const { return verify(command); }
  int operator()(const TestCommand& command) const { return test_scenarios(command, catalogue); }
  int operator()(const MutantsCommand& command) const { return test_mutants(command, catalogue); }
  int operator()(const ExploreCommand& command) const {
    return explore_schedules(command, catalogue);
  }
  int operator()(const ReplayCommand& command) const { return replay_schedule(command, catalogue); }
  int operator()(const ShowCommand& command) const { return show_history(command); }
  int operator()(const TraceCommand& command) const { return trace(command); }
  int operator()(const CrashCommand& command) const { return crash_runner(command); }
  int operator()(const CertifyCommand& command) const { return certify_runner(command); }
  int operator()(const BenchCommand& command) const { return measure(command); }
  int operator()(const ListCommand& command) const { return list(command, catalogue); }
  int operator()(const ServerStart& command) const { return start_server(command); }
  int operator()(const ServerStop& command) const { return stop_server(command); }
  int operator()(const ServerUrl& command) const { return print_server_url(command); }
  int operator()(const ServerList& command) const { return list_servers(command); }
  int operator()(const CleanCommand& command) const { return clean(command); }
  int operator()(const Printed& printed) const {
    print_result(printed.text);
    return 0;
  }
};

/// A reader that goes away must cause an error and not end the program. A handler, because a child
/// would inherit an ignored signal.
void survive_broken_pipes() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGPIPE, &action, nullptr);
}

/// Also a command line with an error may ask for JSON.
bool asks_for_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i], next = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--json" || word == "--output=json" || (word == "--output" && next == "json"))
      return true;
  }
  return false;
}

std::string_view command_named(int argc, const char* const* argv) {
  return argc > 1 && *argv[1] != '-' ? argv[1] : "gauntlet";
}

int report_usage(const UsageError& error, int argc, const char* const* argv) {
  print_error(fmt::format("gauntlet: {}\nSee `gauntlet --help` and `gauntlet COMMAND --help`.\n",
                          error.what()));
  if (asks_for_json(argc, argv))
    print_result(report::json(undecided(command_named(argc, argv),
                                        fmt::format("error[usage]: {}", error.what()), 0)),
                 Form::json);
  return usage;
}

/// The database that a command names; empty where it names none.
struct DatabaseOf {
  std::string operator()(const VerifyCommand& command) const { return command.options.database; }
  std::string operator()(const TestCommand& command) const { return command.how.database; }
  std::string operator()(const MutantsCommand& command) const { return command.how.database; }
  std::string operator()(const ExploreCommand& command) const { return command.test.how.database; }
  std::string operator()(const ReplayCommand& command) const { return command.test.how.database; }
  std::string operator()(const TraceCommand& command) const { return command.database; }
  std::string operator()(const CrashCommand& command) const { return command.how.database; }
  std::string operator()(const CertifyCommand& command) const { return command.how.database; }
  std::string operator()(const BenchCommand& command) const { return command.database; }
  std::string operator()(const CleanCommand& command) const { return command.database; }
  template <typename Other>
  std::string operator()(const Other& /*command*/) const {
    return {};
  }
};

/// Before the first thread: this changes the environment.
void clean_environment_for(const Command& command) {
  const arena::CallerEnvironment caller =
      arena::clean_environment(std::visit(DatabaseOf(), command));
  print_error(caller.text());
}

int run_command(int argc, char** argv, const Catalogue& catalogue) {
  try {
    const Command command = parse_command_line(argc, argv);
    clean_environment_for(command);
    const arena::InterruptGuard interrupts;
    return std::visit(Doer{catalogue}, command);
  } catch (const UsageError& error) {
    return report_usage(error, argc, argv);
  }
}

}  // namespace

int run(int argc, char** argv, const std::vector<scenario::Scenario>& catalogue) {
  survive_broken_pipes();
  if (argc == 2 && argv[1] == guard_command) return guard_server();
  try {
    return run_command(argc, argv, catalogue);
  } catch (const runner::Error& error) {
    print_error(std::string(error.what()) + "\n");
  } catch (const std::exception& error) {
    print_error(fmt::format("error[unexpected]: {}\n", error.what()));
  }
  return could_not_decide;
}

}  // namespace gauntlet::cli
