#include "harness/certify/drift_grade.h"

#include <fmt/format.h>

namespace gauntlet::certify {

namespace {

using Weight = Grade::Weight;

Grade drift_graded(Drift drift, std::string grade, Weight weight, std::string why) {
  return {.area = Area::drift,
          .what = std::string(to_string(drift)),
          .grade = std::move(grade),
          .why = std::move(why),
          .weight = weight};
}

std::size_t count_of(const DriftRun& run, const std::string& text) {
  const auto found = run.rows.find(text);
  return found == run.rows.end() ? 0 : found->second;
}

/// Something is there twice that was there once, or is gone.
bool harms(const DriftRun& before, const DriftRun& after) {
  for (const auto& [text, count] : before.rows)
    if (count_of(after, text) != count) return true;
  return false;
}

Grade grade_edited(const DriftRun& after) {
  if (count_of(after, "edited") > 0)
    return drift_graded(Drift::edited, "applied-again", Weight::wish,
                        "the edited text was applied beside the effects of the old one");
  if (!after.ok)
    return drift_graded(Drift::edited, "refused", Weight::fine, "it stops and says: " + after.said);
  return drift_graded(Drift::edited, "ignored", Weight::wish,
                      "it ends with success, as if nothing had changed");
}

Grade grade_removed(const DriftRun& after) {
  if (!after.ok)
    return drift_graded(Drift::removed, "refused", Weight::fine,
                        "it stops and says: " + after.said);
  if (count_of(after, "fourth") == 1)
    return drift_graded(Drift::removed, "ignored", Weight::fine, "it applies what is new");
  return drift_graded(Drift::removed, "skipped", Weight::harm,
                      "it ends with success, and the new file is not applied");
}

Grade grade_hole(const DriftRun& after) {
  if (count_of(after, "second") == 1)
    return drift_graded(Drift::hole, "applied", Weight::fine, "it applies the late file");
  if (!after.ok)
    return drift_graded(Drift::hole, "refused", Weight::fine, "it stops and says: " + after.said);
  return drift_graded(Drift::hole, "skipped", Weight::harm,
                      "it ends with success, and the late file is not applied");
}

}  // namespace

std::string_view to_string(Drift drift) {
  constexpr std::string_view words[] = {"edited", "removed", "hole"};
  return words[static_cast<std::size_t>(drift)];
}

Grade grade_of(Drift drift, const DriftRun& before, const DriftRun& after) {
  if (!after.ended)
    return drift_graded(drift, "unknown", Weight::undecided,
                        "it was still running when its time was over");
  const bool is_replaced = drift == Drift::edited && count_of(after, "second") == 0 &&
                           count_of(after, "edited") == 1 && count_of(after, "third") == 1;
  if (is_replaced)
    return drift_graded(drift, "replaced", Weight::wish,
                        "the effects of the old text were undone, and the edited text was applied");
  if (harms(before, after))
    return drift_graded(drift, "applied-twice", Weight::harm,
                        "what was applied once is there twice, or is gone");
  if (drift == Drift::edited) return grade_edited(after);
  return drift == Drift::removed ? grade_removed(after) : grade_hole(after);
}

}  // namespace gauntlet::certify
