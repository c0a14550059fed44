#include "harness/certify/certificate.h"
#include "harness/certify/lock_file.h"
#include "harness/certify/promises.h"
#include "harness/cli/flags.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr const char* certify_examples = R"(Examples:
  gauntlet certify --subject dbmate.toml
  gauntlet certify --runner './migrate {url} {migrations}' --areas lock,replicas
  gauntlet certify --subject dbmate.toml --output markdown --out certificates

The runner is judged on small migrations of ours: its lock (flaws put into it on the wire), crashes
(a sweep), replicas, a pooler in transaction mode, drift (a file that was edited, is gone, or appears
late), a tracker that cannot be read, and a session that reads a table for long. `gauntlet verify` with the same runner prints one line of runner.lock.json.
)";

std::string promise_lines() {
  std::string lines = "Promises that a subject file may name:\n";
  for (const certify::KnownPromise& promise : certify::known_promises())
    lines += fmt::format("  {:<20} {}\n", promise.id, promise.meaning);
  return lines;
}

std::vector<std::string_view> area_names() {
  std::vector<std::string_view> names;
  for (const certify::Area area : certify::areas()) names.push_back(to_string(area));
  return names;
}

void require_sense(const CertifyCommand& command) {
  if (!command.runner.empty() && !command.subject_file.empty())
    throw UsageError("--runner and --subject each name a runner: give one of them");
  if (!command.subject_file.empty() && !command.format.empty())
    throw UsageError("--format: with --subject the file names the format, by the key `format`");
  if (!command.format.empty()) project_format_named(command.format);
  const auto known = area_names();
  for (const std::string& area : command.areas)
    if (std::ranges::find(known, area) == known.end())
      throw UsageError(fmt::format("--areas: there is no area `{}`; the areas are {}", area,
                                   fmt::join(known, ", ")));
  for (const std::string& harm : command.harms) require_harm("--harms", harm);
}

}  // namespace

void add_certify(CLI::App& app, CertifyCommand& command, Words& words, Command& chosen) {
  CLI::App* certify = app.add_subcommand(
      "certify", "judge a runner on migrations of ours, and write runner.lock.json");
  add_runner(*certify, command.runner, "judge this program.");
  certify
      ->add_option("--subject", command.subject_file,
                   "judge the program that this TOML file describes")
      ->type_name("FILE");
  certify
      ->add_option("--format", command.format,
                   fmt::format("layout of the migrations that the program of --runner reads: {}\n"
                               "(default gauntlet)",
                               fmt::join(project_format_names(), ", ")))
      ->type_name("NAME");
  add_success_codes(*certify, command.success_codes);
  add_applied_query(*certify, command.applied_query);
  certify
      ->add_option(
          "--areas", command.areas,
          fmt::format("judge these only: {}\n(default all)", fmt::join(area_names(), ", ")))
      ->type_name("AREA,…")
      ->delimiter(',')
      ->allow_extra_args(false);
  certify
      ->add_option("--harms", command.harms,
                   "of the crashes do these harms only, and say so in the certificate (default\n"
                   "those that `gauntlet crash` does)")
      ->type_name("HARM,…")
      ->delimiter(',')
      ->allow_extra_args(false);
  certify
      ->add_option("--out", command.folder,
                   fmt::format("write {} and {} to this folder\n(default: that of the subject "
                               "file, or else the current one)",
                               certify::lock_file_name, certify::markdown_file_name))
      ->type_name("DIR");
  add_database_or_throwaway(*certify, command.how.database);
  certify
      ->add_option("--timeout", words.timeout,
                   "longest time of one run (default 10 times that of a clean run, at least 15s)")
      ->type_name("T");
  certify
      ->add_option("--jobs", command.how.jobs, "how many crashes run at the same time (default 2)")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
  add_server_options(*certify, words);
  add_reporting(*certify, words, command.how.seed);
  certify->footer(std::string(certify_examples) + "\n" + promise_lines() + "\n" + exit_codes);
  certify->callback([&] {
    require_sense(command);
    refuse_settings_of_a_given_server(command.how.database, words);
    command.how.server = server_options_of(words);
    if (!words.timeout.empty()) command.how.timeout = duration_of("--timeout", words.timeout);
    command.how.outputs = outputs_of(words);
    chosen = command;
  });
}

}  // namespace gauntlet::cli
