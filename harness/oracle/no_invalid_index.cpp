// The run leaves no INVALID index, and no constraint NOT VALID that the migrations did not ask for.
#include "harness/oracle/judges.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

using core::Catalogue;

bool has_line(std::string_view text, std::string_view line) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (text.substr(0, end) == line) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

bool is_unusable_index(std::string_view name, std::string_view text) {
  return name.starts_with("index ") && (has_line(text, "invalid") || has_line(text, "not ready"));
}

bool is_unvalidated(std::string_view name, std::string_view text) {
  return name.starts_with("constraint ") && text.find("(not validated)") != std::string_view::npos;
}

bool holds_same(const Catalogue& catalogue, const std::string& name, const std::string& text) {
  const auto found = catalogue.find(name);
  return found != catalogue.end() && found->second == text;
}

// A serial run leaves it, too (`ON ONLY`, `NOT VALID`), or it was there before.
bool is_wanted(const Observation& observation, const std::string& name, const std::string& text) {
  const auto leaves_it = [&](const core::Snapshot& snapshot) {
    return snapshot.catalogue && holds_same(*snapshot.catalogue, name, text);
  };
  return std::any_of(observation.serial.begin(), observation.serial.end(), leaves_it) ||
         (observation.before && leaves_it(*observation.before));
}

core::Finding invalid_index(const std::string& name) {
  return {.id = "invalid-index-left",
          .message = fmt::format("{} is left INVALID; no query uses it, every write still pays for "
                                 "it, and a retry with IF NOT EXISTS takes it for done",
                                 name),
          .fix = fmt::format("DROP INDEX CONCURRENTLY {}; then run the migration again, and let it "
                             "look at pg_index.indisvalid before it records success",
                             name.substr(std::string_view("index ").size()))};
}

core::Finding not_valid(const std::string& name) {
  return {.id = "not-valid-left",
          .message = fmt::format("{} is left NOT VALID, which a serial run does not leave; rows "
                                 "that break it stay, and the planner does not trust it",
                                 name),
          .fix = "ALTER TABLE … VALIDATE CONSTRAINT, in the migration that follows"};
}

}  // namespace

core::Judgement no_invalid_index(const Observation& observation) {
  if (!observation.after) return core::unknown("the database was not looked at after the run");
  if (!observation.after->catalogue) {
    return core::unknown("the catalogue could not be read: " + observation.after->missing);
  }
  const bool has_serial =
      std::any_of(observation.serial.begin(), observation.serial.end(),
                  [](const core::Snapshot& snapshot) { return snapshot.catalogue.has_value(); });
  std::vector<core::Finding> findings;
  for (const auto& [name, text] : *observation.after->catalogue) {
    if (is_wanted(observation, name, text)) continue;
    if (is_unusable_index(name, text)) findings.push_back(invalid_index(name));
    // Without a serial run nobody can tell whether a migration asked for it.
    if (has_serial && is_unvalidated(name, text)) findings.push_back(not_valid(name));
  }
  return core::judged(std::move(findings));
}

}  // namespace gauntlet::oracle
