#include "harness/cli/flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {

namespace {

constexpr std::size_t repeats_max = 100'000, jobs_max = 16;

constexpr const char* test_examples = R"(Examples:
  gauntlet test --database ephemeral
  gauntlet test concurrency 'locks/*' --repeat 50 --database ephemeral
  gauntlet test concurrency/pending --mutant lock-is-noop --database ephemeral
  gauntlet test concurrency --migrations db/migrations --database ephemeral
  gauntlet test --runner 'my-migrate -path {migrations} -database {url} up' \
      --format golang-migrate --database ephemeral
  gauntlet test locks --subject dbmate.toml --database ephemeral
  gauntlet test mine.toml --database ephemeral

A given database is a scratch server: every run has a database of its own there, which gauntlet
makes and drops.
)";

constexpr const char* mutants_examples = R"(Examples:
  gauntlet mutants --database ephemeral
  gauntlet mutants lock-is-noop --scenario concurrency/pending --repeat 100 --misses-max 1 \
      --database ephemeral

Exit codes: 0 every mutant was caught for the reason that it declares, 1 one was missed, caught for
another reason, or fails already alone, 2 could not decide, 64 usage.
)";

void add_scenario_options(CLI::App& app, ScenarioOptions& how, Words& words) {
  add_database_or_throwaway(app, how.database);
  app.add_option("--repeat", how.repeat, "how often each is run [1]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, repeats_max));
  app.add_option("--jobs", how.jobs,
                 "how many run at the same time, each in a database of its own\n"
                 "[two a core, at most 4; on a given server 1]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, jobs_max));
  app.add_option("--timeout", words.timeout,
                 "longest time of one stage; after it the answer is unknown\n"
                 "[what the scenario says, usually 60s]")
      ->type_name("T");
  app.add_option("--window", words.window,
                 "how long somebody else's lock is held once all were seen to wait for it\n"
                 "[what the scenario says, usually 1s]")
      ->type_name("T");
  app.add_flag("--keep", words.keep, "keep a failing database and tell how to reach it");
  add_server_options(app, words);
  add_telling(app, words, how.junit_file, how.seed);
}

void take(ScenarioOptions& how, const Words& words) {
  refuse_settings_of_a_given_server(how.database, words);
  how.server = server_options_of(words);
  if (!words.timeout.empty()) how.timeout = duration_of("--timeout", words.timeout);
  if (!words.window.empty()) how.window = duration_of("--window", words.window);
  how.keep = words.keep;
  how.output = output_of(words);
}

void add_subject(CLI::App& run, TestCommand& command, Words& words) {
  run.add_option("--migrations", command.migrations,
                 "your files, in the place of those that a scenario brings")
      ->type_name("DIR");
  run.add_option(
         "--format", words.format,
         fmt::format("whose conventions the files follow [gauntlet]; with --runner what is\n"
                     "made for it to read: {} [NNN_name.up.sql]",
                     fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  run.add_flag("--allow-cluster-changes", command.allow_cluster_changes,
               "on a given server, run also files that change roles or settings of all");
  run.add_option("--mutant", command.mutant, "a runner with a known flaw, in the runner's place")
      ->type_name("NAME");
  run.add_flag("--processes", command.processes, "gauntlet-migrate as processes, not as threads");
  run.add_option("--runner", command.runner,
                 "program to put in the runner's place, as for `verify`; every statement of it is\n"
                 "seen on its way, and what cannot be asked of it is not applicable")
      ->type_name("CMD");
  run.add_option("--subject", command.subject_file, "the same, told by a TOML file")
      ->type_name("FILE");
  add_applied_query(run, command.applied_query);
  add_success_codes(run, command.success_codes);
}

void require_one_subject(const TestCommand& command) {
  const int subjects = (command.mutant.empty() ? 0 : 1) + (command.processes ? 1 : 0) +
                       (command.runner.empty() ? 0 : 1) + (command.subject_file.empty() ? 0 : 1);
  if (subjects > 1)
    throw UsageError(
        "--mutant, --processes, --runner and --subject each name who is put through: give one");
}

/// Of our own runner it tells how files are meant, of a program what is made for it to read.
void take_format(TestCommand& command, const std::string& name, bool said) {
  command.format = format_of("gauntlet");
  if (command.runner.empty() && command.subject_file.empty()) {
    command.format = format_of(name);
    if (!command.format.native && command.format.runner_mode == "directive")
      throw UsageError(
          "--format: gauntlet-migrate follows gauntlet or golang-migrate; name the "
          "runner that reads " +
          name + " with --runner");
    return;
  }
  if (!said) return;
  if (!command.subject_file.empty())
    throw UsageError("--format: a subject file tells it itself: `format`");
  command.project_format = project_format_named(name);
}

}  // namespace

void add_test(CLI::App& app, TestCommand& command, Words& words, Command& chosen) {
  CLI::App* test = app.add_subcommand("test", "put a runner through scenarios on a real server");
  test->add_option("scenarios", command.scenarios, "ids, families, globs, or TOML files [all]")
      ->type_name("SCENARIO");
  add_scenario_options(*test, command.how, words);
  add_subject(*test, command, words);
  test->add_option("--history", command.history_file,
                   "save what happened, step by step; `gauntlet show FILE` prints it")
      ->type_name("FILE");
  test->footer(std::string(test_examples) + "\n" + exit_codes);
  test->callback([&, test] {
    take(command.how, words);
    require_one_subject(command);
    take_format(command, words.format, test->count("--format") > 0);
    chosen = command;
  });
}

void add_mutants(CLI::App& app, MutantsCommand& command, Words& words, Command& chosen) {
  CLI::App* mutants =
      app.add_subcommand("mutants", "runners with one known flaw each: is every one caught?");
  mutants->add_option("mutants", command.mutants, "names or globs [all]")->type_name("MUTANT");
  mutants
      ->add_option("--scenario", command.scenarios,
                   "only under these: ids, families or globs; repeatable\n"
                   "[those that each mutant names]")
      ->type_name("SCENARIO")
      ->allow_extra_args(false);
  add_scenario_options(*mutants, command.how, words);
  mutants
      ->add_option("--misses-max", command.misses_max,
                   "so many of --repeat runs may fail to catch it [0]")
      ->type_name("N");
  mutants->footer(mutants_examples);
  mutants->callback([&] {
    take(command.how, words);
    if (command.misses_max >= command.how.repeat && command.misses_max > 0)
      throw UsageError("--misses-max must be less than --repeat, or nothing need be caught");
    chosen = command;
  });
}

void add_show(CLI::App& app, Words& words, Command& chosen) {
  CLI::App* show = app.add_subcommand("show", "print what `test --history` saved");
  show->add_option("file", words.file, "the saved history")->type_name("FILE")->required();
  show->callback([&] { chosen = ShowCommand{words.file}; });
}

}  // namespace gauntlet::cli
