#include "harness/cli/flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {

namespace {

constexpr std::size_t repeats_max = 100'000, jobs_max = 16;

constexpr const char* test_examples = R"(Examples:
  gauntlet test
  gauntlet test concurrency 'locks/*' --repeat 50
  gauntlet test concurrency/pending --mutant lock-is-noop
  gauntlet test concurrency --migrations db/migrations
  gauntlet test --format golang-migrate \
      --runner 'my-migrate -path {migrations} -database {url} up'
  gauntlet test locks --subject dbmate.toml
  gauntlet test mine.toml --database postgresql://ci@db.example/scratch

Each run gets a database of its own, which Gauntlet creates and drops.
)";

constexpr const char* mutants_examples = R"(Examples:
  gauntlet mutants
  gauntlet mutants lock-is-noop --scenario concurrency/pending --repeat 100 --survivors-max 1
  gauntlet mutants --runner './migrate {url} {migrations}'
  gauntlet mutants lock-is-noop --runner './migrate {url} {migrations}' --scenario concurrency/pending
  gauntlet mutants --subject dbmate.toml --json

Of a runner that is named, every mutant is put on the wire and graded: no-lock, needed,
self-checked, backed-by-constraint, not-needed, or unviable.

Exit codes: 0 every mutant was killed for the reason that it declares; 1 a mutant survived, was
killed for another reason, or failed already alone; 2 could not decide; 64 usage.
)";

void add_scenario_options(CLI::App& app, ScenarioOptions& how, Words& words) {
  add_database_or_throwaway(app, how.database);
  app.add_option("--repeat", how.repeat, "run each so many times (default 1)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, repeats_max));
  app.add_option("--jobs", how.jobs,
                 "run so many at the same time, each in a database of its own\n"
                 "(default 2 for each core, at most 4; 1 on a given server)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, jobs_max));
  app.add_option("--timeout", words.timeout,
                 "end a stage after this time with the verdict unknown\n"
                 "(default: that of the scenario, usually 60s)")
      ->type_name("T");
  app.add_option("--window", words.window,
                 "hold another client's lock for this time after every replica waits for\n"
                 "it (default: that of the scenario, usually 1s)")
      ->type_name("T");
  app.add_flag("--keep", words.keep, "keep the database of a failed run and print its URL");
  add_server_options(app, words);
  add_reporting(app, words, how.seed);
}

void take(ScenarioOptions& how, const Words& words) {
  refuse_settings_of_a_given_server(how.database, words);
  how.server = server_options_of(words);
  if (!words.timeout.empty()) how.timeout = duration_of("--timeout", words.timeout);
  if (!words.window.empty()) how.window = duration_of("--window", words.window);
  how.keep = words.keep;
  how.outputs = outputs_of(words);
}

void add_subject(CLI::App& app, TestCommand& command, Words& words) {
  app.add_option("--migrations", command.migrations,
                 "use these migrations (default: those of each scenario)")
      ->type_name("DIR");
  app.add_option(
         "--format", words.format,
         fmt::format("layout of the migrations (default gauntlet); with --runner the layout\n"
                     "that Gauntlet writes for it: {}",
                     fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  app.add_flag("--allow-cluster-changes", command.allow_cluster_changes,
               "also run files that change roles, tablespaces or server-wide settings\n"
               "of a given server");
  app.add_option("--mutant", command.mutant, "test a runner with this known flaw")
      ->type_name("NAME");
  app.add_flag("--processes", command.processes,
               "run gauntlet-migrate as processes (default: as threads)");
  add_runner(app, command.runner, "test this program.");
  app.add_option("--subject", command.subject_file,
                 "test the program that this TOML file describes")
      ->type_name("FILE");
  add_applied_query(app, command.applied_query);
  add_success_codes(app, command.success_codes);
}

void require_one_subject(const TestCommand& command) {
  const int subjects = (command.mutant.empty() ? 0 : 1) + (command.processes ? 1 : 0) +
                       (command.runner.empty() ? 0 : 1) + (command.subject_file.empty() ? 0 : 1);
  if (subjects > 1)
    throw UsageError(
        "--mutant, --processes, --runner and --subject each name a runner: give one of them");
}

/// With our own runner the layout of the files, with a program the layout that is written for it.
void take_format(TestCommand& command, const std::string& name, bool is_given) {
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
  if (!is_given) return;
  if (!command.subject_file.empty())
    throw UsageError("--format: with --subject the file names the format, by the key `format`");
  command.project_format = project_format_named(name);
}

}  // namespace

void add_test(CLI::App& app, TestCommand& command, Words& words, Command& chosen) {
  CLI::App* test =
      app.add_subcommand("test", "test a runner with scenarios of production failures");
  test->add_option("scenarios", command.scenarios,
                   "ids, families, globs, or TOML files (default all)")
      ->type_name("SCENARIO");
  add_scenario_options(*test, command.how, words);
  add_subject(*test, command, words);
  test->add_option("--history", command.history_file,
                   "save every step; `gauntlet show FILE` prints them\n"
                   "(of several scenarios: a file each in a folder of this name)")
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
      app.add_subcommand("mutants", "test that the scenarios kill every runner with a known flaw");
  mutants->add_option("mutants", command.mutants, "names or globs (default all)")
      ->type_name("MUTANT");
  mutants
      ->add_option("--scenario", command.scenarios,
                   "use only these scenarios: ids, families or globs; repeatable\n"
                   "(default: those that each mutant names)")
      ->type_name("SCENARIO")
      ->allow_extra_args(false);
  add_scenario_options(*mutants, command.how, words);
  mutants
      ->add_option("--survivors-max", command.survivors_max,
                   "allow a mutant to survive so many of its --repeat runs (default 0)")
      ->type_name("N");
  add_runner(*mutants, command.runner,
             "put flaws into this program on the wire, and grade what its copies come to.");
  mutants
      ->add_option("--subject", command.subject_file,
                   "the same with the program that this TOML file describes")
      ->type_name("FILE");
  mutants
      ->add_option(
          "--format", words.format,
          "layout of the migrations that the program of --runner reads\n(default gauntlet)")
      ->type_name("NAME");
  add_success_codes(*mutants, command.success_codes);
  add_applied_query(*mutants, command.applied_query);
  mutants->footer(mutants_examples);
  mutants->callback([&] {
    if (!command.runner.empty() && !command.subject_file.empty())
      throw UsageError("--runner and --subject each name a runner: give one of them");
    command.project_format = project_format_named(words.format);
    take(command.how, words);
    if (command.survivors_max >= command.how.repeat && command.survivors_max > 0)
      throw UsageError("--survivors-max must be less than --repeat, or no mutant need be killed");
    chosen = command;
  });
}

void add_show(CLI::App& app, Words& words, Command& chosen) {
  CLI::App* show = app.add_subcommand("show", "print the steps that `test --history` saved");
  show->add_option("file", words.file, "the saved history")->type_name("FILE")->required();
  show->callback([&] { chosen = ShowCommand{words.file}; });
}

}  // namespace gauntlet::cli
