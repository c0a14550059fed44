// maragu.dev/migrate: `^([\w-]+).up.sql$`, where the first point stands for any character. A step
// is known by its whole name, so that several may begin with one number; names are sorted as texts.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <algorithm>
#include <regex>

namespace gauntlet::formats {
namespace {

struct MaraguName {
  std::string stem = {};
  bool is_down = false;
};

std::optional<MaraguName> maragu_name(const File& file) {
  static const std::regex pattern(R"(^([\w-]+).(up|down).sql$)");
  std::smatch parts;
  if (!std::regex_match(file.name, parts, pattern)) return std::nullopt;
  return MaraguName{.stem = parts.str(1), .is_down = parts.str(2) == "down"};
}

/// A stem without a number has its place in the order for a version.
Reading read_maragu(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  const bool are_counted = std::ranges::any_of(files, [](const File& file) {
    const auto name = maragu_name(file);
    return name && !numbered(name->stem, "_-");
  });
  std::vector<std::string> stems;
  for (const File& file : files)
    if (const auto name = maragu_name(file)) stems.push_back(name->stem);
  std::ranges::sort(stems);
  stems.erase(std::ranges::unique(stems).begin(), stems.end());
  for (const File& file : files) {
    const auto name = maragu_name(file);
    if (!name) continue;
    const auto number = numbered(name->stem, "_-");
    const auto place = std::ranges::lower_bound(stems, name->stem) - stems.begin() + 1;
    Part part{.file = &file,
              .version = are_counted ? runner::Version{place} : number->version,
              .name = are_counted ? name->stem : number->name,
              .sql = file.bytes,
              .order = name->stem};
    name->is_down ? steps.down(std::move(part)) : steps.up(std::move(part));
  }
  return steps.reading();
}

}  // namespace

Format maragu_migrate() {
  return {.name = "maragu-migrate",
          .files = "NAME.up.sql and NAME.down.sql",
          .rules = {.duplicates = Rules::Duplicates::set_by_name,
                    .lone_down = Rules::LoneDown::skipped},
          .signs = "one number in several names",
          .read = read_maragu,
          .write = write_up_and_down};
}

}  // namespace gauntlet::formats
