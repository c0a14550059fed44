// A folder for each version of the product, `0.27/`, with NNN_name.sql in each: first by the
// folders' numbers, then by the files'. Own runners of several products read their files so.
#include "harness/formats/layouts.h"
#include "harness/formats/steps.h"
#include "harness/formats/text.h"

#include <charconv>

namespace gauntlet::formats {
namespace {

/// Of a version, each part of the folder's number and the file's number has room for this many.
constexpr std::int64_t parts_below = 10'000;
constexpr std::size_t folder_parts_max = 3;

/// `0.27`, `v1.2.3`, `12`: its numbers; empty for any other folder.
std::vector<std::int64_t> numbers_of(std::string_view folder) {
  if (folder.starts_with('v') || folder.starts_with('V')) folder.remove_prefix(1);
  std::vector<std::int64_t> numbers;
  while (true) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(folder.data(), folder.data() + folder.size(), number);
    if (error != std::errc() || number < 0 || number >= parts_below) return {};
    numbers.push_back(number);
    folder.remove_prefix(static_cast<std::size_t>(end - folder.data()));
    if (folder.empty()) return numbers.size() <= folder_parts_max ? numbers : decltype(numbers)();
    if (folder.front() != '.') return {};
    folder.remove_prefix(1);
  }
}

struct Nested {
  runner::Version version = {};
  std::string name = {};
  bool is_down = false;
};

std::optional<Nested> nested(const File& file) {
  const std::size_t slash = file.name.find('/');
  if (slash == std::string::npos || file.name.find('/', slash + 1) != std::string::npos)
    return std::nullopt;
  std::vector<std::int64_t> numbers = numbers_of(std::string_view(file.name).substr(0, slash));
  const auto name = sql_name(std::string_view(file.name).substr(slash + 1));
  if (numbers.empty() || !name) return std::nullopt;
  Nested read{.is_down = name->is_down};
  const auto number = numbered(name->stem, "_-. ");
  if (!number || number->version.number >= parts_below) return std::nullopt;
  numbers.resize(folder_parts_max);
  numbers.push_back(number->version.number);
  for (const std::int64_t part : numbers)
    read.version.number = read.version.number * parts_below + part;
  read.name = file.name.substr(0, slash) + "_" + number->name;
  return read;
}

Reading read_version_folders(const Format& format, const std::vector<File>& files) {
  Steps steps(format);
  for (const File& file : files) {
    const auto read = nested(file);
    if (!read) continue;
    Part part{.file = &file, .version = read->version, .name = read->name, .sql = file.bytes};
    read->is_down ? steps.down(std::move(part)) : steps.up(std::move(part));
  }
  return steps.reading();
}

ProjectFiles write_version_folders(const std::vector<runner::Migration>& migrations) {
  ProjectFiles files;
  for (const auto& [name, bytes] : write_up_and_down(migrations)) files["1/" + name] = bytes;
  return files;
}

}  // namespace

Format version_folders() {
  return {.name = "version-folders",
          .files = "VERSION/NNN_name.sql",
          .own_transactions = true,
          .lone_statement = true,
          .marked = Delivery::as_one_message,
          .runner_mode = "whole-file",
          .rules = {.lone_down = Rules::LoneDown::skipped},
          .signs = "a version as their folder and a number as their beginning",
          .is_its = [](const File& file) { return nested(file).has_value(); },
          .read = read_version_folders,
          .write = write_version_folders};
}

}  // namespace gauntlet::formats
