// Prisma: a folder a step, `20240101000000_name/migration.sql`. It sends each file as it stands, in
// one message and outside a transaction of its own.
#include "harness/formats/folders.h"
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

namespace gauntlet::formats {
namespace {

Reading read_prisma(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  for (const File& file : files) {
    const auto folder = folder_of(file, "migration.sql");
    if (!folder) continue;
    const auto number = numbered(*folder);
    if (!number) {
      steps.unrecognized(file);
      continue;
    }
    steps.up({.file = &file, .version = number->version, .name = number->name, .sql = file.bytes});
  }
  return steps.reading();
}

ProjectFiles write_prisma(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files = {{"migration_lock.toml", "provider = \"postgresql\"\n"}};
  for (const runner::Migration& migration : migrations)
    files[stem_of(migration) + "/migration.sql"] = migration.up.bytes;
  return files;
}

}  // namespace

Format prisma() {
  return {.name = "prisma",
          .files = "NNN_name/migration.sql",
          .own_transactions = true,
          .lone_statement = true,
          .marked = Delivery::as_one_message,
          .runner_mode = "whole-file",
          .tracker = "Prisma",
          .rules = {.duplicates = Rules::Duplicates::set_by_name},
          .signs = "a migration.sql in a folder of each step",
          .is_its = [](const File& file) { return folder_of(file, "migration.sql").has_value(); },
          .read = read_prisma,
          .write = write_prisma};
}

}  // namespace gauntlet::formats
