#include "runner/program/command_line.h"

#include "runner/postgres/conninfo.h"
#include "runner/program/duration.h"
#include "runner/values/plan.h"

#include <algorithm>
#include <array>
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

bool writes(Command command) {
  return command != Command::status && command != Command::check && command != Command::plan;
}

bool is_command(std::string_view word) {
  return std::ranges::any_of(commands,
                             [&](const CommandName& known) { return word == known.name; });
}

constexpr const char* about =
    "Applies SQL migrations to PostgreSQL or SQLite, each exactly once, however many replicas "
    "start "
    "at once.\n"
    "Exit codes: 0 done, 1 failed, 64 wrong usage, 130 or 143 interrupted; those of `check` are "
    "its own.";

constexpr const char* examples =
    "Examples:\n"
    "  gauntlet-migrate up --database postgresql://app@db/app --migrations migrations\n"
    "  DATABASE_URL=postgresql://app@db/app gauntlet-migrate check --migrations migrations\n"
    "  gauntlet-migrate up --database sqlite:data/app.db --migrations migrations\n"
    "  gauntlet-migrate COMMAND --help\n";

constexpr const char* files_about =
    "A migration is a file NNN_description.up.sql of the folder; NNN is its version. Pending is "
    "what is on\n"
    "disk and not recorded as applied, in numeric order; a version that appears in a gap runs, "
    "too.";

// The texts that CLI11 cannot tell by itself.
std::string footer_of(const std::string& command) {
  if (command == "up") {
    return std::string(files_about) +
           "\n\nOne line a migration goes to stdout, progress and warnings to "
           "stderr.\n\nExamples:\n"
           "  gauntlet-migrate up --migrations migrations --wait 2m --lock-timeout 2s "
           "--statement-timeout "
           "30s\n"
           "  gauntlet-migrate up --migrations migrations --table app.applied_migrations --jsonl\n"
           "  gauntlet-migrate up --migrations migrations --no-transaction whole-file   "
           "(golang-migrate's "
           "files)\n";
  }
  if (command == "status") {
    return "States: applied, pending, unknown (applied, not on disk), renamed, edited, "
           "in-progress. Writes\n"
           "nothing and waits for nobody.\n\nExamples:\n"
           "  gauntlet-migrate status --migrations migrations\n"
           "  gauntlet-migrate status --migrations migrations --json\n";
  }
  if (command == "check") {
    return "Exit codes: 0 compatible, 1 migrations needed, 2 incompatible, 3 could not tell (also "
           "while a\n"
           "migration is in progress). Writes nothing and waits for nobody.\n\nExample:\n"
           "  gauntlet-migrate check --migrations migrations && systemctl restart app\n";
  }
  if (command == "down") {
    return "Of what is applied and on disk, each body and its row in one transaction. Refuses "
           "before "
           "anything\nruns where a version has no down file.\n\nExamples:\n"
           "  gauntlet-migrate down --migrations migrations --steps 1\n"
           "  gauntlet-migrate down --migrations migrations --to 12   (12 stays)\n"
           "  gauntlet-migrate down --migrations migrations --all\n";
  }
  if (command == "accept") {
    return "For an edit of an applied file that is meant: `up` refuses such a file until "
           "then.\n\nExample:\n  gauntlet-migrate accept 3 --migrations migrations\n";
  }
  if (command == "resume") {
    return "Goes on where the migration stopped, repeats the settings of the statements before, "
           "and "
           "repairs\nwhat the statement left (an INVALID index, a half detached partition). Asks "
           "for "
           "--from where only\na person can tell whether it took effect: after a CALL or a "
           "DO.\n\nExamples:\n"
           "  gauntlet-migrate resume 4 --migrations migrations\n"
           "  gauntlet-migrate resume 4 --from 3 --migrations migrations\n"
           "  gauntlet-migrate resume 4 --from end --migrations migrations\n";
  }
  if (command == "forget") {
    return "First undo by hand what its statements left: the file then runs from its start.\n\n"
           "Example:\n  gauntlet-migrate forget 4 --migrations migrations\n";
  }
  return "Prints what `up` would run, in order and how. Exit code 1 if it would refuse. Writes "
         "nothing.\n\n"
         "Example:\n  gauntlet-migrate plan --migrations migrations --json\n";
}

struct Texts {
  std::string lock_wait = "10m", lock_timeout = "1s", statement_timeout = "0", heartbeat = "10s",
              no_transaction = "directive";
  std::string lock = "notify";
  std::int64_t steps = 0, to = 0;
  bool no_verify = false, json = false, json_lines = false, all = false;
};

void add_common(CLI::App& command, Asked& asked, Texts& texts) {
  command.footer(footer_of(command.get_name()));
  command.add_option("--database", asked.database,
                     "postgresql:// URL or keyword string, or sqlite:PATH; default: the "
                     "environment's DATABASE_URL");
  command.add_option("--migrations", asked.migrations, "the folder of the migrations")->required();
  command.add_option("--table", asked.up.tracker.table,
                     "the tracker, `table` or `schema.table`; default: applied_migrations");
  command.add_option(
      "--legacy-table", asked.up.tracker.legacy_table,
      "golang-migrate's table to take over from while the tracker is empty; default: "
      "schema_migrations beside the tracker, if it is golang-migrate's");
  command.add_flag("--no-verify", texts.no_verify, "do not compare the checksums of applied files");
  command.add_option("--lock-key", asked.up.lock_key,
                     "the advisory lock's key; default (0): made from the tracker's name");
}

