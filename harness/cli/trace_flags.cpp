#include "harness/cli/trace_flags.h"

#include "harness/fleet/project.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr int timeout_max = 3'600;

constexpr const char* examples = R"(Examples:
  gauntlet trace --database ephemeral
  gauntlet trace --database ephemeral --html trace.html \
      --runner 'dbmate --url {url} -d {migrations} --no-dump-schema up' --format dbmate
  gauntlet trace --database ephemeral --subject dbmate.toml --json
  gauntlet trace --database ephemeral --runner './migrate {url}' --migrations db/migrations

It runs twice, with migrations pending and with nothing to do, in a throwaway database; every
statement is seen on its way. What is concluded from them says how sure it is.

Exit codes: 0 told, 2 the runner failed or could not be run, 64 usage.
)";

std::vector<std::string_view> formats() {
  std::vector<std::string_view> names;
  for (const auto& format : fleet::project_formats()) names.push_back(format.name);
  return names;
}

void require_sense(const TraceCommand& command) {
  if (!command.runner.empty() && !command.subject_file.empty())
    throw UsageError("--runner and --subject each name who is traced: give one");
  if (fleet::find_project_format(command.format) == nullptr)
    throw UsageError(fmt::format("--format: there is no format `{}`; there are {}", command.format,
                                 fmt::join(formats(), ", ")));
}

}  // namespace

void add_trace(CLI::App& app, TraceCommand& command, Command& chosen) {
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
      ->add_option("--format", command.format,
                   fmt::format("how those are written: {} [gauntlet]", fmt::join(formats(), ", ")))
      ->type_name("NAME");
  trace
      ->add_option("--database", command.database,
                   "`ephemeral` for a throwaway server, or the URL of a scratch server")
      ->type_name("URL|ephemeral")
      ->envname("TEST_DATABASE_URL");
  trace->add_option("--ok-exit", command.ok_exits, "exit codes of the runner that mean success [0]")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(0, 255));
  trace->add_option("--timeout", command.timeout_seconds, "seconds that a run may take [60]")
      ->type_name("N")
      ->check(CLI::Range(1, timeout_max));
  trace->add_option("--html", command.html_file, "write it as one page, with a timeline")
      ->type_name("FILE");
  trace
      ->add_option("--postgres", command.postgres,
                   "folder with the server's programs; without it they are looked for")
      ->type_name("DIR");
  trace->add_flag("--json", command.json, "one JSON object on stdout and nothing else there");
  trace->footer(examples);
  trace->callback([&] {
    require_sense(command);
    chosen = command;
  });
}

}  // namespace gauntlet::cli
