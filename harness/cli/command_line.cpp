#include "harness/cli/command_line.h"

#include "harness/cli/flags.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {
namespace {

constexpr std::size_t replicas_min = 2, replicas_max = 200;

constexpr const char* verify_examples = R"(Examples:
  gauntlet verify --migrations migrations --database ephemeral
  gauntlet verify --migrations db/migrate --checks lint
  gauntlet verify --migrations migrations --format golang-migrate \
      --database postgresql://ci@db.example/scratch --junit gauntlet.xml
  gauntlet verify --migrations migrations --database ephemeral \
      --service './service --port {port}' --health-url 'http://127.0.0.1:{port}/healthz'
  gauntlet verify --migrations migrations --database ephemeral \
      --runner 'my-migrate -path {migrations} -database {url} up' --success-codes 0,3

A given database is a scratch server: it is read, and every migration runs in databases that
gauntlet makes beside it, or inside a transaction that is rolled back.
)";

constexpr const char* server_examples = R"(Examples:
  export TEST_DATABASE_URL=$(gauntlet server start --name ci --ttl 30m)
  gauntlet server list
  gauntlet server stop ci
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
      throw UsageError(fmt::format("--checks: there is no check `{}`; there are {}", id,
                                   fmt::join(known, ", ")));
}

VerifyCommand verify_of(VerifyCommand command, const Words& words) {
  verify::Options& options = command.options;
  require_known_checks(options.checks);
  options.format = format_of(words.format);
  options.statement_timeout = duration_of("--statement-timeout", words.statement_timeout);
  options.boot_deadline = duration_of("--boot-deadline", words.boot_deadline);
  options.arena.server = server_options_of(words);
  options.keep = words.keep;
  options.allow_cluster_changes = words.allow_cluster_changes;
  if (options.service.has_value() == options.health_url.empty())
    throw UsageError(
        "--service and --health-url belong together: a command, and the URL that tells of it");
  refuse_settings_of_a_given_server(options.database, words);
  command.output = output_of(words);
  return command;
}

void add_subject_options(CLI::App& app, verify::Options& options) {
  app.add_option("--runner", options.runner,
                 "program to put in the runner's place for boot and replicas;\n"
                 "{url} {host} {port} {user} {password} {database} {migrations} {work}\n"
                 "are replaced, and DATABASE_URL, PGHOST … are set")
      ->type_name("CMD");
  add_applied_query(app, options.applied_query);
  add_success_codes(app, options.success_codes);
  app.add_option("--service", options.service,
                 "service to start on {port}; it applies its own migrations")
      ->type_name("CMD");
  app.add_option("--health-url", options.health_url,
                 "URL that answers 200 once the service is ready; {port} is replaced")
      ->type_name("URL");
}

void add_verify_options(CLI::App& app, VerifyCommand& command, Words& words) {
  verify::Options& options = command.options;
  app.add_option("--migrations", options.migrations, "folder of the migrations")
      ->type_name("DIR")
      ->required();
  add_database(app, options.database);
  app.add_option("--checks", options.checks,
                 fmt::format("which to run: {} [all]", fmt::join(ids_of(verify::checks()), ", ")))
      ->type_name("ID,…")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--format", words.format, "whose conventions the files follow [gauntlet]")
      ->type_name("NAME");
  add_subject_options(app, options);
  app.add_option("--boot-deadline", words.boot_deadline, "until --health-url must answer 200 [30s]")
      ->type_name("T");
  app.add_option("--replicas", options.replicas, "how many runners start at once [16]")
      ->type_name("N")
      ->check(CLI::Range(replicas_min, replicas_max));
  app.add_option("--statement-timeout", words.statement_timeout,
                 "longest time that one statement of a migration may take [5m]")
      ->type_name("T");
  app.add_option("--init-sql", options.init_sql,
                 "SQL to run in every fresh database before anything else")
      ->type_name("FILE");
  app.add_flag("--allow-cluster-changes", words.allow_cluster_changes,
               "on a given server, run also what changes roles, tablespaces or settings of all");
  app.add_flag("--keep", words.keep, "keep a failing database and tell how to reach it");
  add_server_options(app, words);
  add_telling(app, words, command.junit_file, command.seed);
  app.footer(std::string(verify_examples) + "\n" + exit_codes);
}

void add_verify(CLI::App& app, VerifyCommand& command, Words& words, Command& chosen) {
  CLI::App* verify = app.add_subcommand("verify", "judge a folder of migrations");
  add_verify_options(*verify, command, words);
  verify->callback([&] { chosen = verify_of(command, words); });
}

