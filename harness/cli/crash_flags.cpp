#include "harness/cli/flags.h"
#include "harness/fault/harm.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr const char* crash_examples = R"(Examples:
  gauntlet crash
  gauntlet crash --format dbmate --runner 'dbmate --url {url} -d {migrations} --no-dump-schema up'
  gauntlet crash --subject dbmate.toml --output html=crash.html
  gauntlet crash --runner './migrate {url}' --migrations db/migrations --format golang-migrate
  gauntlet crash --only commit-3:cut-after
  gauntlet crash --server-faults --replicas 2 --subject dbmate.toml

A clean run gives the statements. Then, for each statement and each harm: a fresh database, a run
that is harmed there, a rerun at once, and a rerun after the harmed session has left the server. The
second rerun is left out if nothing of the harmed run was there any more when the first one came, and
that completed and recorded everything.
)";

std::string harm_lines() {
  std::string lines = "Harms:\n";
  for (const fault::Harm& harm : fault::harms())
    lines += fmt::format("  {:<18} {}{}\n", harm.id, harm.words,
                         harm.is_swept         ? ""
                         : harm.stops_server() ? " (with --server-faults, or where it is named)"
                                               : " (only where it is named)");
  return lines + "  refused=SQLSTATE   the same as refused, with this error: refused=40001\n";
}

}  // namespace

void require_harm(std::string_view flag, const std::string& name) {
  if (fault::find_harm(name)) return;
  std::vector<std::string_view> known;
  for (const fault::Harm& harm : fault::harms()) known.emplace_back(harm.id);
  known.emplace_back("refused=SQLSTATE");
  throw UsageError(fmt::format("{}: there is no harm `{}`; the harms are {}", flag, name,
                               fmt::join(known, ", ")));
}

namespace {

void require_sense(const CrashCommand& command) {
  if (!command.runner.empty() && !command.subject_file.empty())
    throw UsageError("--runner and --subject each name a runner: give one of them");
  if (!command.format.empty() && command.format != "auto") project_format_named(command.format);
  for (const std::string& word : command.harms) require_harm("--harms", word);
  for (const std::string& word : command.only) {
    const std::size_t colon = word.find(':');
    if (colon != std::string::npos && colon + 1 != word.size())
      require_harm("--only", word.substr(colon + 1));
  }
}

void add_crash_subject(CLI::App& app, CrashCommand& command) {
  add_runner(app, command.runner, "harm this program.");
  app.add_option("--subject", command.subject_file,
                 "harm the program that this TOML file describes")
      ->type_name("FILE");
  app.add_option("--migrations", command.migrations,
                 "folder that the runner reads (default: five small migrations)")
      ->type_name("DIR");
  app.add_option(
         "--format", command.format,
         fmt::format("layout of the migrations: {}\n(default gauntlet; of --migrations auto)",
                     fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  add_success_codes(app, command.success_codes);
  add_applied_query(app, command.applied_query);
}

}  // namespace

void add_crash(CLI::App& app, CrashCommand& command, Words& words, Command& chosen) {
  CLI::App* crash = app.add_subcommand(
      "crash", "harm a runner at every statement, run it again, and judge what is left");
  add_crash_subject(*crash, command);
  crash->add_option("--harms", command.harms, "do these harms only (default the first five below)")
      ->type_name("HARM,…")
      ->delimiter(',')
      ->allow_extra_args(false);
  crash
      ->add_option("--only", command.only,
                   "do these cells only: STEP:HARM, STEP or :HARM; repeatable (default all)")
      ->type_name("STEP:HARM")
      ->allow_extra_args(false);
  crash->add_flag("--server-faults", command.server_faults,
                  "also stop the server at each step, fast and immediate, and start it again,\n"
                  "on a throwaway server for each cell");
  crash
      ->add_option("--replicas", command.replicas,
                   "how many replicas run: with 2 another one comes while the first stands at\n"
                   "the step, and must end right, too (default 1)")
      ->type_name("N")
      ->check(CLI::Range(1, 2));
  add_database_or_throwaway(*crash, command.how.database);
  crash
      ->add_option("--timeout", words.timeout,
                   "longest time of one run (default 10 times that of the clean run, at least 15s)")
      ->type_name("T");
  crash->add_option("--jobs", command.how.jobs, "how many cells run at the same time (default 2)")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  add_server_options(*crash, words);
  add_reporting(*crash, words, command.how.seed);
  crash->get_option("--all")->description(
      "harm the same statement of equal migrations each time, and not once");
  crash->footer(std::string(crash_examples) + "\n" + harm_lines() + "\n" + exit_codes);
  crash->callback([&] {
    require_sense(command);
    refuse_settings_of_a_given_server(command.how.database, words);
    command.how.server = server_options_of(words);
    if (!words.timeout.empty()) command.how.timeout = duration_of("--timeout", words.timeout);
    command.how.outputs = outputs_of(words);
    command.all = words.all;
    chosen = command;
  });
}

}  // namespace gauntlet::cli
