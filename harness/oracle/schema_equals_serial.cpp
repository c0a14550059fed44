// The catalogue after the run equals the one that single serial runs leave.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

// What serial runs do not agree on says nothing about this run.
std::vector<std::string> unstable_names(const std::vector<core::Snapshot>& serial) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < serial.size(); ++i) {
    for (const Change& change : changes(*serial.front().catalogue, *serial[i].catalogue)) {
      names.push_back(change.name);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// `table public.backup_#`: a name that is made anew in every run, of a time or a number.
std::string pattern_of(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit) pattern += c;
    if (is_digit && (pattern.empty() || pattern.back() != '#')) pattern += '#';
  }
  return pattern;
}

bool is_of_an_unstable_pattern(const std::string& name, const std::vector<std::string>& unstable) {
  return std::any_of(unstable.begin(), unstable.end(),
                     [&](const std::string& each) { return pattern_of(each) == pattern_of(name); });
}

}  // namespace

core::Judgement schema_equals_serial(const Observation& observation) {
  if (!observation.after) return core::unknown("the database was not looked at after the run");
  if (!observation.after->catalogue) {
    return core::unknown("the catalogue could not be read: " + observation.after->missing);
  }
  if (observation.serial.size() < 2) {
    return core::unknown("two serial runs are needed to know what this run should have left");
  }
  for (const core::Snapshot& serial : observation.serial) {
    if (!serial.catalogue) {
      return core::unknown("a serial run's catalogue could not be read: " + serial.missing);
    }
  }
  const std::vector<std::string> unstable = unstable_names(observation.serial);
  std::vector<Change> found =
      changes(*observation.serial.front().catalogue, *observation.after->catalogue);
  std::erase_if(found, [&](const Change& change) {
    return is_of_an_unstable_pattern(change.name, unstable);
  });

  core::Judgement judgement = core::judged({});
  if (!found.empty()) {
    judgement =
        core::judged({{.id = "schema-differs",
                       .message = fmt::format(
                           "the schema differs from a serial run's in {} {} (- serial, + "
                           "here):\n{}",
                           found.size(), found.size() == 1 ? "object" : "objects", diff(found)),
                       .fix = "let one replica at a time read, apply and record"}});
  }
  if (!unstable.empty()) {
    judgement.reason =
        fmt::format("not compared, since two serial runs differ there: {}", some_of(unstable));
  }
  return judgement;
}

}  // namespace gauntlet::oracle
