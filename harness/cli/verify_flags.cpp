#include "harness/cli/flags.h"
#include "harness/fleet/subject_file.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr std::size_t replicas_min = 1, replicas_max = 200;

constexpr const char* verify_examples = R"(Examples:
  gauntlet verify --migrations migrations --database ephemeral
  gauntlet verify --migrations db/migrate --checks lint
  gauntlet verify --migrations migrations --format golang-migrate \
      --database postgresql://ci@db.example/scratch --output sarif=gauntlet.sarif
  gauntlet verify --migrations migrations --database ephemeral \
      --service './service --port {port}' --health-url 'http://127.0.0.1:{port}/healthz'
  gauntlet verify --migrations migrations --database ephemeral \
      --runner 'my-migrate -path {migrations} -database {url} up' --success-codes 0,3

Give a scratch server only. Gauntlet reads the given database; it runs migrations in databases that
it creates beside it, or inside a transaction that it rolls back.
)";

std::vector<std::string_view> ids_of(const std::vector<verify::Check>& checks) {
  std::vector<std::string_view> ids;
  ids.reserve(checks.size());
  for (const verify::Check& check : checks) ids.push_back(check.id);
  return ids;
}

void require_known_checks(const std::vector<std::string>& asked) {
  const std::vector<std::string_view> known = ids_of(verify::checks());
  for (const std::string& id : asked)
    if (std::find(known.begin(), known.end(), id) == known.end())
      throw UsageError(fmt::format("--checks: there is no check `{}`; the checks are {}", id,
                                   fmt::join(known, ", ")));
}

/// The folder is the program's own: nothing is prepared for it. What a flag says comes first.
void take_subject(verify::Options& options, const Words& words) {
  if (!words.runner.empty())
    throw UsageError("--runner and --subject each name a runner: give one of them");
  const fleet::SubjectFile file = fleet::read_subject_file(options.subject_file);
  options.subject = file.subject;
  options.runner = file.subject.name;
  if (options.applied_query.empty()) options.applied_query = file.applied_query;
  if (options.success_codes != verify::Options().success_codes)
    options.subject->success_codes = options.success_codes;
  options.success_codes = options.subject->success_codes;
  if (words.layout == "auto" && !file.format.empty()) options.format = format_of(file.format);
}

VerifyCommand verify_of(VerifyCommand command, const Words& words) {
  verify::Options& options = command.options;
  require_known_checks(options.checks);
  options.format =
      words.layout == "auto" ? formats::Format{.name = "auto"} : format_of(words.layout);
  options.statement_timeout = duration_of("--statement-timeout", words.statement_timeout);
  options.boot_deadline = duration_of("--boot-deadline", words.boot_deadline);
  options.in_place_max = duration_of("--in-place-max", words.in_place_max);
  options.server_version = words.server_version;
  options.arena.server = server_options_of(words, OtherServer::taken);
  if (!words.time_budget.empty())
    options.time_budget = duration_of("--time-budget", words.time_budget);
  options.keep = words.keep;
  if (!words.runner.empty()) options.runner = words.runner;
  if (!options.subject_file.empty()) take_subject(options, words);
  options.allow_cluster_changes = words.allow_cluster_changes;
  if (options.service.has_value() == options.health_url.empty())
    throw UsageError("--service CMD and --health-url URL must be given together");
  refuse_settings_of_a_given_server(options.database, words);
  command.fails_on_runner = words.fail_on == "runner";
  if (command.fails_on_runner && !options.runner)
    throw UsageError("--fail-on runner is about the runner that --runner or --subject names");
  command.outputs = outputs_of(words);
  return command;
}

void add_subject_options(CLI::App& app, verify::Options& options, Words& words) {
  add_runner(app, words.runner, "run boot and replicas with this program.");
  app.add_option("--subject", options.subject_file,
                 "run boot and replicas with the program that this TOML file describes")
      ->type_name("FILE");
  add_applied_query(app, options.applied_query);
  app.add_option("--applied-through", options.applied_through,
                 "newest version that is applied, if the database has no known tracker")
      ->type_name("VERSION");
  add_success_codes(app, options.success_codes);
  app.add_option("--service", options.service,
                 "start this service on {port}; it applies its own migrations")
      ->type_name("CMD");
  app.add_option("--health-url", options.health_url,
                 "URL that answers 200 when the service is ready; Gauntlet replaces {port}")
      ->type_name("URL");
}

void add_verify_options(CLI::App& app, VerifyCommand& command, Words& words) {
  verify::Options& options = command.options;
  app.add_option("--migrations", options.migrations, "folder of the migrations (required)")
      ->type_name("DIR")
      ->required();
  add_database(app, options.database);
  app.add_option("--checks", options.checks,
                 fmt::format("run only these: {}\n(default all)",
                             fmt::join(ids_of(verify::checks()), ", ")))
      ->type_name("ID,…")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option(
         "--format", words.layout,
         "layout of the migrations: auto, or gauntlet, golang-migrate, dbmate, goose, …; auto\n"
         "takes the layout whose signs most files have, and says which (default auto)")
      ->type_name("NAME");
  add_subject_options(app, options, words);
  app.add_option("--fail-on", words.fail_on,
                 "fail also on what `gauntlet certify` found of the runner: runner\n"
                 "(default: print it)")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"runner"}));
  app.add_option("--boot-deadline", words.boot_deadline,
                 "time until --health-url must answer 200 (default 30s)")
      ->type_name("T");
  app.add_option(
         "--replicas", options.replicas,
         "how many replicas start at once; 1: a single deployer, so nothing races\n(default 16)")
      ->type_name("N")
      ->check(CLI::Range(replicas_min, replicas_max));
  app.add_option("--statement-timeout", words.statement_timeout,
                 "longest time of one statement of a migration (default 5m)")
      ->type_name("T");
  app.add_option("--init-sql", options.init_sql,
                 "run this SQL first in every database that Gauntlet creates")
      ->type_name("FILE");
  app.add_flag("--allow-cluster-changes", words.allow_cluster_changes,
               "also run statements that change roles, tablespaces or server-wide\n"
               "settings of a given server");
  app.add_flag("--in-place", options.in_place,
               "dry-run: use the given database itself while others are connected to it");
  app.add_option("--in-place-max", words.in_place_max,
                 "longest time that a dry run holds locks in the given database (default 1s)")
      ->type_name("T");
  app.add_option("--copy-limit", options.arena.copy_bytes_max,
                 "sample the rows of a given database that is larger (default 2GB)")
      ->type_name("SIZE")
      ->transform(CLI::AsSizeValue(true));
  app.add_option("--unstable-column", options.unstable_columns,
                 "ignore a column whose values differ in every run; may be repeated")
      ->type_name("TABLE.COLUMN")
      ->allow_extra_args(false);
  app.add_option("--time-budget", words.time_budget,
                 "leave out the checks that do not fit into this time; those of most value\n"
                 "run first (default no limit)")
      ->type_name("T");
  app.add_flag("--keep", words.keep, "keep the database of a failed check and print its URL");
  add_server_options(app, words);
  add_reporting(app, words, command.seed);
  app.footer(std::string(verify_examples) + "\n" + exit_codes);
}

}  // namespace

void add_verify(CLI::App& app, VerifyCommand& command, Words& words, Command& chosen) {
  CLI::App* verify =
      app.add_subcommand("verify", "check a folder of migrations before it is deployed");
  add_verify_options(*verify, command, words);
  verify->callback([&] { chosen = verify_of(command, words); });
}

}  // namespace gauntlet::cli