void add_list(CLI::App& app, Words& words, Command& chosen) {
  using What = ListCommand::What;
  static const std::map<std::string, What> what = {{"scenarios", What::scenarios},
                                                   {"mutants", What::mutants},
                                                   {"oracles", What::oracles},
                                                   {"checks", What::checks},
                                                   {"findings", What::findings}};
  CLI::App* list = app.add_subcommand("list", "what there is: ids, and what each of them says");
  list->add_option("what", words.what,
                   "scenarios, mutants, oracles, checks, or findings: those of the check lint\n"
                   "[scenarios]")
      ->check(CLI::IsMember({"scenarios", "mutants", "oracles", "checks", "findings"}));
  add_json(*list, words);
  list->callback([&] {
    const auto found = what.find(words.what);
    chosen = ListCommand{.what = found == what.end() ? What::scenarios : found->second,
                         .output = output_of(words)};
  });
}

void add_server(CLI::App& app, Words& words, Command& chosen) {
  CLI::App* server = app.add_subcommand("server", "a throwaway server to point other tools at");
  server->require_subcommand(1);
  server->footer(server_examples);

  CLI::App* start =
      server->add_subcommand("start", "start one that outlives this program; prints its URL");
  start->add_option("--name", words.name, "what to call it")->type_name("NAME");
  start->add_option("--ttl", words.ttl, "how long it lives [2h]")->type_name("T");
  add_server_options(*start, words);
  add_json(*start, words);
  start->callback([&] {
    const auto ttl = std::chrono::ceil<std::chrono::seconds>(duration_of("--ttl", words.ttl));
    chosen =
        ServerStart{.options = server_options_of(words), .ttl = ttl, .output = output_of(words)};
  });

  CLI::App* stop = server->add_subcommand("stop", "end one and remove its folder");
  stop->add_option("name", words.name, "which; not needed when there is only one");
  stop->callback([&] { chosen = ServerStop{words.name}; });

  CLI::App* url = server->add_subcommand("url", "print the URL of one, with its password");
  url->add_option("name", words.name, "which; not needed when there is only one");
  url->callback([&] { chosen = ServerUrl{words.name}; });

  CLI::App* list = server->add_subcommand("list", "those that run on this machine");
  add_json(*list, words);
  list->callback([&] { chosen = ServerList{output_of(words)}; });
}

void add_clean(CLI::App& app, CleanCommand& command, Words& words, Command& chosen) {
  CLI::App* clean = app.add_subcommand("clean", "remove what crashed runs left behind");
  clean->add_option("--database", command.database, "scratch server to clean, too")
      ->type_name("URL")
      ->envname("TEST_DATABASE_URL");
  add_json(*clean, words);
  clean->callback([&] {
    command.output = output_of(words);
    chosen = command;
  });
}

/// CLI11's sentence, in the spelling of ours.
std::string sentence_of(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  if (text.size() > 1 && std::isupper(static_cast<unsigned char>(text[1])) == 0)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  // What is missing is often there, and misspelled.
  const std::vector<std::string> strange = app.remaining(true);
  if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr || strange.empty()) return text;
  return fmt::format("`{}` is not understood, and {}", strange.front(), text);
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  CLI::App app{
      "gauntlet: proves, or disproves, that migrations and their runner survive production"};
  app.name("gauntlet");
  app.require_subcommand(1);
  app.set_version_flag("--version", "gauntlet " GAUNTLET_VERSION);
  app.footer(std::string("`gauntlet COMMAND --help` tells the flags of each, with examples.\n") +
             exit_codes);
  app.get_formatter()->column_width(32);

  VerifyCommand verify;
  TestCommand test;
  MutantsCommand mutants;
  TraceCommand trace;
  BenchCommand bench;
  CleanCommand clean;
  Words words;
  Command chosen;
  add_verify(app, verify, words, chosen);
  add_test(app, test, words, chosen);
  add_mutants(app, mutants, words, chosen);
  add_show(app, words, chosen);
  add_trace(app, trace, words, chosen);
  add_bench(app, bench, words, chosen);
  add_list(app, words, chosen);
  add_server(app, words, chosen);
  add_clean(app, clean, words, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Printed{app.help()};
  } catch (const CLI::CallForAllHelp&) {
    return Printed{app.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::CallForVersion& version) {
    return Printed{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw UsageError(sentence_of(app, error));
  }
  return chosen;
}

}  // namespace gauntlet::cli
