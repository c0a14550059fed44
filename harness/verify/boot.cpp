#include "harness/verify/boot.h"

#include "harness/fleet/fleet.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/boot_service.h"
#include "harness/verify/pending.h"
#include "runner/postgres.h"
#include "runner/values/session.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// One database that the subject is started on.
struct Start {
  std::string where;  ///< `on an empty database`
  std::unique_ptr<arena::Database> database;
  bool with_data = true;  ///< a copy of the schema alone proves little when a run fails
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
      start_on({.where = "on an empty database", .database = context_.arena->fresh("boot")});
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
    arena::Arena::Copy copy = context_.arena->copy_of_given(tracker_tables(state));
    result_.notes.push_back("the copy of the given database: " + copy.how);
    start_on({.where = "on a copy of the given database",
              .database = std::move(copy.database),
              .with_data = copy.with_data});
  }

  /// Its session ends with it: a database in use cannot be copied as fast as one that is not.
  AppliedState state_of_given() const {
    const auto session = runner::connect_postgres(context_.arena->given().conninfo());
    return applied_state(context_, *session);
  }

  void start_on(const Start& start) {
    tell("first run " + start.where);
    const core::Judgement judgement = judge(start);
    merge(judgement);
    if (context_.options.keep && judgement.verdict != core::Verdict::holds) {
      result_.notes.push_back(
          fmt::format("kept, as it was {}: {}", start.where, start.database->keep()));
    }
  }

  core::Judgement judge(const Start& start) {
    const core::History first = run_once(*start.database);
    if (was_killed(first)) return too_slow(first, start);
    if (!succeeded(first, subject_))
      return judge_failure("apply-failed", "the first run", first, start);
    oracle::Observation seen;
    seen.on_disk = on_disk(context_.listing);
    seen.applied =
        applied_by_subject(context_.options, start.database->address(), seen.applied_missing);
    core::Judgement whole = ask("set-equality", seen, start);

    tell("second run " + start.where);
    seen.before = observe::snapshot(start.database->address());
    const core::History second = run_once(*start.database);
    if (!succeeded(second, subject_)) {
      core::merge(whole, judge_failure("second-run-failed", "a second run", second, start));
    }
    seen.after = observe::snapshot(start.database->address());
    core::merge(whole, ask("idempotent", seen, start));
    return whole;
  }

  core::History run_once(const arena::Database& database) {
    return fleet::run_once(subject_, database, context_.runner_folder(), limits_.run_patience);
  }

  /// Nothing tells a first run that hangs from one that is slow.
  static core::Judgement too_slow(const core::History& history, const Start& start) {
    return core::unknown(
        fmt::format("the first run {} had {}; raise --statement-timeout if it is only "
                    "slow; {}",
                    start.where, how_it_ended(history), tail(history.outputs[0])));
  }

  core::Judgement judge_failure(const std::string& id, const std::string& which,
                                const core::History& history, const Start& start) {
    const std::string message = fmt::format("{} {} ended with {}; {}", which, start.where,
                                            how_it_ended(history), tail(history.outputs[0]));
    if (const auto excuse = excuse_of(context_, *start.database)) {
      return core::unknown(fmt::format("{}; {}", *excuse, message));
    }
    if (!start.with_data) {
      return core::unknown(message + "\n(that copy lacks the data, which may be the reason)");
    }
    return core::judged(
        {{.id = id,
          .message = message,
          .fix = "run it by hand on a `gauntlet server start` and read its whole output"}});
  }

  core::Judgement ask(std::string_view id, const oracle::Observation& seen, const Start& start) {
    core::Judgement judgement = oracle::ask(oracle::oracle(id), seen);
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
  core::Result result_;
};

}  // namespace

core::Result boot(const Context& context) { return boot_within(context, {}); }

core::Result boot_within(const Context& context, const BootLimits& limits) {
  return BootCheck(context, limits).run();
}

}  // namespace gauntlet::verify