void add_no_transaction(CLI::App& command, Texts& texts) {
  command
      .add_option(
          "--no-transaction", texts.no_transaction,
          "files that cannot run in a transaction: `directive` runs those that say so on their "
          "first line, `auto` also those with a single statement, `whole-file` sends any such "
          "file as it stands, in one message")
      ->check(CLI::IsMember({"directive", "auto", "whole-file"}))
      ->capture_default_str();
}

// Of every command that writes.
void add_turn(CLI::App& command, Asked& asked, Texts& texts) {
  command
      .add_option(
          "--lock", texts.lock,
          "how replicas take turns: `notify` holds one lock for the whole run; `transaction` "
          "locks inside each migration's own transaction, as a transaction pooler needs it; "
          "`none` excludes nobody")
      ->check(CLI::IsMember({"notify", "transaction", "none"}))
      ->capture_default_str();
  command
      .add_option("--wait", texts.lock_wait,
                  "how long to wait for the migration lock while another runner applies (500ms, "
                  "30s, 10m; 0: for ever)")
      ->capture_default_str();
  command
      .add_option("--statement-timeout", texts.statement_timeout,
                  "how long one statement may run; 0: as the server says")
      ->capture_default_str();
  command
      .add_option("--heartbeat", texts.heartbeat,
                  "how often to say that a migration still runs, where stderr is no terminal; 0: "
                  "never")
      ->capture_default_str();
  command.add_flag("--session-pooler", asked.up.session_pooler,
                   "the pooler in between keeps one server session a client");
  command.add_flag("--jsonl", texts.json_lines, "one JSON object a line for each event");
}

// Of the commands that run files in a transaction.
void add_lock_timeout(CLI::App& command, Asked& asked, Texts& texts) {
  command
      .add_option("--lock-timeout", texts.lock_timeout,
                  "PostgreSQL's lock_timeout for each SQL file in a transaction, unless the role, "
                  "the database or the file sets one; the file is then rolled back and tried "
                  "again. 0: as the server says")
      ->capture_default_str();
  command
      .add_option("--lock-retries", asked.up.lock_retries.times,
                  "how often a file is tried again after a lock timeout, within a minute")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

void add_up(CLI::App& command, Asked& asked, Texts& texts) {
  add_no_transaction(command, texts);
  add_lock_timeout(command, asked, texts);
  command.add_flag("--strict", asked.up.strict,
                   "refuse to start if something applied is not on disk");
  command.add_flag("--retry-failed", asked.up.retry_failed,
                   "try a migration that another replica has just failed at");
}

void add_down(CLI::App& command, Asked& asked, Texts& texts) {
  add_no_transaction(command, texts);
  add_lock_timeout(command, asked, texts);
  auto* amount = command.add_option_group("amount", "how far down");
  amount->add_option("--steps", texts.steps, "that many, from the highest applied")
      ->check(CLI::PositiveNumber);
  amount->add_option("--to", texts.to, "every one above this version, which stays; 0: all")
      ->check(CLI::NonNegativeNumber);
  amount->add_flag("--all", texts.all, "everything that is applied and on disk");
  amount->require_option(1);
}

void add_own_options(CLI::App& command, Command which, Asked& asked, Texts& texts) {
  if (writes(which)) {
    add_turn(command, asked, texts);
  } else {
    command.add_flag("--json", texts.json, "one JSON object on stdout");
  }
  switch (which) {
    case Command::up:
      return add_up(command, asked, texts);
    case Command::down:
      return add_down(command, asked, texts);
    case Command::plan:
      add_no_transaction(command, texts);
      command.add_flag("--strict", asked.up.strict, "refuse if something applied is not on disk");
      return;
    case Command::resume:
      command
          .add_option("--from", asked.from,
                      "go on with this statement, from 1; `end` only records (default: where it "
                      "stopped)")
          ->transform([](std::string given) {
            return given == "end" ? std::to_string(resume_at_end) : given;
          })
          ->check(CLI::PositiveNumber);
      [[fallthrough]];
    case Command::accept:
    case Command::forget:
      command.add_option("VERSION", asked.version, "the migration's version")
          ->required()
          ->check(CLI::NonNegativeNumber);
      return;
    case Command::status:
    case Command::check:
      return;
  }
}

DownAmount amount_of(const Texts& texts) {
  if (texts.all) return DownAmount{.kind = DownAmount::Kind::all};
  if (texts.steps > 0) return DownAmount{.kind = DownAmount::Kind::steps, .value = texts.steps};
  return DownAmount{.kind = DownAmount::Kind::to, .value = texts.to};
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

CommandLine usage_error(const std::string& text) {
  return {.run = false, .asked = {}, .exit_code = exit_usage, .out = {}, .err = text};
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
  CLI::App app(about, "gauntlet-migrate");
  app.footer(examples);
  app.require_subcommand(1);
  for (const auto& [name, command, what] : commands) {
    // A service starts often and is asked for one: the other seven are only built to be told of.
    if (is_command(first) && first != name) continue;
    CLI::App* added = app.add_subcommand(name, what);
    add_common(*added, line.asked, texts);
    add_own_options(*added, command, line.asked, texts);
    added->callback([&line, chosen = command] { line.asked.command = chosen; });
  }
  try {
    app.parse(argc, argv);
    read_texts(texts, line.asked);
    if (line.asked.command == Command::down) line.asked.down = amount_of(texts);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(error, out, err);
    return {.run = false,
            .asked = {},
            .exit_code = code == 0 ? 0 : exit_usage,
            .out = out.str(),
            .err = mask_password(err.str())};  // it quotes words: one may hold a password
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
