#include "harness/verify/sqlite_boot.h"

#include "harness/fleet/fleet.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/boot.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/boot_service.h"
#include "harness/verify/pending.h"
#include "harness/verify/sqlite_truth.h"
#include "harness/verify/standstill.h"
#include "harness/verify/truth_of.h"

#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

/// One kind of file that the subject is started on.
struct FileStart {
  std::string where;  ///< `on an empty file`
  MakeDatabase make;
  std::vector<const runner::Migration*> pending = {};
  std::string pending_unknown = {};  ///< why that cannot be told
};

class SqliteBoot {
 public:
  explicit SqliteBoot(const Context& context)
      : context_(context), subject_(subject_of(context.options)) {
    result_.id = "check/boot";
    result_.subject = subject_.name;
  }

  core::Result run() {
    attempt("an empty file", [this] {
      start_on({.where = "on an empty file",
                .make = [this] { return context_.arena->fresh("boot"); },
                .pending = all_migrations(context_.listing)});
    });
    if (!context_.arena->is_ephemeral())
      attempt("a copy of the given file", [this] { start_on_copy(); });
    if (context_.options.service) attempt("the service", [this] { boot_service(); });
    return std::move(result_);
  }

 private:
  template <typename Part>
  void attempt(const std::string& what, const Part& part) {
    try {
      part();
    } catch (const std::exception& error) {
      merge(core::unknown(fmt::format("{}: {}", what, error.what())));
    }
  }

  void start_on_copy() {
    AppliedState state;
    {
      const auto session = connect_unbounded(context_.arena->given(), "gauntlet boot");
      state = applied_state(context_, *session);
    }
    const std::string& why = state.cannot_tell.empty() ? state.not_ours : state.cannot_tell;
    if (!context_.options.runner && !why.empty()) return merge(core::unknown(why));
    FileStart start{.where = "on a copy of the given file",
                    .make = [this] { return context_.arena->copy_of_given({}).database; },
                    .pending_unknown = state.cannot_tell};
    if (state.cannot_tell.empty()) start.pending = pending_of(context_, state);
    start_on(start);
  }

  void start_on(const FileStart& start) {
    tell("first run " + start.where);
    const auto database = start.make();
    const core::Judgement judgement = judge(start, *database);
    merge(judgement);
    if (context_.options.keep && judgement.verdict != core::Verdict::holds)
      result_.notes.push_back(fmt::format("kept, as it was {}: {}", start.where, database->keep()));
  }

  core::Judgement judge(const FileStart& start, const arena::Database& database) {
    FileRun run{.pending = start.pending, .another = start.make};
    run.before = observe::snapshot(database.address(), {.is_ours = true});
    run.dangling_before = dangling_references(database.address());
    const core::History first = run_once(database);
    if (first.standstill) return judge_standstill(first, "the first run " + start.where);
    if (was_killed(first))
      return core::unknown(
          fmt::format("the first run {} had {}; raise --statement-timeout if it is only slow; {}",
                      start.where, how_it_ended(first), tail(first.outputs[0])));
    if (!succeeded(first, subject_)) return judge_refusal(first, start);
    run.after = observe::snapshot(database.address(), {.is_ours = true});
    run.dangling_after = dangling_references(database.address());
    run.ended = &database;
    run.run_once = [this](const arena::Database& another) { return why_it_fails(another); };
    core::Judgement whole = judge_applied(start, database, run);
    core::merge(whole, judge_truth(start, run));
    core::merge(whole, judge_second(start, database, run));
    return whole;
  }

  /// gauntlet-migrate keeps rows and schema whole where another tool does not look.
  core::Judgement judge_refusal(const core::History& first, const FileStart& start) const {
    core::Judgement refused = failure("apply-failed", "the first run", first, start);
    if (context_.options.runner || context_.translated.empty()) return refused;
    const auto database = start.make();
    if (!apply_to_file(*database, start.pending, ForeignKeys::not_enforced).left) return refused;
    return core::unknown(fmt::format(
        "gauntlet-migrate, which stands in for {}, refuses what the files do when nothing guards "
        "rows and schema: name the tool with --runner; {}",
        context_.options.format.name, refused.findings.front().message));
  }

