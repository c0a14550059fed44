#include "harness/certify/promises.h"

#include "runner/values/error.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::certify {

namespace {

using State = JudgedPromise::State;

/// The promise is kept where the grade of `what` is one of `kept`.
struct Rule {
  std::string_view promise;
  Area area = Area::lock;
  std::string_view what;
  std::vector<std::string_view> kept;
};

const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
      {"exactly-once",
       Area::replicas,
       "together",
       {"exactly-once", "copies-stop", "backed-by-constraint"}},
      {"exactly-once",
       Area::crash,
       "in-transaction",
       {"converged", "stopped-and-said-what-to-do", "stopped-silently", "recorded-wrongly",
        "lost"}},
      {"atomic",
       Area::crash,
       "in-transaction",
       {"converged", "stopped-and-said-what-to-do", "stopped-silently"}},
      {"resumes", Area::crash, "in-transaction", {"converged"}},
      {"replicas-succeed", Area::replicas, "together", {"exactly-once"}},
      {"locks",
       Area::lock,
       "lock-is-noop",
       {"needed", "self-checked", "backed-by-constraint", "not-needed"}},
      {"works-behind-pooler", Area::pooler, "together", {"exactly-once"}},
      {"works-behind-pooler", Area::pooler, "other-session", {"exactly-once"}},
      {"detects-edits", Area::drift, "edited", {"refused"}},
      {"detects-missing", Area::drift, "removed", {"refused"}},
      {"applies-late", Area::drift, "hole", {"applied"}},
      {"refuses-late", Area::drift, "hole", {"refused"}}};
  return all;
}

bool is_decided(const Grade& grade) {
  return grade.weight != Grade::Weight::undecided && grade.weight != Grade::Weight::not_asked;
}

JudgedPromise judge_one(const fleet::Promise& promise, const std::vector<Grade>& grades) {
  JudgedPromise judged{.id = promise.id, .page = promise.page, .state = State::kept};
  for (const Rule& rule : rules()) {
    if (rule.promise != promise.id) continue;
    const auto grade = std::ranges::find_if(grades, [&](const Grade& each) {
      return each.area == rule.area && each.what == rule.what && is_decided(each);
    });
    if (grade == grades.end()) {
      judged.state = State::not_judged;
      judged.why = fmt::format("{} {} was not graded", to_string(rule.area), rule.what);
      continue;
    }
    const bool is_kept = std::ranges::find(rule.kept, grade->grade) != rule.kept.end();
    const std::string told =
        fmt::format("{} {} is {}: {}", to_string(rule.area), rule.what, grade->grade, grade->why);
    if (!is_kept) {
      judged.state = State::broken;
      judged.why = told;
      return judged;
    }
    if (judged.state == State::kept) judged.why = told;
  }
  return judged;
}

}  // namespace

const std::vector<KnownPromise>& known_promises() {
  static const std::vector<KnownPromise> all = {
      {"exactly-once", "replicas and crashes apply no migration twice"},
      {"atomic", "a migration in a transaction is there with its record, or not at all"},
      {"resumes", "after any crash in a transaction the next run completes by itself"},
      {"replicas-succeed", "replicas that start together all end with success"},
      {"locks", "it takes a lock"},
      {"works-behind-pooler", "it applies once, with success, behind a transaction-mode pooler"},
      {"detects-edits", "it refuses a file that changed after it was applied"},
      {"detects-missing", "it refuses to go on where an applied file is gone"},
      {"applies-late", "it applies a file that appears below the newest applied one"},
      {"refuses-late", "it refuses a file that appears below the newest applied one"}};
  return all;
}

std::vector<JudgedPromise> judge_promises(const std::vector<fleet::Promise>& promises,
                                          const std::vector<Grade>& grades) {
  std::vector<JudgedPromise> judged;
  for (const fleet::Promise& promise : promises) {
    if (std::ranges::find(known_promises(), promise.id, &KnownPromise::id) ==
        known_promises().end()) {
      std::vector<std::string_view> known;
      for (const KnownPromise& each : known_promises()) known.push_back(each.id);
      throw runner::Error(
          "bad-subject-file", fmt::format("`promises`: there is no promise `{}`", promise.id),
          "the subject file", fmt::format("write some of {}", fmt::join(known, ", ")));
    }
    judged.push_back(judge_one(promise, grades));
  }
  return judged;
}

}  // namespace gauntlet::certify
