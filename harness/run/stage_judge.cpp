#include "harness/run/stage_judge.h"

#include "harness/oracle/causes.h"
#include "harness/oracle/holes.h"
#include "harness/oracle/lock_rows.h"
#include "harness/run/asked.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using core::SkippedOracle;
using core::Verdict;

class Judging {
 public:
  explicit Judging(const StageToJudge& what)
      : what_(what), seen_(what.seen), locks_(what.seen.history) {}

  StageJudgement judge() {
    for (const std::string_view id : what_.stage.oracles) ask(id);
    for (const oracle::Oracle& standing : oracle::standing_oracles())
      if (what_.is_free_run || !is_of_one_run(standing)) add_evidence(standing);
    merge(unmet());
    withdraw_what_the_environment_explains();
    oracle::name_holes(made_.judgement, seen_);
    oracle::name_lock_rows(made_.judgement, seen_);
    add_causes();
    put_causes_first();
    return std::move(made_);
  }

 private:
  /// Shows in a run of one replica, and so in every order of several.
  static bool is_of_one_run(const oracle::Oracle& standing) {
    return standing.id == "unlocked-before-commit";
  }

  void merge(const core::Judgement& part) { core::merge(made_.judgement, part); }

  void ask(std::string_view id) {
    if (const auto skipped = skip_unasked(id)) return skip(*skipped);
    const core::Judgement judgement = oracle::ask(oracle::oracle(id), seen_);
    if (what_.is_program && id == "success-means-done" && judgement.verdict == Verdict::unknown)
      return skip(skipped_because(id, judgement.reason,
                                  what_.alone != nullptr && what_.alone->sent_as_written));
    if (!judgement.reason.empty())
      made_.notes.push_back(fmt::format("{}: {}: {}", what_.stage.name, id, judgement.reason));
    merge(judgement);
  }

  /// `shown_alone`: alone the program did show what the oracle needs, so its absence is a question.
  SkippedOracle skipped_because(std::string_view id, std::string reason, bool shown_alone) const {
    const bool is_unseen = what_.stage.first_is.has_value() && seen_.history.steps.empty();
    if (is_unseen) {
      reason = "what the copies send is not seen while one of them is harmed";
      shown_alone = false;
    }
    return {.id = std::string(id),
            .stage = std::string(what_.stage.name),
            .reason = std::move(reason),
            .verdict = shown_alone ? Verdict::unknown : Verdict::not_applicable};
  }

  std::optional<SkippedOracle> skip_unasked(std::string_view id) const {
    if (!what_.is_program) return std::nullopt;
    const ShownAlone* alone = what_.alone;
    if (locks_.leave_nothing_to(id)) {
      const bool shown =
          alone != nullptr && (id == "mutual-exclusion" ? alone->held_lock : alone->took_lock);
      return skipped_because(id, "no advisory lock of this runner was seen", shown);
    }
    const bool reads_tracker = id == "set-equality" || id == "disk-is-recorded";
    if (reads_tracker && !what_.has_tracker_query && !seen_.applied && !seen_.tracker_is_absent)
      return skipped_because(id, seen_.applied_missing, alone != nullptr && alone->read_tracker);
    return std::nullopt;
  }

  void skip(SkippedOracle skipped) {
    if (skipped.verdict == Verdict::unknown)
      merge(core::unknown(fmt::format("skipped {}: {}", skipped.id, skipped.reason)));
    made_.skipped.push_back(std::move(skipped));
  }

  /// What another oracle has found already is not told again.
  void add_evidence(const oracle::Oracle& standing) {
    core::Judgement found = oracle::ask(standing, seen_);
    if (found.verdict != Verdict::violated) return;
    std::erase_if(found.findings, [&](const core::Finding& finding) {
      return std::ranges::any_of(made_.judgement.findings, [&](const core::Finding& known) {
        return known.id == finding.id &&
               (!known.where.version || known.where.version == finding.where.version);
      });
    });
    merge(core::judged(std::move(found.findings)));
  }

  /// What the stage wanted to happen and did not.
  core::Judgement unmet() const {
    const StageSeen& run = what_.run;
    core::Judgement whole;
    if (run.gathered < run.wanted)
      core::merge(whole, core::unknown(fmt::format("{} of {} replicas stood at the gate together",
                                                   run.gathered, run.wanted)));
    if (!run.foreign_lock_met)
      core::merge(whole,
                  core::unknown("not all replicas were seen to ask while another held the lock"));
    if (!run.holds_met)
      core::merge(whole, core::unknown("what a hold waited for did not happen in time"));
    if (!what_.faults_may_stay_away && run.unfired > 0)
      core::merge(whole, core::unknown("a fault's step did not come"));
    return whole;
  }

  /// They count as violations only where the run is violated: then they say why.
  void add_causes() {
    if (!what_.is_program || seen_.history.replicas < 2) return;
    const bool is_violated = made_.judgement.verdict == Verdict::violated;
    for (core::Finding& cause : oracle::causes_in(seen_)) {
      if (is_violated) cause.severity = core::Severity::violation;
      made_.judgement.findings.push_back(std::move(cause));
    }
  }

  /// First what the claim is about, then causes, last what any of them leaves behind.
  void put_causes_first() {
    const auto rank = [&](const core::Finding& finding) {
      if (std::ranges::find(what_.claims, finding.oracle) != what_.claims.end()) return 0;
      const bool is_consequence = finding.oracle == "schema-equals-serial" ||
                                  finding.oracle == "data-equals-serial" ||
                                  finding.oracle == "set-equality";
      return is_consequence ? 2 : 1;
    };
    std::ranges::stable_sort(made_.judgement.findings, {}, rank);
  }

  void withdraw_what_the_environment_explains() {
    core::Judgement& judgement = made_.judgement;
    if (judgement.verdict != Verdict::violated && judgement.verdict != Verdict::unknown) return;
    const auto failures = oracle::failures_of(seen_.history, seen_.success_codes, what_.world);
    if (const auto excuse = oracle::excuse_in(failures, what_.world)) {
      judgement = oracle::excused(std::move(judgement), *excuse);
      return;
    }
    for (const oracle::FailedReplica& failed : failures) {
      if (failed.attribution.cause.empty()) continue;
      for (core::Finding& finding : judgement.findings) {
        if (finding.id != "replica-failed") continue;
        finding.message += "; " + failed.attribution.cause;
        finding.fix = failed.attribution.remedy;
      }
      return;
    }
  }

  const StageToJudge& what_;
  const oracle::Observation& seen_;
  const UnseenLocks locks_;
  StageJudgement made_;
};

}  // namespace

StageJudgement judge_stage(const StageToJudge& what) { return Judging(what).judge(); }

}  // namespace gauntlet::run
