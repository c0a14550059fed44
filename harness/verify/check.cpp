#include "harness/verify/check.h"

#include "harness/fleet/fleet.h"
#include "harness/formats/folder.h"
#include "harness/observe/observe.h"
#include "harness/verify/allowed.h"
#include "harness/verify/boot.h"
#include "harness/verify/cluster.h"
#include "harness/verify/dry_run.h"
#include "harness/verify/failure.h"
#include "harness/verify/layout.h"
#include "harness/verify/lint.h"
#include "harness/verify/other_server.h"
#include "harness/verify/pending.h"
#include "harness/verify/replay.h"
#include "harness/verify/replicas.h"
#include "harness/verify/rollback.h"
#include "harness/verify/skipped_steps.h"
#include "harness/verify/sqlite_checks.h"
#include "harness/verify/status.h"
#include "harness/verify/time_budget.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using std::chrono::steady_clock;

std::vector<const Check*> chosen_checks(const Options& options) {
  std::vector<const Check*> chosen;
  for (const Check& check : checks()) {
    const auto& wanted = options.checks;
    const bool is_wanted =
        wanted.empty() || std::find(wanted.begin(), wanted.end(), check.id) != wanted.end();
    if (is_wanted) chosen.push_back(&check);
  }
  return chosen;
}

bool has_errors(const runner::Listing& listing) {
  return std::any_of(listing.problems.begin(), listing.problems.end(), [](const auto& problem) {
    return problem.severity == runner::Problem::Severity::error;
  });
}

/// The arena of one run: opened for the first check that needs it, once.
class LazyArena {
 public:
  explicit LazyArena(const Options& options) : options_(options) {}

  /// Null, with the reason in failure(), if it cannot be had.
  arena::Arena* get();
  const std::string& failure() const { return failure_; }

 private:
  const Options& options_;
  std::unique_ptr<arena::Arena> arena_;
  std::string failure_;
};

arena::Arena* LazyArena::get() {
  if (arena_ || !failure_.empty()) return arena_.get();
  if (options_.database.empty()) {
    failure_ =
        "no database given: use `--database ephemeral` for a throwaway server, or set "
        "TEST_DATABASE_URL=postgresql://… to a scratch server";
    return nullptr;
  }
  try {
    arena_ = is_sqlite(options_) ? open_sqlite_arena(options_)
                                 : arena::open(options_.database, options_.arena);
  } catch (const std::exception& exception) {
    failure_ = reason_of(exception);
  }
  return arena_.get();
}

/// Why a check cannot be asked of this folder; empty if it can.
std::string unaskable(const Check& check, const Context& context) {
  const bool nothing = context.listing.migrations.empty();
  if (nothing && (check.id != "lint" || context.listing.problems.empty())) {
    return fmt::format("no migrations in {}", context.options.migrations.string());
  }
  if (check.id != "lint" && has_errors(context.listing)) {
    return fmt::format(
        "{} refuses this folder: see what `lint` says about its files",
        context.options.format.native ? "the runner" : std::string(context.options.format.name));
  }
  const bool sends_files = check.id != "lint" && check.id != "status";
  if (sends_files && !context.options.runner && !context.only_by_its_runner.empty())
    return fmt::format("{}: name the tool with --runner", context.only_by_its_runner);
  return {};
}

/// boot, replicas and rollback apply every file for good; what a dry run keeps off the server it
/// decides itself.
std::optional<std::string> refusal(const Check& check, const Context& context) {
  if (check.id != "boot" && check.id != "replicas" && check.id != "rollback") return std::nullopt;
  return cluster_refusal(context);
}

core::Result run_guarded(const Check& check, const Context& context) {
  if (!check.needs_database) return check.run(context);
  if (is_sqlite(context.options)) return sqlite_check(check.id)(context);
  if (auto reason = refusal(check, context)) return {.judgement = core::unknown(*reason)};
  const ClusterGuard guard(context);
  core::Result result = check.run(context);
  guard.judge(result);
  return result;
}

core::Result run_check(const Check& check, Context context, LazyArena& arena, const RunCheck& run) {
  if (std::string reason = unaskable(check, context); !reason.empty()) {
    return {.judgement = core::unknown(std::move(reason))};
  }
  if (check.needs_database) {
    context.arena = arena.get();
    if (context.arena == nullptr) return {.judgement = core::unknown(arena.failure())};
  }
  try {
    return run(check, context);
  } catch (const std::exception& exception) {
    return {.judgement = core::unknown(reason_of(exception))};
  }
}

