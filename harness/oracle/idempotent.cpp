// A second run changes nothing: catalogue, data (the tracker included) and sequences stay.
#include "harness/oracle/difference.h"
#include "harness/oracle/judges.h"

#include <fmt/format.h>

namespace gauntlet::oracle {

namespace {

template <typename Part>
core::Judgement compare(std::string_view what, const std::optional<Part>& before,
                        const std::optional<Part>& after, const std::string& missing,
                        Texts (*texts)(const Part&)) {
  if (!before || !after) {
    return core::unknown(fmt::format("the {} could not be compared: {}", what, missing));
  }
  const std::vector<Change> found = changes(texts(*before), texts(*after));
  if (found.empty()) return core::judged({});
  return core::judged(
      {{.id = "second-run-changed",
        .message =
            fmt::format("a second run changed the {} in {} {} (- before, + after):\n{}", what,
                        found.size(), found.size() == 1 ? "place" : "places", diff(found)),
        .fix = "write nothing when nothing is pending, and skip what the tracker holds"}});
}

Texts same(const Texts& texts) { return texts; }

}  // namespace

core::Judgement idempotent(const Observation& observation) {
  if (!observation.before || !observation.after) {
    return core::unknown("the database was not looked at both before and after the second run");
  }
  const core::Snapshot& before = *observation.before;
  const core::Snapshot& after = *observation.after;
  const std::string& missing = before.missing.empty() ? after.missing : before.missing;
  core::Judgement whole =
      compare<core::Catalogue>("catalogue", before.catalogue, after.catalogue, missing, same);
  core::merge(whole, compare<core::Data>("data", before.data, after.data, missing, texts_of));
  core::merge(whole, compare<core::Sequences>("sequences", before.sequences, after.sequences,
                                              missing, same));
  return whole;
}

}  // namespace gauntlet::oracle
