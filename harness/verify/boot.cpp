#include "harness/verify/boot.h"

#include "harness/fleet/fleet.h"
#include "harness/observe/lock_rows.h"
#include "harness/observe/observe.h"
#include "harness/oracle/guilt.h"
#include "harness/oracle/holes.h"
#include "harness/oracle/lock_rows.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/boot_service.h"
#include "harness/verify/late_files.h"
#include "harness/verify/pending.h"
#include "harness/verify/seen_alone.h"
#include "harness/verify/standstill.h"
#include "harness/verify/truth_of.h"
#include "harness/verify/upgrade.h"
#include "runner/values/session.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// One kind of database that the subject is started on.
struct Start {
  std::string where;                    ///< `on an empty database`
  MakeDatabase make;                    ///< each as the first one was before the run
  std::vector<truth::File> files = {};  ///< those that are pending there
  std::string pending_unknown = {};     ///< why that cannot be told
  bool is_empty = true;
  std::set<std::int64_t> late = {};           ///< versions that came below an applied one
  std::vector<core::LockRow> lock_rows = {};  ///< taken already when the first run began
};

/// What a successful first run left: its objects, and where it records.
struct Left {
  core::Snapshot snapshot;
  std::set<std::string> own_tables;
};

/// The whole check; each part merges its judgement into `result_`.
class BootCheck {
 public:
  BootCheck(const Context& context, const BootLimits& limits)
      : context_(context), limits_(limits), subject_(subject_of(context.options)) {
    result_.id = "check/boot";
    result_.subject = subject_.name;
    if (limits_.run_patience == std::chrono::milliseconds::zero()) {
      limits_.run_patience = run_patience(context.options);
    }
  }

  core::Result run() {
    attempt("an empty database", [this] {
      start_on({.where = "on an empty database",
                .make = [this] { return context_.arena->fresh("boot"); },
                .files = files_of(all_migrations(context_.listing), context_.options)});
    });
    if (context_.arena->is_ephemeral()) {
      result_.notes.emplace_back(
          "the given database is empty: a copy of it is an empty database, too");
    } else {
      attempt("a copy of the given database", [this] { start_on_copy(); });
    }
    if (context_.options.service) attempt("the service", [this] { boot_service(); });
    return std::move(result_);
  }

 private:
  /// What cannot be judged in one part says nothing of the others.
  template <typename Part>
  void attempt(const std::string& what, const Part& part) {
    try {
      part();
    } catch (const std::exception& error) {
      merge(core::unknown(fmt::format("{}: {}", what, error.what())));
    }
  }

  void start_on_copy() {
    const AppliedState state = state_of_given();
    // A runner of the user's knows its own tracker; ours would begin at the first file.
    const std::string& why = state.cannot_tell.empty() ? state.not_ours : state.cannot_tell;
    if (!context_.options.runner && !why.empty()) return merge(core::unknown(why));
    const std::vector<std::string> tables = tracker_tables(state);
    arena::Arena::Copy copy = context_.arena->copy_of_given(tables);
    result_.notes.push_back("the copy of the given database: " + copy.how);
    const auto first = std::make_shared<std::unique_ptr<arena::Database>>(std::move(copy.database));
    Start start{.where = "on a copy of the given database",
                .make =
                    [this, tables, first] {
                      if (*first) return std::move(*first);
                      return context_.arena->copy_of_given(tables).database;
                    },
                .pending_unknown = state.cannot_tell,
                .is_empty = false,
                .late = late_versions(state),
                .lock_rows = observe::held_lock_rows(context_.arena->given())};
    if (state.cannot_tell.empty())
      start.files = files_of(pending_of(context_, state), context_.options);
    start_on(start);
    judge_upgrade(state);
  }

  /// Its session ends with it: a database in use cannot be copied as fast as one that is not.
  AppliedState state_of_given() const {
    const auto session = connect_unbounded(context_.arena->given(), "gauntlet boot");
    return applied_state(context_, *session);
  }