  core::Judgement judge_applied(const FileStart& start, const arena::Database& database,
                                FileRun& run) {
    oracle::Observation seen;
    seen.on_disk = on_disk(context_.listing);
    seen.applied = applied_by_subject(context_.options, database.address(), seen.applied_missing);
    if (seen.applied) {
      if (context_.options.applied_query.empty()) run.own_tables.insert(seen.applied->tracker);
      if (context_.options.runner) {
        run.code_steps =
            steps_not_in(start.make()->address(),
                         code_steps_in(database.address(), *seen.applied, context_.listing));
        seen.applied =
            without_code_steps(std::move(*seen.applied), database.address(), context_.listing);
      }
    }
    return ask("set-equality", seen, start);
  }

  core::Judgement judge_truth(const FileStart& start, const FileRun& run) {
    if (!start.pending_unknown.empty()) return core::unknown(start.pending_unknown);
    tell("the files by themselves " + start.where);
    FileTruth truth = hold_to_sqlite_files(context_, run);
    for (const std::string& note : truth.notes)
      result_.notes.push_back(fmt::format("{}: {}", start.where, note));
    for (core::Finding& finding : truth.judgement.findings)
      finding.message = fmt::format("{}: {}", start.where, finding.message);
    name_files(truth.judgement, context_.listing);
    return truth.judgement;
  }

  core::Judgement judge_second(const FileStart& start, const arena::Database& database,
                               const FileRun& run) {
    tell("second run " + start.where);
    oracle::Observation seen;
    seen.before = run.after;
    core::Judgement whole;
    const core::History second = run_once(database);
    if (!succeeded(second, subject_))
      core::merge(whole, failure("second-run-failed", "a second run", second, start));
    seen.after = observe::snapshot(database.address(), {.is_ours = true});
    core::merge(whole, ask("idempotent", seen, start));
    return whole;
  }

  core::Judgement failure(const std::string& id, const std::string& which,
                          const core::History& history, const FileStart& start) const {
    return core::judged(
        {{.id = id,
          .message = fmt::format("{} {} ended with {}; {}", which, start.where,
                                 how_it_ended(history), tail(history.outputs[0])),
          .fix = "run it by hand on a copy of the file and read its whole output"}});
  }

  core::Judgement ask(std::string_view id, const oracle::Observation& seen,
                      const FileStart& start) const {
    core::Judgement judgement = oracle::ask(oracle::oracle(id), seen);
    name_files(judgement, context_.listing);
    for (core::Finding& finding : judgement.findings)
      finding.message = fmt::format("{}: {}", start.where, finding.message);
    return judgement;
  }

  core::History run_once(const arena::Database& database) const {
    return run_alone(subject_, context_, database, {.patience = run_patience(context_.options)});
  }

  std::string why_it_fails(const arena::Database& database) const {
    const core::History history = run_once(database);
    if (succeeded(history, subject_)) return {};
    return fmt::format("the runner ended with {}; {}", how_it_ended(history),
                       tail(history.outputs[0]));
  }

  void boot_service() {
    tell("the service");
    const ServiceOutcome outcome = start_service(context_, BootLimits().sigterm_patience);
    result_.notes.insert(result_.notes.end(), outcome.notes.begin(), outcome.notes.end());
    merge(outcome.judgement);
  }

  void merge(const core::Judgement& part) { core::merge(result_.judgement, part); }
  void tell(const std::string& what) const {
    if (context_.progress) context_.progress("boot: " + what);
  }

  const Context& context_;
  const fleet::Subject subject_;
  core::Result result_;
};

}  // namespace

core::Result sqlite_boot(const Context& context) { return SqliteBoot(context).run(); }

}  // namespace gauntlet::verify
