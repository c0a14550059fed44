// Prisma: a folder a step, `20240101000000_name/migration.sql`. It sends each file as it stands, in
// one message and outside a transaction of its own.
#include "harness/formats/folders.h"
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <algorithm>
#include <string>

namespace gauntlet::formats {
namespace {

constexpr std::size_t digits_of_a_day = 8, digits_of_a_time = 14;

std::size_t digits_of(std::string_view folder) {
  return std::min(folder.find_first_not_of("0123456789"), folder.size());
}

/// Prisma sorts by name, not by number: `20250625_x` follows every `20250625123456_y`, since `_`
/// follows the digits. With nines behind a short number the order of the numbers is the same.
runner::Version in_order_of_names(runner::Version version, std::string_view folder) {
  const std::size_t digits = digits_of(folder);
  if (digits < digits_of_a_day || digits >= digits_of_a_time) return version;
  return {std::stoll(std::string(folder.substr(0, digits)) +
                     std::string(digits_of_a_time - digits, '9'))};
}

Reading read_prisma(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  const bool has_times = std::any_of(files.begin(), files.end(), [](const File& file) {
    return digits_of(file.name) == digits_of_a_time;
  });
  for (const File& file : files) {
    const auto folder = folder_of(file, "migration.sql");
    if (!folder) continue;
    const auto number = numbered(*folder);
    if (!number) {
      steps.unrecognized(file);
      continue;
    }
    steps.up({.file = &file,
              .version = has_times ? in_order_of_names(number->version, *folder) : number->version,
              .name = number->name,
              .sql = file.bytes});
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
