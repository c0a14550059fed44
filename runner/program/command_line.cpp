#include "runner/program/command_line.h"

#include "runner/postgres/conninfo.h"
#include "runner/program/duration.h"
#include "runner/program/help_texts.h"
#include "runner/program/options.h"
#include "runner/values/number.h"
#include "runner/values/plan.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <sstream>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

struct CommandName {
  const char* name;
  Command command;
  const char* what;
};
constexpr std::array<CommandName, 8> commands{
    {{"up", Command::up, "Apply every pending migration"},
     {"down", Command::down, "Roll back applied migrations, the highest first"},
     {"status", Command::status, "List every migration and its state"},
     {"check", Command::check, "Say in one line whether the database fits these migrations"},
     {"plan", Command::plan, "List what `up` would run"},
     {"accept", Command::accept, "Record the checksum of an applied file as it stands now"},
     {"resume", Command::resume, "Go on with a migration that stopped outside a transaction"},
     {"forget", Command::forget, "Let a migration that stopped run from its start again"}}};

bool is_command(std::string_view word) {
  return std::ranges::any_of(commands,
                             [&](const CommandName& known) { return word == known.name; });
}

struct Range {
  std::int64_t least = 0, most = std::numeric_limits<std::int64_t>::max();
};

std::int64_t parse_number(const std::string& text, const char* name, Range range) {
  const auto number = number_in<std::int64_t>(text);
  if (number && *number >= range.least && *number <= range.most) return *number;
  const std::string most = range.most == std::numeric_limits<std::int64_t>::max()
                               ? ""
                               : fmt::format(" and at most {}", range.most);
  throw Error(
      "bad-number",
      fmt::format("{} \"{}\" is not a whole number from {}{}", name, text, range.least, most), {},
      "write it in decimal digits; `007` is 7");
}

// No amount is ever assumed.
DownAmount amount_of(const Texts& texts) {
  if (texts.all) return {.kind = DownAmount::Kind::all};
  if (!texts.steps.empty()) {
    return {.kind = DownAmount::Kind::steps,
            .value = parse_number(texts.steps, "--steps", {.least = 1})};
  }
  return {.kind = DownAmount::Kind::to, .value = parse_number(texts.to, "--to", {})};
}

int statement_of(const std::string& from) {
  if (from == "end") return resume_at_end;
  return static_cast<int>(
      parse_number(from, "--from", {.least = 1, .most = std::numeric_limits<int>::max() - 1}));
}

void read_numbers(const Texts& texts, Asked& asked) {
  asked.up.lock_key = parse_number(texts.lock_key, "--lock-key",
                                   {.least = std::numeric_limits<std::int64_t>::min()});
  asked.up.lock_retries.times =
      static_cast<int>(parse_number(texts.lock_retries, "--lock-retries", {.most = 1000}));
  if (!texts.from.empty()) asked.from = statement_of(texts.from);
  if (!texts.version.empty()) asked.version = parse_number(texts.version, "VERSION", {});
  if (asked.command == Command::down) asked.down = amount_of(texts);
}

void read_texts(const Texts& texts, Asked& asked) {
  static const std::map<std::string, NoTransaction> modes{
      {"directive", NoTransaction::directive},
      {"auto", NoTransaction::automatic},
      {"whole-file", NoTransaction::whole_file}};
  asked.up.lock_wait_max = parse_duration(texts.lock_wait);
  asked.up.lock_timeout = parse_duration(texts.lock_timeout);
  asked.up.statement_timeout = parse_duration(texts.statement_timeout);
  asked.heartbeat = parse_duration(texts.heartbeat);
  asked.up.lock = parse_lock_mode(texts.lock);
  asked.up.no_transaction = modes.at(texts.no_transaction);
  asked.up.tracker.verify_checksums = !texts.no_verify;
  if (texts.json) asked.format = Format::json;
  if (texts.json_lines) asked.format = Format::json_lines;
  read_numbers(texts, asked);
}

// A variable that is not set, `--database "$STAGING"`: the environment's database is another.
std::optional<std::string> given_as_nothing(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) {
    for (const char* name : {"--database", "--migrations"}) {
      const CLI::Option* option = command->get_option(name);
      if (option->count() > 0 && option->as<std::string>().empty()) return name;
    }
  }
  return std::nullopt;
}

// What has no meaning in a file, where the transaction is the lock.
std::optional<std::string> only_for_postgres(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) {
    for (const char* name : {"--lock", "--lock-key", "--lock-timeout", "--lock-retries",
                             "--session-pooler", "--retry-failed"}) {
      const CLI::Option* option = command->get_option_no_throw(name);
      if (option != nullptr && option->count() > 0) return name;
    }
  }
  return std::nullopt;
}

// It quotes words: one may hold a password.
CommandLine usage_error(const std::string& text) {
  return {
      .run = false, .asked = {}, .exit_code = exit_usage, .out = {}, .err = mask_password(text)};
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv, const std::string& database_url) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (argc > 1 && !first.starts_with('-') && !is_command(first)) {
    return usage_error(
        fmt::format("\"{}\" is not a command: there are up, down, status, check, plan, accept, "
                    "resume and forget\n",
                    first));
  }
  CommandLine line;
  Texts texts;
  CLI::App app(about(), "gauntlet-migrate");
  app.footer(examples());
  app.require_subcommand(1);
  for (const auto& [name, command, what] : commands) {
    // A service starts often and is asked for one: the other seven are only built to be told of.
    if (is_command(first) && first != name) continue;
    CLI::App* added = app.add_subcommand(name, what);
    add_options(*added, command, line.asked, texts);
    added->callback([&line, chosen = command] { line.asked.command = chosen; });
  }
  try {
    app.parse(argc, argv);
    if (const auto nothing = given_as_nothing(app)) {
      return usage_error(fmt::format("{} is empty: give it a value, or leave it out\n", *nothing));
    }
    read_texts(texts, line.asked);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    return {.run = false,
            .asked = {},
            .exit_code = code == 0 ? 0 : exit_usage,
            .out = out.str(),
            .err = mask_password(err.str())};
  } catch (const Error& error) {
    return usage_error(std::string(error.what()) + "\n");
  }
  if (line.asked.database.empty()) line.asked.database = database_url;
  if (line.asked.database.empty()) {
    return usage_error(
        "no database: give --database URL, or set the environment variable DATABASE_URL\n");
  }
  const auto foreign = only_for_postgres(app);
  if (foreign && engine_of(line.asked.database) == Engine::sqlite) {
    return usage_error(
        fmt::format("{} is for PostgreSQL; on SQLite a transaction is the lock\n", *foreign));
  }
  line.run = true;
  return line;
}

}  // namespace gauntlet::runner
