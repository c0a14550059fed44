// What a layout makes of files that a test writes down. For the tests of this room.
#pragma once

#include "harness/formats/format.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace gauntlet::formats {

using Files = std::vector<std::pair<std::string, std::string>>;  ///< name and bytes

inline Reading read(const std::string& format, const Files& files) {
  std::vector<File> all;
  for (const auto& [name, bytes] : files)
    all.push_back({.path = "m/" + name, .name = name, .bytes = bytes});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const Format* found = find_format(format);
  return found->read(*found, all);
}

/// `2 b`: the steps in order.
inline std::vector<std::string> steps(const Reading& reading) {
  std::vector<std::string> all;
  for (const auto& each : reading.listing.migrations)
    all.push_back(std::to_string(each.version.number) + " " + each.name);
  return all;
}

inline std::vector<std::string> names_in(const Reading& reading) {
  std::vector<std::string> names;
  for (const auto& migration : reading.listing.migrations) names.push_back(migration.name);
  return names;
}

inline std::vector<std::string> problems(const Reading& reading) {
  std::vector<std::string> all;
  for (const auto& problem : reading.listing.problems)
    all.push_back(problem.id +
                  (problem.severity == runner::Problem::Severity::error ? "" : " (warning)"));
  return all;
}

}  // namespace gauntlet::formats
