#include "harness/cli/flags.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr std::size_t replicas_max = 200, rounds_max = 1'000;
constexpr double latency_ms_max = 1'000;

constexpr const char* bench_examples = R"(Examples:
  gauntlet bench --database ephemeral
  gauntlet bench --database ephemeral --html bench.html --latency 0,1,10 \
      --runner 'dbmate --url {url} -d {migrations} --no-dump-schema up' --format dbmate
  gauntlet bench --database ephemeral --subject dbmate.toml --subject goose.toml --json bench.json
  gauntlet bench --read bench.json --html bench.html

Fleets of each runner, of gauntlet-migrate and of a bare program that connects, asks one thing and
leaves (the floor) are released together, in rounds that all of them share: with nothing pending,
which is what nearly every boot is, and with migrations pending. Each fleet is judged; one that did
wrong is shown as wrong and compared with nobody.

Exit codes: 0 all were right, 1 one was wrong, 2 could not measure or judge, 64 usage.
)";

/// Ascending and each once: larger fleets are not measured of who did not end in a smaller one.
template <typename Number>
void sort_once(std::vector<Number>& numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
}

BenchCommand bench_of(BenchCommand command, const Words& words) {
  command.format = project_format_named(words.format);
  if (!command.read_files.empty() &&
      (!command.runners.empty() || !command.subject_files.empty() || !command.json_file.empty()))
    throw UsageError("--read tells again what was measured: it goes with --html and --markdown");
  refuse_settings_of_a_given_server(command.database, words);
  command.server = server_options_of(words);
  if (!words.timeout.empty()) command.timeout = duration_of("--timeout", words.timeout);
  sort_once(command.replicas);
  sort_once(command.latencies_ms);
  return command;
}

void add_contenders(CLI::App& app, BenchCommand& command, Words& words) {
  app.add_option("--runner", command.runners,
                 "program to measure beside gauntlet-migrate; repeatable; {url} {host} {port}\n"
                 "{user} {password} {database} {migrations} {work} are replaced, and\n"
                 "DATABASE_URL, PGHOST … are set")
      ->type_name("CMD")
      ->allow_extra_args(false);
  app.add_option("--subject", command.subject_files, "the same, told by a TOML file; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--format", words.format,
                 fmt::format("what the files of each --runner look like: {} [gauntlet]",
                             fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  add_applied_query(app, command.applied_query, "what each --runner has applied");
  add_success_codes(app, command.success_codes);
}

void add_telling_of_figures(CLI::App& app, BenchCommand& command) {
  app.add_option("--json", command.json_file,
                 "write the figures, in the JSON format of Google Benchmark")
      ->type_name("FILE");
  app.add_option("--html", command.html_file, "write it as one page, with pictures")
      ->type_name("FILE");
  app.add_option("--read", command.read_files,
                 "measure nothing, and tell what --json wrote; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("--markdown", command.markdown, "print a table for a README instead");
}

}  // namespace

void add_bench(CLI::App& app, BenchCommand& command, Words& words, Command& chosen) {
  CLI::App* bench = app.add_subcommand(
      "bench", "what contention costs: fleets of any runner beside the reference and a floor");
  add_contenders(*bench, command, words);
  bench
      ->add_option("--migrations", command.migrations,
                   "folder of NNN_description.up.sql, written for each runner in its format;\n"
                   "without it, five small ones are made")
      ->type_name("DIR");
  add_database_or_throwaway(*bench, command.database);
  bench->add_option("--replicas", command.replicas, "how many start together [1,4,16,64]")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(std::size_t{1}, replicas_max));
  bench
      ->add_option("--latency", command.latencies_ms, "milliseconds to add to every round trip [0]")
      ->type_name("MS,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(0.0, latency_ms_max));
  bench->add_option("--rounds", command.rounds, "how often each fleet is let go [9]")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, rounds_max));
  bench
      ->add_option("--timeout", words.timeout,
                   "longest time of one fleet [what the subject file says, usually 60s]")
      ->type_name("T");
  add_telling_of_figures(*bench, command);
  add_server_options(*bench, words);
  bench->footer(bench_examples);
  bench->callback([&] { chosen = bench_of(command, words); });
}

}  // namespace gauntlet::cli
