#include "harness/cli/flags.h"

#include "harness/arena/binaries.h"
#include "runner/program/duration.h"
#include "runner/values/error.h"

#include <cstdlib>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {

Output output_of(const Words& words) { return words.json ? Output::json : Output::text; }

Outputs outputs_of(const Words& words) {
  std::vector<std::string> targets = words.outputs;
  if (words.json) targets.emplace_back("json");
  if (!words.junit.empty()) targets.push_back("junit=" + words.junit);
  const char* in_github = std::getenv("GITHUB_ACTIONS");
  return {.targets = output_targets(targets,
                                    in_github != nullptr && std::string_view(in_github) == "true"),
          .all = words.all};
}

std::chrono::milliseconds duration_of(const std::string& flag, const std::string& text) {
  try {
    const auto duration = runner::parse_duration(text);
    if (duration.count() > 0) return duration;
  } catch (const runner::Error& error) {
    throw UsageError(fmt::format("{}: {}; {}", flag, error.message(), error.fix()));
  }
  throw UsageError(flag + ": 0 would wait without an end; write 30s, 5m, 2h");
}

namespace {

std::map<std::string, std::string> settings_of(const std::vector<std::string>& words) {
  std::map<std::string, std::string> settings;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError(fmt::format("--server-setting: `{}` is not NAME=VALUE", word));
    settings[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return settings;
}

}  // namespace

arena::ServerOptions server_options_of(const Words& words, OtherServer other) {
  arena::ServerOptions options;
  options.binaries = words.postgres;
  if (words.server_version && words.postgres.empty()) {
    const auto found = arena::find_server_of_major(*words.server_version);
    if (!found && other == OtherServer::refused)
      throw UsageError(fmt::format(
          "--server-version: PostgreSQL {0} is not installed; install postgresql-{0}, run "
          "`make peers`, or name its folder with --postgres DIR",
          *words.server_version));
    if (found) options.binaries = *found;
  }
  if (!words.locale.empty()) options.locale = words.locale;
  options.settings = settings_of(words.settings);
  options.name = words.name;
  return options;
}

formats::Format format_of(const std::string& name) {
  if (const formats::Format* format = formats::find_format(name)) return *format;
  std::vector<std::string_view> known;
  known.reserve(formats::formats().size());
  for (const formats::Format& format : formats::formats()) known.push_back(format.name);
  throw UsageError(fmt::format("--format: there is no format `{}`; the formats are {}", name,
                               fmt::join(known, ", ")));
}

void refuse_settings_of_a_given_server(const std::string& database, const Words& words) {
  const bool is_given = !database.empty() && database != throwaway;
  if (is_given && (!words.settings.empty() || !words.locale.empty()))
    throw UsageError(
        "--server-setting and --locale configure the server that `--database ephemeral` starts; "
        "remove them, or use `--database ephemeral`");
}

void add_json(CLI::App& app, Words& words) {
  app.add_flag("--json", words.json, "print one JSON object and nothing else on stdout");
}

void add_server_options(CLI::App& app, Words& words) {
  app.add_option("--postgres", words.postgres,
                 "use the PostgreSQL server in this folder (default the newest installed)")
      ->type_name("DIR");
  app.add_option("--server-version", words.server_version,
                 "use the server of this major version, from what is installed or what\n"
                 "`make peers` brought (default the newest installed)")
      ->type_name("N")
      ->check(CLI::Range(10, 99));
  app.add_option("--server-setting", words.settings,
                 "configure the throwaway server; repeatable (default none)")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--locale", words.locale, "locale of the throwaway server (default C.UTF-8)")
      ->type_name("NAME");
}

namespace {

CLI::Option* add_database_option(CLI::App& app, std::string& database,
                                 const std::string& otherwise) {
  return app
      .add_option("--database", database,
                  fmt::format("use the scratch server at URL, or with `ephemeral` start a\n"
                              "throwaway server (default TEST_DATABASE_URL, {})",
                              otherwise))
      ->type_name("URL|ephemeral")
      ->envname("TEST_DATABASE_URL");
}

}  // namespace

void add_database(CLI::App& app, std::string& database) {
  app.add_option("--database", database,
                 "use the scratch server at URL, or with `ephemeral` start a throwaway\n"
                 "server; check copies of the SQLite file of `sqlite:PATH`, or with\n"
                 "`sqlite:ephemeral` empty ones (default TEST_DATABASE_URL, or none)")
      ->type_name("URL|ephemeral|sqlite:PATH")
      ->envname("TEST_DATABASE_URL");
}

void add_database_or_throwaway(CLI::App& app, std::string& database) {
  // `--database "$UNSET"` names none, too.
  add_database_option(app, database, "or else ephemeral")->transform([](const std::string& name) {
    return name.empty() ? throwaway : name;
  });
}

void add_runner(CLI::App& app, std::string& runner, const std::string& purpose) {
  app.add_option("--runner", runner,
                 purpose +
                     "\nGauntlet replaces {url} {host} {port} {user} {password} {database} {path}\n"
                     "{migrations} {work} and sets DATABASE_URL, PGHOST … (default\n"
                     "gauntlet-migrate)")
      ->type_name("CMD");
}

void add_success_codes(CLI::App& app, std::vector<int>& codes) {
  app.add_option("--success-codes", codes,
                 "exit codes of the runner that mean success, or that another replica\n"
                 "did the work (default 0)")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(0, 255));
}

void add_applied_query(CLI::App& app, std::string& query) {
  app.add_option("--applied-query", query,
                 "read the applied set with this query: version[, name], or a column\n"
                 "`newest` if the runner keeps only that (default: Gauntlet knows the\n"
                 "trackers of common tools)")
      ->type_name("SQL");
}

void add_reporting(CLI::App& app, Words& words, std::optional<std::uint64_t>& seed) {
  app.add_option("--output", words.outputs,
                 "write a report: text, json, github, sarif, gitlab, junit, markdown or\n"
                 "html; to FILE or to stdout; repeatable (default text, in GitHub Actions\n"
                 "also github)")
      ->type_name("KIND[=FILE]")
      ->allow_extra_args(false);
  app.add_flag("--json", words.json, "short for --output json");
  app.add_option("--junit", words.junit, "short for --output junit=FILE")->type_name("FILE");
  app.add_flag("--all", words.all,
               "print every finding, note and file (default: one line for each cause)");
  app.add_option("--seed", seed, "seed of random choices (default: drawn, and printed)")
      ->type_name("N");
}

}  // namespace gauntlet::cli