  void start_on(const Start& start) {
    tell("first run " + start.where);
    const WatchedRun first = run_watched(subject_, context_, start.make, bounds());
    const core::Judgement judgement = judge(start, first);
    merge(judgement);
    if (context_.options.keep && judgement.verdict != core::Verdict::holds) {
      result_.notes.push_back(
          fmt::format("kept, as it was {}: {}", start.where, first.database->keep()));
    }
  }

  core::Judgement judge(const Start& start, const WatchedRun& first) {
    const arena::Database& database = *first.database;
    if (was_killed(first.history)) return not_ended("the first run", first.history, start);
    if (!succeeded(first.history, subject_))
      return judge_failure("apply-failed", "the first run", first.history, start, database);
    oracle::Observation seen{.late = start.late};
    seen.on_disk = on_disk(context_.listing);
    seen.applied = applied_by_subject(context_.options, database.address(), seen.applied_missing);
    core::Judgement whole = ask("set-equality", seen, start);
    seen.before = observe::snapshot(database.address(), {.is_ours = true});
    Left& left = start.is_empty ? fresh_left_.emplace() : upgraded_left_.emplace();
    left = {
        .snapshot = *seen.before,
        .own_tables = own_tables(database.address(), seen.applied, context_.options.applied_query)};
    core::merge(whole, hold_to_truth(start, first, left));
    if (start.is_empty && whole.verdict == core::Verdict::holds)
      context_.learned->run_on_empty = {
          .left = left.snapshot,
          .own_tables = left.own_tables,
          .took = first.history.events.back().at - first.history.events.front().at};

    tell("second run " + start.where);
    const core::History second = run_once(database);
    if (second.standstill) {
      core::merge(whole, not_ended("a second run", second, start));
    } else if (!succeeded(second, subject_)) {
      core::merge(whole,
                  judge_failure("second-run-failed", "a second run", second, start, database));
    }
    seen.after = observe::snapshot(database.address(), {.is_ours = true});
    seen.own_tables = made_beside_;
    core::merge(whole, ask("idempotent", seen, start));
    return whole;
  }

  /// What the run left, beside what the files leave by themselves.
  core::Judgement hold_to_truth(const Start& start, const WatchedRun& run, const Left& left) {
    if (!start.pending_unknown.empty()) return core::unknown(start.pending_unknown);
    tell("the files by themselves " + start.where);
    truth::Known own_known;
    truth::Known& known = start.is_empty ? context_.learned->on_empty : own_known;
    const truth::Sent sent = run.was_watched ? truth::read_sent(run.history, start.files)
                                             : truth::not_watched(start.files);
    known.sent = sent;
    made_beside_ = made_beside(sent, start.files, left.own_tables);
    truth::Answer answer = hold_to_files(context_, start.files, sent, left.snapshot,
                                         left.own_tables, start.make, known);
    for (std::string& note : answer.notes)
      result_.notes.push_back(fmt::format("{}: {}", start.where, note));
    if (const std::string rows = truth::unjudged_rows(known.rows, start.files); !rows.empty())
      result_.notes.push_back(fmt::format("{}: {}", start.where, rows));
    if (run.was_watched && !context_.drops_judges) {
      const auto flaws = flaws_of_records(run.history, start.files, left.own_tables);
      if (!flaws.empty()) core::merge(answer.judgement, core::judged(flaws));
    }
    for (core::Finding& finding : answer.judgement.findings)
      finding.message = fmt::format("{}: {}", start.where, finding.message);
    return answer.judgement;
  }

  /// The upgraded copy beside the database that was empty: what a release's own environments have,
  /// and the given one would not.
  void judge_upgrade(const AppliedState& state) {
    if (!fresh_left_ || !upgraded_left_) return;
    const truth::Known& known = context_.learned->on_empty;
    core::Judgement judgement = compare_upgrade({.fresh = fresh_left_->snapshot,
                                                 .upgraded = upgraded_left_->snapshot,
                                                 .plain = known.plain ? &*known.plain : nullptr,
                                                 .own_tables = fresh_left_->own_tables});
    name_skipped_files(judgement, context_.listing, state, fresh_left_->snapshot,
                       upgraded_left_->snapshot);
    merge(judgement);
  }

