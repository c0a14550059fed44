#include "harness/cli/flags.h"
#include "harness/formats/folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr const char* trace_examples = R"(Examples:
  gauntlet trace
  gauntlet trace --format dbmate --html trace.html \
      --runner 'dbmate --url {url} -d {migrations} --no-dump-schema up'
  gauntlet trace --subject dbmate.toml --json
  gauntlet trace --runner './migrate {url}' --migrations db/migrations

The runner runs twice in a throwaway database: with migrations pending, and with nothing pending.
Gauntlet records every statement; each conclusion says how certain it is.

Exit codes: 0 done, 2 the runner failed or could not be started, 64 usage.
)";

void require_sense(const TraceCommand& command) {
  if (!command.runner.empty() && !command.subject_file.empty())
    throw UsageError("--runner and --subject each name a runner: give one of them");
  project_format_named(command.format);
}

}  // namespace

std::vector<std::string_view> project_format_names() {
  std::vector<std::string_view> names;
  for (const auto& format : formats::formats()) names.push_back(format.name);
  return names;
}

std::string project_format_named(const std::string& name) {
  if (formats::find_format(name) != nullptr) return name;
  throw UsageError(fmt::format("--format: there is no format `{}`; the formats are {}", name,
                               fmt::join(project_format_names(), ", ")));
}

void add_trace(CLI::App& app, TraceCommand& command, Words& words, Command& chosen) {
  CLI::App* trace = app.add_subcommand(
      "trace", "print what a runner does: sessions, statements, locks, transactions");
  add_runner(*trace, command.runner, "trace this program.");
  trace
      ->add_option("--subject", command.subject_file,
                   "trace the program that this TOML file describes")
      ->type_name("FILE");
  trace
      ->add_option("--migrations", command.migrations,
                   "folder that the runner reads (default: three small migrations)")
      ->type_name("DIR");
  trace
      ->add_option("--format", words.format,
                   fmt::format("layout of those three: {} (default gauntlet)",
                               fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  add_database_or_throwaway(*trace, command.database);
  add_success_codes(*trace, command.success_codes);
  trace
      ->add_option("--timeout", words.timeout,
                   "longest time of one run (default: that of the subject file, or 60s)")
      ->type_name("T");
  trace->add_option("--html", command.html_file, "write one page with a timeline")
      ->type_name("FILE");
  add_server_options(*trace, words);
  add_json(*trace, words);
  trace->footer(trace_examples);
  trace->callback([&] {
    command.format = words.format;
    require_sense(command);
    refuse_settings_of_a_given_server(command.database, words);
    command.server = server_options_of(words);
    if (!words.timeout.empty()) command.timeout = duration_of("--timeout", words.timeout);
    command.output = output_of(words);
    chosen = command;
  });
}

}  // namespace gauntlet::cli
