#include "runner/program/help_texts.h"

namespace gauntlet::runner {

namespace {

constexpr const char* about_text =
    "Applies SQL migrations to PostgreSQL or SQLite, each exactly once, however many replicas "
    "start at once.\n"
    "Exit codes: 0 done, 1 failed, 64 wrong usage, 129, 130 or 143 interrupted; those of `check` "
    "are its own.";

constexpr const char* examples_text =
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

}  // namespace

std::string about() { return about_text; }

std::string examples() { return examples_text; }

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

}  // namespace gauntlet::runner
