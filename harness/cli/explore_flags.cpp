#include "harness/cli/flags.h"

#include <charconv>

#include <fmt/format.h>

namespace gauntlet::cli {

namespace {

constexpr std::size_t replicas_most = 8, preemptions_most = 8, times_most = 100'000,
                      depth_most = 20;

constexpr const char* explore_examples = R"(Examples:
  gauntlet explore --mutant lock-is-noop --save schedules
  gauntlet explore concurrency/pending --replicas 3 --preemptions 1 --first 1
  gauntlet explore --migrations db/migrations --time 5m
  gauntlet explore --first 1 --preemptions 1 --faults
  gauntlet explore --subject our.toml --time 10m --checkpoint search.json

Every order in which the replicas can go on is run on a real server, first those without
preemptions. A replica is let go one statement at a time. The first schedule that is violated ends
the search.

Exit codes: 0 every schedule within the bound holds, 1 a schedule is violated, 2 stopped before the
bound or could not decide, 64 usage.
)";

constexpr const char* replay_examples = R"(Examples:
  gauntlet replay schedules/lock-is-noop.schedule
  gauntlet replay schedules/lock-is-noop.schedule --times 10
  gauntlet replay schedules/lock-is-noop.schedule --reference

Exit codes: 0 the schedule is no longer violated, 1 it is violated again, 2 the run diverged from
the schedule or could not be decided, 64 usage.
)";

void add_programs(CLI::App& app, TestCommand& test, Words& words, const std::string& doing) {
  app.add_option("--mutant", test.mutant, doing + " a runner with this known flaw")
      ->type_name("NAME");
  app.add_flag("--processes", test.processes,
               doing + " gauntlet-migrate as processes (default: as threads)");
  add_runner(app, test.runner, doing + " this program.");
  app.add_option("--subject", test.subject_file,
                 doing + " the program that this TOML file describes")
      ->type_name("FILE");
  app.add_option("--format", words.format,
                 "with --runner: the layout that Gauntlet writes for it (default gauntlet)")
      ->type_name("NAME");
  add_applied_query(app, test.applied_query);
  add_success_codes(app, test.success_codes);
}

void take_program(const CLI::App& app, TestCommand& test, const Words& words) {
  const int subjects = (test.mutant.empty() ? 0 : 1) + (test.processes ? 1 : 0) +
                       (test.runner.empty() ? 0 : 1) + (test.subject_file.empty() ? 0 : 1);
  if (subjects > 1)
    throw UsageError(
        "--mutant, --processes, --runner and --subject each name a runner: give one of them");
  test.format = format_of("gauntlet");
  if (app.count("--format") == 0) return;
  if (test.runner.empty())
    throw UsageError("--format: it names the layout of the files that --runner reads");
  test.project_format = project_format_named(words.format);
}

bool is_a_program(const TestCommand& test) {
  return test.processes || !test.runner.empty() || !test.subject_file.empty();
}

explore::Shard shard_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto number = [&](const std::string& digits) -> std::size_t {
    std::size_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc{} && read.ptr == digits.data() + digits.size() ? value : 0;
  };
  const explore::Shard shard{.number = number(text.substr(0, slash)),
                             .of = slash == std::string::npos ? 0 : number(text.substr(slash + 1))};
  if (shard.number >= 1 && shard.number <= shard.of) return shard;
  throw UsageError(fmt::format("--shard: `{}` is not I/N with 1 <= I <= N, as 2/4", text));
}

void add_server_and_reports(CLI::App& app, ScenarioOptions& how, Words& words) {
  add_database_or_throwaway(app, how.database);
  add_server_options(app, words);
  add_reporting(app, words, how.seed);
}

void take_server_and_reports(ScenarioOptions& how, const Words& words) {
  refuse_settings_of_a_given_server(how.database, words);
  how.server = server_options_of(words);
  how.outputs = outputs_of(words);
}

/// In which order schedules are searched, and which of them.
void add_strategy(CLI::App& explore, ExploreCommand& command, Words& words) {
  explore
      .add_option("--strategy", words.layout,
                  "bounded: every schedule of the bound; random, pct: --schedules drawn by\n"
                  "--seed, pct those with few switches (default bounded)")
      ->check(CLI::IsMember({"auto", "bounded", "random", "pct"}))
      ->type_name("NAME");
  explore
      .add_option("--depth", command.depth,
                  "with --strategy pct: one more than the switches of a schedule (default 3)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, depth_most));
  explore
      .add_option(
          "--checkpoint", command.checkpoint,
          "continue the search that is saved in FILE, and save it there when it is stopped\n"
          "(default: begin anew, and save nothing)")
      ->type_name("FILE");
  explore.add_flag("--every", command.runs_equal,
                   "run also schedules that differ from one that was run only in the order of\n"
                   "statements that do not conflict (default: leave them out)");
  explore
      .add_option("--shard", words.shard,
                  "search part I of N; the parts are disjoint and together the whole\n"
                  "(default 1/1)")
      ->type_name("I/N");
}

}  // namespace

