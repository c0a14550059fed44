#include "harness/cli/flags.h"

#include "runner/program/duration.h"
#include "runner/values/error.h"

#include <map>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::cli {

Output output_of(const Words& words) { return words.json ? Output::json : Output::text; }

std::chrono::milliseconds duration_of(const std::string& flag, const std::string& text) {
  try {
    const auto duration = runner::parse_duration(text);
    if (duration.count() > 0) return duration;
  } catch (const runner::Error& error) {
    throw UsageError(fmt::format("{}: {}; {}", flag, error.message(), error.fix()));
  }
  throw UsageError(flag + ": a wait without an end is not for a test; write 30s, 5m, 2h");
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

arena::ServerOptions server_options_of(const Words& words) {
  arena::ServerOptions options;
  options.binaries = words.postgres;
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
  throw UsageError(
      fmt::format("--format: there is no format `{}`; there are {}", name, fmt::join(known, ", ")));
}

void refuse_settings_of_a_given_server(const std::string& database, const Words& words) {
  const bool given = !database.empty() && database != "ephemeral";
  if (given && (!words.settings.empty() || !words.locale.empty()))
    throw UsageError(
        "--server-setting and --locale are for the server that `--database ephemeral` starts");
}

void add_json(CLI::App& app, Words& words) {
  app.add_flag("--json", words.json, "one JSON object on stdout and nothing else there");
}

void add_server_options(CLI::App& app, Words& words) {
  app.add_option("--postgres", words.postgres,
                 "folder with the server's programs; without it they are looked for")
      ->type_name("DIR");
  app.add_option("--server-setting", words.settings, "setting of the throwaway server; repeatable")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_option("--locale", words.locale, "locale of the throwaway server [C.UTF-8]")
      ->type_name("NAME");
}

void add_database(CLI::App& app, std::string& database) {
  app.add_option("--database", database,
                 "`ephemeral` for a throwaway server, or the URL of a scratch server")
      ->type_name("URL|ephemeral")
      ->envname("TEST_DATABASE_URL");
}

void add_database_or_throwaway(CLI::App& app, std::string& database) {
  app.add_option("--database", database,
                 "URL of a scratch server, or `ephemeral`: start a throwaway server\n"
                 "(default TEST_DATABASE_URL, or else ephemeral)")
      ->type_name("URL|ephemeral")
      ->envname("TEST_DATABASE_URL")
      // `--database "$UNSET"` names none, too.
      ->transform([](const std::string& name) { return name.empty() ? throwaway : name; });
}

void add_success_codes(CLI::App& app, std::vector<int>& codes) {
  app.add_option("--success-codes", codes,
                 "exit codes of the runner that mean success, or that another one did it [0]")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(0, 255));
}

void add_applied_query(CLI::App& app, std::string& query, std::string_view told) {
  app.add_option(
         "--applied-query", query,
         fmt::format("query that gives version[, name] of {},\n"
                     "or as a column `newest` the one version that is kept; without it the\n"
                     "tables of the common tools are recognised",
                     told))
      ->type_name("SQL");
}

void add_telling(CLI::App& app, Words& words, std::string& junit_file,
                 std::optional<std::uint64_t>& seed) {
  app.add_option("--seed", seed, "seed of what is drawn at random [drawn, and printed]")
      ->type_name("N");
  add_json(app, words);
  app.add_option("--junit", junit_file, "write the results as JUnit XML, too")->type_name("FILE");
}

}  // namespace gauntlet::cli
