#include "harness/cli/flags.h"
#include "harness/formats/folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr const char* trace_examples = R"(Examples:
  gauntlet trace --database ephemeral
  gauntlet trace --database ephemeral --html trace.html \
      --runner 'dbmate --url {url} -d {migrations} --no-dump-schema up' --format dbmate
  gauntlet trace --database ephemeral --subject dbmate.toml --json
  gauntlet trace --database ephemeral --runner './migrate {url}' --migrations db/migrations

It runs twice, with migrations pending and with nothing to do, in a throwaway database; every
statement is seen on its way. What is concluded from them says how sure it is.

Exit codes: 0 told, 2 the runner failed or could not be run, 64 usage.
)";

void require_sense(const TraceCommand& command) {
  if (!command.runner.empty() && !command.subject_file.empty())
    throw UsageError("--runner and --subject each name who is traced: give one");
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
  throw UsageError(fmt::format("--format: there is no format `{}`; there are {}", name,
                               fmt::join(project_format_names(), ", ")));
}

void add_trace(CLI::App& app, TraceCommand& command, Words& words, Command& chosen) {
  CLI::App* trace = app.add_subcommand(
      "trace", "what a runner does: sessions, statements, locks, transactions, its tracker");
  trace
      ->add_option("--runner", command.runner,
                   "program to trace; {url} {host} {port} {user} {password} {database}\n"
                   "{migrations} {work} are replaced, and DATABASE_URL, PGHOST … are set\n"
                   "[gauntlet-migrate]")
      ->type_name("CMD");
  trace->add_option("--subject", command.subject_file, "the same, told by a TOML file")
      ->type_name("FILE");
  trace
      ->add_option("--migrations", command.migrations,
                   "folder as the runner reads it; without it, three small ones are made for it")
      ->type_name("DIR");
  trace
      ->add_option("--format", words.format,
                   fmt::format("how those are written: {} [gauntlet]",
                               fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  add_database_or_throwaway(*trace, command.database);
  add_success_codes(*trace, command.success_codes);
  trace
      ->add_option("--timeout", words.timeout,
                   "longest time of one run [what the subject file says, usually 60s]")
      ->type_name("T");
  trace->add_option("--html", command.html_file, "write it as one page, with a timeline")
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