void add_explore(CLI::App& app, ExploreCommand& command, Words& words, Command& chosen) {
  CLI::App* explore = app.add_subcommand(
      "explore", "search every order in which few replicas can go on for one that fails");
  TestCommand& test = command.test;
  explore
      ->add_option("scenario", words.file,
                   "id of a scenario, or a TOML file (default: one that the mutant names, or\n"
                   "concurrency/pending)")
      ->type_name("SCENARIO");
  explore
      ->add_option("--migrations", test.migrations,
                   "use these migrations (default: those of the scenario)")
      ->type_name("DIR");
  add_programs(*explore, test, words, "explore");
  explore->add_option("--replicas", command.replicas, "how many replicas start (default 2)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{2}, replicas_most));
  explore
      ->add_option("--preemptions", command.preemptions,
                   "how often a replica that could go on may be left for another (default 2)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{0}, preemptions_most));
  explore
      ->add_option("--first", command.first_files,
                   "explore only the first N migrations (default: all)")
      ->type_name("N");
  explore
      ->add_option("--lock", words.what,
                   "lock mode of the reference runner: notify, transaction or none (default: that\n"
                   "of the scenario)")
      ->type_name("MODE");
  explore
      ->add_option("--schedules", command.schedules_max,
                   "stop after N schedules (default: no limit)")
      ->type_name("N");
  explore->add_option("--time", words.timeout, "stop after this time (default: no limit)")
      ->type_name("T");
  explore
      ->add_option("--save", command.save_folder,
                   "save a failing schedule in this folder, for `gauntlet replay`")
      ->type_name("DIR");
  explore->add_flag("--keep-size", command.keep_size,
                    "do not look for a smaller schedule that fails alike");
  add_strategy(*explore, command, words);
  explore->add_flag("--faults", command.faults,
                    "a replica may also die before or after a statement, or lose a reply, once a\n"
                    "schedule; then one replica is started again (of threads only)");
  explore->add_flag("--accept-partial", command.accept_partial,
                    "exit with 0 if no schedule failed, also before the bound was reached");
  add_server_and_reports(*explore, test.how, words);
  explore->footer(explore_examples);
  explore->callback([&, explore] {
    take_server_and_reports(command.test.how, words);
    if (!words.file.empty()) command.test.scenarios = {words.file};
    if (!words.timeout.empty()) command.time = duration_of("--time", words.timeout);
    if (!words.what.empty()) command.lock = runner::parse_lock_mode(words.what);
    take_program(*explore, command.test, words);
    if (words.layout == "random") command.strategy = ExploreCommand::Strategy::random;
    if (words.layout == "pct") command.strategy = ExploreCommand::Strategy::pct;
    if (!command.checkpoint.empty() && command.strategy != ExploreCommand::Strategy::bounded)
      throw UsageError("--checkpoint: only a bounded search can be continued");
    if (explore->count("--depth") > 0 && command.strategy != ExploreCommand::Strategy::pct)
      throw UsageError("--depth: it is of --strategy pct");
    if (command.faults && is_a_program(command.test))
      throw UsageError(
          "--faults: only replicas that are threads are harmed here; `gauntlet crash` harms a "
          "program at each statement");
    if (!words.shard.empty()) command.shard = shard_of(words.shard);
    chosen = command;
  });
}

void add_replay(CLI::App& app, ReplayCommand& command, Words& words, Command& chosen) {
  CLI::App* replay = app.add_subcommand("replay", "repeat a schedule that `explore --save` saved");
  replay->add_option("file", command.file, "the saved schedule")->type_name("FILE")->required();
  replay->add_option("--times", command.times, "repeat it so many times (default 1)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, times_most));
  add_programs(*replay, command.test, words, "replay it with");
  replay->add_flag("--reference", command.with_reference,
                   "replay it with the reference runner (default: the runner that failed)");
  add_server_and_reports(*replay, command.test.how, words);
  replay->footer(replay_examples);
  replay->callback([&, replay] {
    take_server_and_reports(command.test.how, words);
    take_program(*replay, command.test, words);
    chosen = command;
  });
}

}  // namespace gauntlet::cli