  core::History run_once(const arena::Database& database) {
    return run_alone(subject_, context_, database, bounds());
  }

  RunBounds bounds() const { return {.patience = limits_.run_patience, .idle = limits_.idle}; }

  /// Nothing tells a run that is busy to no end from one that is slow.
  core::Judgement not_ended(const std::string& which, const core::History& history,
                            const Start& start) {
    const std::string run = fmt::format("{} {}", which, start.where);
    const oracle::Observation seen = failed_run(history, start);
    core::Judgement judgement =
        history.standstill ? judge_standstill(history, run, oracle::lock_row_cause(seen))
                           : core::unknown(fmt::format(
                                 "{} had {}; raise --statement-timeout if it is only slow; {}", run,
                                 how_it_ended(history), tail(history.outputs[0])));
    if (history.standstill) context_.learned->never_ends = run;
    oracle::name_lock_rows(judgement, seen);
    return judgement;
  }

  core::Judgement judge_failure(const std::string& id, const std::string& which,
                                const core::History& history, const Start& start,
                                const arena::Database& database) {
    const std::string message = fmt::format("{} {} ended with {}; {}", which, start.where,
                                            how_it_ended(history), tail(history.outputs[0]));
    if (const auto excuse = excuse_of(context_, database)) {
      return core::unknown(fmt::format("{}; {}", *excuse, message));
    }
    // What cannot be started is no runner that fails.
    for (const oracle::FailedReplica& failed :
         oracle::failures_of(history, subject_.success_codes, {}))
      if (failed.attribution.guilt == oracle::Guilt::undecided)
        return core::unknown(fmt::format("{}: {}; {}", failed.attribution.cause,
                                         failed.attribution.remedy, message));
    core::Judgement judgement = core::judged(
        {{.id = id,
          .message = message,
          .fix = "run it by hand on a `gauntlet server start` and read its whole output"}});
    const oracle::Observation seen = failed_run(history, start);
    oracle::name_holes(judgement, seen);
    oracle::name_lock_rows(judgement, seen);
    name_files(judgement, context_.listing);
    return judgement;
  }

  /// What is known of a run that left nothing to compare.
  oracle::Observation failed_run(const core::History& history, const Start& start) const {
    oracle::Observation seen{.late = start.late, .lock_rows = start.lock_rows};
    seen.history = history;
    seen.on_disk = on_disk(context_.listing);
    seen.success_codes = subject_.success_codes;
    return seen;
  }

  core::Judgement ask(std::string_view id, const oracle::Observation& seen, const Start& start) {
    if (context_.drops_judges) return {};
    core::Judgement judgement = oracle::ask(oracle::oracle(id), seen);
    oracle::name_holes(judgement, seen);
    name_files(judgement, context_.listing);
    for (core::Finding& finding : judgement.findings) {
      finding.message = fmt::format("{}: {}", start.where, finding.message);
    }
    return judgement;
  }

  void boot_service() {
    tell("the service");
    const ServiceOutcome outcome = start_service(context_, limits_.sigterm_patience);
    result_.notes.insert(result_.notes.end(), outcome.notes.begin(), outcome.notes.end());
    merge(outcome.judgement);
  }

  void merge(const core::Judgement& part) { core::merge(result_.judgement, part); }

  void tell(const std::string& what) const {
    if (context_.progress) context_.progress("boot: " + what);
  }

  const Context& context_;
  BootLimits limits_;
  const fleet::Subject subject_;
  std::optional<Left> fresh_left_, upgraded_left_;
  std::set<std::string> made_beside_;  ///< of the last first run
  core::Result result_;
};

}  // namespace

core::Result boot(const Context& context) { return boot_within(context, {}); }

core::Result boot_within(const Context& context, const BootLimits& limits) {
  return BootCheck(context, limits).run();
}

}  // namespace gauntlet::verify
