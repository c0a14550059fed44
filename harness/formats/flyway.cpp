// Flyway: `V1__name.sql`, `U1__name.sql` (undo), `R__name.sql` (run again when it changes, after
// all others), `B10__name.sql` (stands for all versions up to it on an empty database). A file with
// a statement that refuses a transaction runs without one, and may then hold nothing else.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"
#include "runner/sql/statement_postgres.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <regex>

#include <fmt/format.h>

namespace gauntlet::formats {
namespace {

/// `V1.2__add_index.sql`: prefix, parts of the version, description.
struct FlywayFile {
  const File* file = nullptr;
  char prefix = 'V';
  std::vector<std::int64_t> version = {};
  std::string name = {};
};

std::vector<std::int64_t> parts_of(std::string_view version) {
  std::vector<std::int64_t> parts;
  while (!version.empty()) {
    std::int64_t part = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), part);
    if (error == std::errc()) parts.push_back(part);
    version.remove_prefix(
        std::min(static_cast<std::size_t>(end - version.data()) + 1, version.size()));
    if (error != std::errc()) break;
  }
  while (parts.size() > 1 && parts.back() == 0) parts.pop_back();
  return parts;
}

std::optional<FlywayFile> flyway_file(const File& file) {
  static const std::regex pattern(R"(^(?:.*/)?([VUBR])([0-9._]*?)__(.+)\.sql$)");
  std::smatch found;
  if (!std::regex_match(file.name, found, pattern)) return std::nullopt;
  FlywayFile read{.file = &file,
                  .prefix = found.str(1).front(),
                  .version = parts_of(found.str(2)),
                  .name = found.str(3)};
  if (read.version.empty() != (read.prefix == 'R')) return std::nullopt;
  return read;
}

/// The highest baseline and what lies above it; without one, all.
std::vector<FlywayFile> from_the_baseline(std::vector<FlywayFile> files, Steps& steps) {
  const FlywayFile* baseline = nullptr;
  for (const FlywayFile& file : files)
    if (file.prefix == 'B' && (baseline == nullptr || baseline->version < file.version))
      baseline = &file;
  if (baseline == nullptr) return files;
  const std::vector<std::int64_t> through = baseline->version;
  steps.note(fmt::format("{} stands for the versions up to its own, as on an empty database",
                         baseline->file->name));
  std::erase_if(files, [&](const FlywayFile& file) {
    if (file.prefix == 'R') return false;
    return file.prefix == 'B' ? file.version != through : !(through < file.version);
  });
  return files;
}

/// Whole numbers stay; dotted ones are numbered in their order.
std::vector<std::int64_t> numbers_of(const std::vector<FlywayFile>& files, Steps& steps) {
  const bool is_whole = std::all_of(files.begin(), files.end(),
                                    [](const auto& file) { return file.version.size() <= 1; });
  std::vector<std::vector<std::int64_t>> order;
  for (const FlywayFile& file : files)
    if (!file.version.empty()) order.push_back(file.version);
  std::sort(order.begin(), order.end());
  order.erase(std::unique(order.begin(), order.end()), order.end());
  if (!is_whole) steps.note("versions with points are numbered in their order: the first is 1");
  std::vector<std::int64_t> numbers;
  for (const FlywayFile& file : files) {
    const auto place = std::lower_bound(order.begin(), order.end(), file.version) - order.begin();
    numbers.push_back(file.version.empty() ? -1
                      : is_whole           ? file.version.front()
                                           : static_cast<std::int64_t>(place) + 1);
  }
  return numbers;
}

std::string with_flyways_framing(const Format& format, const File& file, Steps& steps) {
  const auto statements = runner::split(file.bytes).statements;
  const auto alone = std::count_if(statements.begin(), statements.end(), [](const auto& each) {
    return runner::needs_of(each.sql).no_transaction.has_value();
  });
  if (alone == 0) return file.bytes;
  if (static_cast<std::size_t>(alone) < statements.size())
    steps.problem(
        {.id = "mixed-transaction",
         .severity = format.rules.asks_a_runner ? runner::Problem::Severity::warning
                                                : runner::Problem::Severity::error,
         .message = fmt::format("{} mixes statements that need a transaction with ones that refuse "
                                "it, which Flyway does not run unless `mixed` is set",
                                file.name),
         .files = {file.path},
         .fix = "give the statement that refuses a transaction a file of its own"});
  return marked_no_transaction(file.bytes);
}

void look_for_placeholder(const File& file, Steps& steps) {
  static const std::regex placeholder(R"(\$\{[A-Za-z_][A-Za-z0-9_.:-]*\})");
  std::smatch found;
  if (std::regex_search(file.bytes, found, placeholder))
    steps.only_by_its_runner(fmt::format("{} has the placeholder {}, which only Flyway fills in",
                                         file.name, found.str()));
}

Reading read_flyway(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  std::vector<FlywayFile> all;
  for (const File& file : files)
    if (auto read = flyway_file(file)) all.push_back(*std::move(read));
  all = from_the_baseline(std::move(all), steps);
  const std::vector<std::int64_t> numbers = numbers_of(all, steps);
  std::int64_t last = numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end());
  const bool is_its_own = !format.rules.asks_a_runner;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const FlywayFile& each = all[i];
    look_for_placeholder(*each.file, steps);
    Part part{.file = each.file, .version = {numbers[i]}, .name = each.name};
    if (each.prefix == 'R' && !is_its_own) {
      steps.note(fmt::format("{} is repeatable: it has no version to compare", each.file->name));
      continue;
    }
    if (each.prefix == 'R') part.version = {++last};
    part.sql = with_flyways_framing(format, *each.file, steps);
    each.prefix == 'U' ? steps.down(std::move(part)) : steps.up(std::move(part));
  }
  return steps.reading();
}

ProjectFiles write_flyway(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const runner::Migration& migration : migrations) {
    const std::string end = fmt::format("{}__{}.sql", migration.version.number, migration.name);
    files["V" + end] = migration.up.bytes;
    if (migration.down) files["U" + end] = migration.down->bytes;
  }
  return files;
}

}  // namespace

Format flyway() {
  return {.name = "flyway",
          .files = "V1__name.sql, U1__name.sql, R__name.sql, B1__name.sql",
          .marker = true,
          .marker_fix = "give the statement a file of its own",
          .tracker = "Flyway",
          .rules = {.lone_down = Rules::LoneDown::skipped},
          .signs = "names like V1__name.sql",
          .is_its = [](const File& file) { return flyway_file(file).has_value(); },
          .read = read_flyway,
          .write = write_flyway};
}

}  // namespace gauntlet::formats
