#include "harness/cli/flags.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr std::size_t fleet_replicas_max = 200, rounds_max = 1'000;
constexpr double latency_ms_max = 1'000;

constexpr const char* bench_examples = R"(Examples:
  gauntlet bench
  gauntlet bench --html bench.html --latency 0,1,10 --format dbmate \
      --runner 'dbmate --url {url} -d {migrations} --no-dump-schema up'
  gauntlet bench --subject dbmate.toml --subject goose.toml --json bench.json
  gauntlet bench --read bench.json --html bench.html

Each round starts a fleet of every runner, of gauntlet-migrate and of a bare program that connects,
sends one query and ends (the floor): once with nothing pending, as at most starts, and once with
migrations pending. Each fleet is judged. A fleet that did wrong is shown as wrong, without a time.

Exit codes: 0 every fleet was right, 1 a fleet was wrong, 2 could not measure or judge, 64 usage.
)";

/// Ascending and each once: a runner that does not end in a small fleet is not measured in a
/// larger one.
template <typename Number>
void sort_once(std::vector<Number>& numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

BenchCommand bench_of(BenchCommand command, const Words& words) {
  command.format = project_format_named(words.format);
  if (!command.read_files.empty() &&
      (!command.runners.empty() || !command.subject_files.empty() || !command.json_file.empty()))
    throw UsageError("--read prints earlier results: combine it with --html and --markdown only");
  refuse_settings_of_a_given_server(command.database, words);
  command.server = server_options_of(words);
  if (!words.timeout.empty()) command.timeout = duration_of("--timeout", words.timeout);
  sort_once(command.replicas);
  sort_once(command.latencies_ms);
  return command;
}

void add_contenders(CLI::App& app, BenchCommand& command, Words& words) {
  app.add_option("--runner", command.runners,
                 "measure this program, too; repeatable. Gauntlet replaces {url} {host}\n"
                 "{port} {user} {password} {database} {migrations} {work} and sets\n"
                 "DATABASE_URL, PGHOST …")
      ->type_name("CMD")
      ->allow_extra_args(false);
  app.add_option("--subject", command.subject_files,
                 "measure the program that this TOML file describes; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--format", words.format,
                 fmt::format("layout of the files of each --runner: {}\n(default gauntlet)",
                             fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  add_applied_query(app, command.applied_query);
  add_success_codes(app, command.success_codes);
}

void add_figure_outputs(CLI::App& app, BenchCommand& command) {
  app.add_option("--json", command.json_file,
                 "write the figures in the JSON format of Google Benchmark")
      ->type_name("FILE");
  app.add_option("--html", command.html_file, "write one page with charts")->type_name("FILE");
  app.add_option("--read", command.read_files,
                 "measure nothing and print what --json wrote; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("--markdown", command.markdown, "print a Markdown table (default: text)");
}

}  // namespace

void add_bench(CLI::App& app, BenchCommand& command, Words& words, Command& chosen) {
  CLI::App* bench = app.add_subcommand(
      "bench", "measure what contention costs: any runner, gauntlet-migrate, a floor");
  add_contenders(*bench, command, words);
  bench
      ->add_option("--migrations", command.migrations,
                   "folder of NNN_description.up.sql; Gauntlet writes each runner's layout\n"
                   "(default: five small migrations)")
      ->type_name("DIR");
  add_database_or_throwaway(*bench, command.database);
  bench
      ->add_option("--replicas", command.replicas,
                   "how many replicas start at once (default 1,4,16,64)")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(std::size_t{1}, fleet_replicas_max));
  bench
      ->add_option("--latency", command.latencies_ms,
                   "milliseconds to add to every round trip (default 0)")
      ->type_name("MS,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(0.0, latency_ms_max));
  bench->add_option("--rounds", command.rounds, "how many times each fleet runs (default 9)")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, rounds_max));
  bench
      ->add_option("--timeout", words.timeout,
                   "longest time of one fleet (default: that of the subject file, or 60s)")
      ->type_name("T");
  add_figure_outputs(*bench, command);
  add_server_options(*bench, words);
  bench->footer(bench_examples);
  bench->callback([&] { chosen = bench_of(command, words); });
}

}  // namespace gauntlet::cli
