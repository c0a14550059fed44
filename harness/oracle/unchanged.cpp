#include "harness/oracle/unchanged.h"

#include "harness/oracle/difference.h"
#include "runner/sql/lexer.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

template <typename Part>
core::Judgement compare(const ChangeWords& words, std::string_view what,
                        const std::optional<Part>& before, const std::optional<Part>& after,
                        const std::string& missing, Texts (*texts)(const Part&)) {
  if (!before || !after) {
    return core::unknown(fmt::format("the {} could not be compared: {}", what, missing));
  }
  const std::vector<Change> found = changes(texts(*before), texts(*after));
  if (found.empty()) return core::judged({});
  return core::judged(
      {{.id = std::string(words.id),
        .message = fmt::format("{} changed the {} in {} {}{} (- before, + after):\n{}", words.who,
                               what, found.size(), found.size() == 1 ? "place" : "places",
                               words.why, diff(found)),
        .fix = std::string(words.fix)}});
}

Texts same(const Texts& texts) { return texts; }

template <typename Part>
void leave_out(const std::set<std::string>& tables, std::optional<Part>& part) {
  if (!part) return;
  std::erase_if(*part, [&](const auto& entry) {
    const std::string name = own_name_of(entry.first);
    return std::ranges::any_of(tables, [&](const std::string& table) {
      return name == table || name.starts_with(table + "_");  // the table, or a sequence of it
    });
  });
}

}  // namespace

std::string own_name_of(const std::string& table) {
  std::string name = runner::lower(table.substr(table.rfind('.') + 1));
  std::erase(name, '"');
  return name;
}

core::Snapshot without_own_tables(core::Snapshot snapshot, const std::set<std::string>& tables) {
  leave_out(tables, snapshot.data);
  leave_out(tables, snapshot.sequences);
  return snapshot;
}

core::Judgement unchanged(const Observation& observation, const ChangeWords& words) {
  if (!observation.before || !observation.after) {
    return core::unknown(
        fmt::format("the database was not looked at both before and after {}", words.who));
  }
  const core::Snapshot& before = *observation.before;
  const core::Snapshot& after = *observation.after;
  const std::string& missing = before.missing.empty() ? after.missing : before.missing;
  core::Judgement whole = compare<core::Catalogue>(words, "catalogue", before.catalogue,
                                                   after.catalogue, missing, same);
  core::merge(whole,
              compare<core::Data>(words, "data", before.data, after.data, missing, texts_of));
  core::merge(whole, compare<core::Sequences>(words, "sequences", before.sequences, after.sequences,
                                              missing, same));
  if (before.files || after.files)
    core::merge(whole,
                compare<core::Files>(words, "files", before.files, after.files, missing, same));
  return whole;
}

}  // namespace gauntlet::oracle
