#include "runner/program/options.h"

#include "runner/program/help_texts.h"

#include <CLI/CLI.hpp>

namespace gauntlet::runner {

namespace {

bool writes(Command command) {
  return command != Command::status && command != Command::check && command != Command::plan;
}

// `--all=false` would be a `down` without an amount: a flag is given or it is not.
CLI::Option* add_flag(CLI::App& command, const std::string& name, bool& given,
                      const std::string& what) {
  return command.add_flag(name, given, what)->disable_flag_override();
}

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
  add_flag(command, "--no-verify", texts.no_verify,
           "do not compare the checksums of applied files");
  command.add_option("--lock-key", texts.lock_key,
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
  add_flag(command, "--session-pooler", asked.up.session_pooler,
           "the pooler in between keeps one server session a client");
  add_flag(command, "--jsonl", texts.json_lines, "one JSON object a line for each event");
}

// Of the commands that run files in a transaction.
void add_lock_timeout(CLI::App& command, Texts& texts) {
  command
      .add_option("--lock-timeout", texts.lock_timeout,
                  "PostgreSQL's lock_timeout for each SQL file in a transaction, unless the role, "
                  "the database or the file sets one; the file is then rolled back and tried "
                  "again. 0: as the server says")
      ->capture_default_str();
  command
      .add_option("--lock-retries", texts.lock_retries,
                  "how often a file is tried again after a lock timeout, within a minute")
      ->capture_default_str();
}

void add_up(CLI::App& command, Asked& asked, Texts& texts) {
  add_no_transaction(command, texts);
  add_lock_timeout(command, texts);
  add_flag(command, "--strict", asked.up.strict,
           "refuse to start if something applied is not on disk");
  add_flag(command, "--retry-failed", asked.up.retry_failed,
           "try a migration that another replica has just failed at");
}

void add_down(CLI::App& command, Texts& texts) {
  add_no_transaction(command, texts);
  add_lock_timeout(command, texts);
  auto* amount = command.add_option_group("amount", "how far down");
  amount->add_option("--steps", texts.steps, "that many, from the highest applied");
  amount->add_option("--to", texts.to, "every one above this version, which stays; 0: all");
  add_flag(*amount, "--all", texts.all, "everything that is applied and on disk");
  amount->require_option(1);
}

void add_own_options(CLI::App& command, Command which, Asked& asked, Texts& texts) {
  if (writes(which)) {
    add_turn(command, asked, texts);
  } else {
    add_flag(command, "--json", texts.json, "one JSON object on stdout");
  }
  switch (which) {
    case Command::up:
      return add_up(command, asked, texts);
    case Command::down:
      return add_down(command, texts);
    case Command::plan:
      add_no_transaction(command, texts);
      add_flag(command, "--strict", asked.up.strict, "refuse if something applied is not on disk");
      return;
    case Command::resume:
      command.add_option("--from", texts.from,
                         "go on with this statement, from 1; `end` only records (default: where it "
                         "stopped)");
      [[fallthrough]];
    case Command::accept:
    case Command::forget:
      command.add_option("VERSION", texts.version, "the migration's version")->required();
      return;
    case Command::status:
    case Command::check:
      return;
  }
}

}  // namespace

void add_options(CLI::App& command, Command which, Asked& asked, Texts& texts) {
  add_common(command, asked, texts);
  add_own_options(command, which, asked, texts);
}

}  // namespace gauntlet::runner
