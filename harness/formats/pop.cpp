// pop (Buffalo, Ory): `NNN_name.up.sql`, or `NNN_name.postgres.up.sql` for one kind of database,
// which goes before the one for all (pop's match.go). Versions are texts and sorted as texts.
// `.autocommit` before `.up` (Ory's popx) takes the file out of the transaction.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <algorithm>
#include <map>
#include <regex>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

constexpr std::string_view wanted_database = "postgres";

struct PopName {
  std::string digits = {}, name = {}, database = {};
  bool autocommits = false, is_down = false, is_fizz = false;
};

std::optional<PopName> pop_name(const File& file) {
  static const std::regex pattern(
      R"(^([0-9]+)_([^.]+)(?:\.(postgres|cockroach|mysql|mariadb|sqlite3?|all))?(\.autocommit)?\.(up|down)\.(sql|fizz)$)");
  std::smatch parts;
  if (!std::regex_match(file.name, parts, pattern)) return std::nullopt;
  return PopName{.digits = parts.str(1),
                 .name = parts.str(2),
                 .database = parts.str(3),
                 .autocommits = parts[4].matched,
                 .is_down = parts.str(5) == "down",
                 .is_fizz = parts.str(6) == "fizz"};
}

/// The files of one version: those for our kind of database, and those for every kind.
struct PopStep {
  struct Side {
    const File* own = nullptr;
    const File* common = nullptr;
    const File* file() const { return own != nullptr ? own : common; }
  };
  Side up = {}, down = {};
};

/// By version, as text.
std::map<std::string, PopStep> steps_in(const std::vector<File>& files, Steps& steps) {
  std::map<std::string, PopStep> found;
  for (const File& file : files) {
    const auto name = pop_name(file);
    if (!name) continue;
    if (name->is_fizz) {
      steps.note(fmt::format(
          "{} is written in fizz: skipped, so what it does is missing in every check", file.name));
      continue;
    }
    const bool is_common = name->database.empty() || name->database == "all";
    if (!is_common && name->database != wanted_database) continue;
    PopStep& step = found[name->digits];
    PopStep::Side& side = name->is_down ? step.down : step.up;
    (is_common ? side.common : side.own) = &file;
  }
  return found;
}

Part part_of(const File& file, runner::Version version) {
  const PopName name = *pop_name(file);
  return {.file = &file,
          .version = version,
          .name = name.name,
          .sql = name.autocommits ? marked_no_transaction(file.bytes) : file.bytes,
          .order = name.digits};
}

/// Of numbers that no version can hold the place in the order stands for the version.
Reading read_pop(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  const auto found = steps_in(files, steps);
  const bool are_counted = std::ranges::any_of(
      found, [](const auto& step) { return !numbered(step.first).has_value(); });
  if (are_counted)
    steps.note("some numbers are larger than a version can be: steps are counted from 1 instead");
  std::int64_t place = 0;
  for (const auto& [digits, step] : found) {
    const runner::Version version =
        are_counted ? runner::Version{++place} : numbered(digits)->version;
    if (const File* file = step.up.file()) steps.up(part_of(*file, version));
    if (const File* file = step.down.file()) steps.down(part_of(*file, version));
  }
  return steps.reading();
}

/// A name that says for which kind of database it is, or that is in fizz: one is enough, for other
/// tools read its pairs, too, and apply each of them.
bool is_pops(const File& file) {
  const auto name = pop_name(file);
  const bool is_for_all = name && (name->database.empty() || name->database == "all");
  return name && (!is_for_all || name->autocommits || name->is_fizz);
}

}  // namespace

Format pop() {
  return {.name = "pop",
          .files = "NNN_name.up.sql, or NNN_name.postgres.up.sql",
          .marker = true,
          .marker_fix = "name the file NNN_name.autocommit.up.sql, where popx reads it",
          .marked = Delivery::as_one_message,
          .rules = {.lone_down = Rules::LoneDown::skipped},
          .signs = "a file in fizz or for one kind of database (NAME.postgres.up.sql), as pop has",
          .is_its = is_pops,
          .sign = Format::Sign::enough,
          .read = read_pop,
          .write = write_up_and_down};
}

}  // namespace gauntlet::formats