void read_server_facts(core::Report& report, arena::Arena* arena) {
  if (arena == nullptr || report.server) return;
  try {
    if (!arena->given().file().empty()) {
      report.server = sqlite_facts(arena->given());
      return;
    }
    report.server = observe::server_facts(arena->given());
  } catch (const std::exception&) {
    // The checks themselves tell what is wrong with the server.
    report.server.reset();
  }
}

std::string today() {
  const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::chrono::year_month_day day(now);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

/// The folder as the checks see it: lint as it is, the others as it is applied.
class Contexts {
 public:
  Contexts(const Options& asked, const Progress& progress)
      : layout_(read_layout(asked)), tried_(layout_to_try(asked, layout_)) {
    options_ = applied_options_ = asked;
    options_.format = layout_.format;
    applied_options_.format = tried_ ? tried_->format : layout_.format;
    // The files have other numbers than the steps in code: any of these may be missing.
    if (tried_)
      for (auto& step : applied_.skipped_steps) step.version = {};
    if (needs_translation(applied_options_, applied_.listing)) translate();
    if (progress) lint_.progress = applied_.progress = progress;
  }

  const Options& options() const { return options_; }
  /// As the files lie in the folder.
  const runner::Listing& listing() const { return lint_.listing; }
  const Context& of(const Check& check) const { return check.id == "lint" ? lint_ : applied_; }

  /// What is to be said of a result for the folder's sake.
  void note(const Check& check, core::Result& result) const {
    if (tried_ && check.id != "lint")
      result.notes.emplace_back(
          "the files were numbered anew, in their order: gauntlet-migrate takes one up file a "
          "version, and sorts by number (see `lint`)");
    const bool is_a_run = check.id == "boot" || check.id == "replicas";
    const bool is_foreign = applied_options_.format.name != "gauntlet";
    if (is_a_run && is_foreign && !applied_.translated.empty())
      result.notes.push_back(stand_in_note(applied_options_));
  }

 private:
  void translate() {
    translated_.emplace();
    formats::write_files(
        formats::for_gauntlet_migrate(applied_options_.format, applied_.listing.migrations),
        translated_->path());
    applied_.translated = translated_->path();
  }

  Layout layout_;
  std::optional<Layout> tried_;
  Options options_, applied_options_;
  std::optional<fleet::WorkFolder> translated_;
  Context lint_{.options = options_,
                .listing = layout_.reading.listing,
                .progress = [](std::string_view) {},
                .layout_notes = layout_.reading.notes};
  Context applied_{.options = applied_options_,
                   .listing = tried_ ? tried_->reading.listing : layout_.reading.listing,
                   .progress = [](std::string_view) {},
                   .only_by_its_runner = layout_.reading.only_by_its_runner,
                   .skipped_steps = layout_.reading.skipped};
};

}  // namespace

const std::vector<Check>& checks() {
  static const std::vector<Check> all = {
      {"lint", "every file is named, paired, encoded and written as the runner expects", false,
       lint},
      {"status", "what is applied to the database fits the files on disk", true, status},
      {"dry-run", "every pending file applies in order, and nothing of the trial stays", true,
       dry_run},
      {"boot",
       "the real apply path leaves exactly the set on disk, and a second run changes nothing", true,
       boot},
      {"replicas", "many copies at once leave what a single one leaves", true, replicas},
      {"rollback", "every down file runs, and its up file runs again after it", true, rollback},
  };
  return all;
}

core::Report verify(const Options& asked, const Progress& progress) {
  return verify(asked, progress, run_guarded);
}

core::Report verify(const Options& asked, const Progress& progress, const RunCheck& run) {
  const Contexts contexts(asked, progress);
  const Options& options = contexts.options();
  LazyArena arena(options);
  core::Report report{.seed = options.seed};
  TimeBudget budget(options);
  for (const Check* check : chosen_checks(options)) {
    const Context& context = contexts.of(*check);
    context.progress(check->id);
    const auto start = steady_clock::now();
    const std::string late = budget.why_left_out(check->id);
    core::Result result = late.empty() ? run_check(*check, context, arena, run)
                                       : core::Result{.judgement = core::unknown(late)};
    if (late.empty()) budget.note(check->id, steady_clock::now() - start);
    contexts.note(*check, result);
    excuse_skipped_steps(context, result);
    result.id = fmt::format("check/{}", check->id);
    result.judgement = core::settled(std::move(result.judgement));
    if (result.subject.empty()) result.subject = subject_name(options);
    result.seconds = steady_clock::now() - start;
    result.replay = replay_command(options, check->id);
    report.results.push_back(std::move(result));
    if (check->needs_database && late.empty()) read_server_facts(report, arena.get());
  }
  apply_allowances(report, allowances_of(contexts.listing()), today(), options.checks.empty());
  tell_other_server(options, report);
  return report;
}

}  // namespace gauntlet::verify
