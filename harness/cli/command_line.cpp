#include "harness/cli/command_line.h"

#include "harness/cli/flags.h"
#include "runner/postgres/conninfo.h"

#include <cctype>
#include <map>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace gauntlet::cli {
namespace {

constexpr const char* server_examples = R"(Examples:
  export TEST_DATABASE_URL=$(gauntlet server start --name ci --ttl 30m)
  gauntlet server list
  gauntlet server stop ci
)";

void add_list(CLI::App& app, Words& words, Command& chosen) {
  using What = ListCommand::What;
  static const std::map<std::string, What> what = {{"scenarios", What::scenarios},
                                                   {"mutants", What::mutants},
                                                   {"oracles", What::oracles},
                                                   {"checks", What::checks},
                                                   {"findings", What::findings}};
  CLI::App* list =
      app.add_subcommand("list", "list scenarios, mutants, oracles, checks or findings");
  list->add_option("what", words.what,
                   "scenarios, mutants, oracles, checks, or findings (of the check lint)\n"
                   "(default scenarios)")
      ->check(CLI::IsMember({"scenarios", "mutants", "oracles", "checks", "findings"}));
  add_json(*list, words);
  list->callback([&] {
    const auto found = what.find(words.what);
    chosen = ListCommand{.what = found == what.end() ? What::scenarios : found->second,
                         .output = output_of(words)};
  });
}

void add_server(CLI::App& app, Words& words, Command& chosen) {
  CLI::App* server = app.add_subcommand("server", "run a throwaway server for other tools");
  server->require_subcommand(1);
  server->footer(server_examples);

  CLI::App* start = server->add_subcommand(
      "start", "start a server that outlives this program, and print its URL");
  start->add_option("--name", words.name, "name of the server (default its port)")
      ->type_name("NAME");
  start->add_option("--ttl", words.ttl, "end the server after this time (default 2h)")
      ->type_name("T");
  add_server_options(*start, words);
  add_json(*start, words);
  start->callback([&] {
    const auto ttl = std::chrono::ceil<std::chrono::seconds>(duration_of("--ttl", words.ttl));
    chosen =
        ServerStart{.options = server_options_of(words), .ttl = ttl, .output = output_of(words)};
  });

  CLI::App* stop = server->add_subcommand("stop", "end a server and remove its folder");
  stop->add_option("name", words.name, "name of the server (default the only one)");
  stop->callback([&] { chosen = ServerStop{words.name}; });

  CLI::App* url = server->add_subcommand("url", "print the URL of a server, with its password");
  url->add_option("name", words.name, "name of the server (default the only one)");
  url->callback([&] { chosen = ServerUrl{words.name}; });

  CLI::App* list = server->add_subcommand("list", "list the servers of this machine");
  add_json(*list, words);
  list->callback([&] { chosen = ServerList{output_of(words)}; });
}

void add_clean(CLI::App& app, CleanCommand& command, Words& words, Command& chosen) {
  CLI::App* clean = app.add_subcommand("clean", "remove what killed runs left behind");
  clean
      ->add_option("--database", command.database,
                   "also drop the databases that killed runs left on this scratch server\n"
                   "(default TEST_DATABASE_URL, or none)")
      ->type_name("URL")
      ->envname("TEST_DATABASE_URL");
  add_json(*clean, words);
  clean->callback([&] {
    command.output = output_of(words);
    chosen = command;
  });
}

/// CLI11's sentence as we write ours. It quotes words of the command line: one may hold a password.
std::string sentence_of(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = runner::mask_password(error.what());
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  if (text.size() > 1 && std::isupper(static_cast<unsigned char>(text[1])) == 0)
    text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  // A flag that is missing is often there, misspelled.
  const std::vector<std::string> strange = app.remaining(true);
  if (dynamic_cast<const CLI::RequiredError*>(&error) == nullptr || strange.empty()) return text;
  return fmt::format("unknown word `{}`, and {}", runner::mask_password(strange.front()), text);
}

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  CLI::App app{"gauntlet: tests whether migrations and their runner survive production"};
  app.name("gauntlet");
  app.require_subcommand(1);
  app.set_version_flag("--version", "gauntlet " GAUNTLET_VERSION);
  app.footer(
      std::string("`gauntlet COMMAND --help` prints the flags of a command, with examples.\n") +
      exit_codes);
  app.get_formatter()->column_width(32);

  VerifyCommand verify;
  TestCommand test;
  MutantsCommand mutants;
  ExploreCommand explore;
  ReplayCommand replay;
  TraceCommand trace;
  BenchCommand bench;
  CrashCommand crash;
  CertifyCommand certify;
  CleanCommand clean;
  Words words;
  Command chosen;
  add_verify(app, verify, words, chosen);
  add_test(app, test, words, chosen);
  add_mutants(app, mutants, words, chosen);
  add_explore(app, explore, words, chosen);
  add_replay(app, replay, words, chosen);
  add_show(app, words, chosen);
  add_trace(app, trace, words, chosen);
  add_crash(app, crash, words, chosen);
  add_certify(app, certify, words, chosen);
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
