#include "harness/certify/grades.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace gauntlet::certify {

namespace {

using crash::Outcome;
using Weight = Grade::Weight;
using LockGrade = wire_mutant::Grade;

Weight weight_of(Outcome outcome) {
  if (crash::is_violated(outcome)) return Weight::harm;
  if (outcome == Outcome::stopped_silently) return Weight::wish;
  return outcome == Outcome::not_done ? Weight::undecided : Weight::fine;
}

/// In ascending order of gravity.
int gravity_of(Outcome outcome) {
  constexpr Outcome order[] = {Outcome::not_done,
                               Outcome::converged,
                               Outcome::stopped_and_said,
                               Outcome::stopped_silently,
                               Outcome::recorded_wrongly,
                               Outcome::applied_twice,
                               Outcome::lost};
  return static_cast<int>(std::ranges::find(order, outcome) - std::begin(order));
}

Grade crash_grade(std::string what, const std::vector<const CrashCell*>& cells) {
  const CrashCell& worst = **std::ranges::max_element(
      cells, {}, [](const CrashCell* cell) { return gravity_of(cell->judged.outcome); });
  std::map<Outcome, std::size_t> counts;
  for (const CrashCell* cell : cells) ++counts[cell->judged.outcome];
  std::string why = fmt::format("{} cells", cells.size());
  char mark = ':';
  for (const auto& [outcome, count] : counts) {
    why += fmt::format("{} {} {}", mark, count, to_string(outcome));
    mark = ',';
  }
  const Weight weight = weight_of(worst.judged.outcome);
  if (weight != Weight::fine) why += fmt::format("; {}: {}", worst.name, worst.judged.why);
  return {.area = Area::crash,
          .what = std::move(what),
          .grade = std::string(to_string(worst.judged.outcome)),
          .why = std::move(why),
          .weight = weight,
          .replay = weight == Weight::fine ? "" : worst.replay};
}

Weight weight_of(const wire_mutant::MutantResult& result) {
  switch (result.graded.grade) {
    case LockGrade::unknown:
      return Weight::undecided;
    case LockGrade::unviable:
      return Weight::not_asked;
    case LockGrade::no_lock:
      return result.mutant.kind == wire_mutant::Kind::lock_is_noop ? Weight::wish
                                                                   : Weight::not_asked;
    default:
      return Weight::fine;
  }
}

Grade unlock_grade(const wire_mutant::Graded& graded) {
  Grade grade{.area = Area::lock, .what = "unlock-false", .why = graded.why};
  switch (graded.grade) {
    case LockGrade::self_checked:
      grade.grade = "stops";
      break;
    case LockGrade::not_needed:
      grade.grade = "ignored";
      grade.weight = Weight::wish;
      break;
    case LockGrade::no_lock:
      grade.grade = "not-asked";
      grade.weight = Weight::not_asked;
      break;
    default:
      grade.grade = "unknown";
      grade.weight = Weight::undecided;
  }
  return grade;
}

}  // namespace

std::vector<Grade> crash_grades(const std::vector<CrashCell>& cells) {
  std::vector<const CrashCell*> inside, outside;
  for (const CrashCell& cell : cells)
    (cell.outside_transaction ? outside : inside).push_back(&cell);
  std::vector<Grade> grades;
  if (!inside.empty()) grades.push_back(crash_grade("in-transaction", inside));
  if (!outside.empty()) grades.push_back(crash_grade("outside-transaction", outside));
  return grades;
}

std::vector<Grade> lock_grades(const wire_mutant::RunnerGrades& grades) {
  std::vector<Grade> judged;
  for (const wire_mutant::MutantResult& result : grades.results) {
    judged.push_back({.area = Area::lock,
                      .what = std::string(result.mutant.name),
                      .grade = std::string(to_string(result.graded.grade)),
                      .why = result.graded.why,
                      .weight = weight_of(result)});
  }
  if (grades.denied_unlock) judged.push_back(unlock_grade(*grades.denied_unlock));
  return judged;
}

Grade race_grade(Area area, std::string what, const wire_mutant::Graded& graded) {
  Grade grade{.area = area, .what = std::move(what), .why = graded.why};
  switch (graded.grade) {
    case LockGrade::not_needed:
      grade.grade = "exactly-once";
      break;
    case LockGrade::self_checked:
      grade.grade = "copies-stop";
      grade.weight = Weight::wish;
      break;
    case LockGrade::backed_by_constraint:
      grade.grade = "backed-by-constraint";
      grade.weight = Weight::wish;
      break;
    case LockGrade::needed:
      grade.grade = graded.is_lost ? "lost" : "applied-twice";
      grade.weight = area == Area::pooler ? Weight::wish : Weight::harm;
      break;
    case LockGrade::unviable:
    case LockGrade::no_lock:
      grade.grade = "not-asked";
      grade.weight = Weight::not_asked;
      break;
    case LockGrade::unknown:
      grade.grade = "unknown";
      grade.weight = Weight::undecided;
      break;
  }
  return grade;
}

}  // namespace gauntlet::certify
