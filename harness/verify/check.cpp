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
#include "harness/verify/pending.h"
#include "harness/verify/replay.h"
#include "harness/verify/replicas.h"
#include "harness/verify/rollback.h"
#include "harness/verify/status.h"

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
    arena_ = arena::open(options_.database, options_.arena);
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
  if (check.id != "lint" && !context.options.runner && !context.only_by_its_runner.empty())
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
  if (auto reason = refusal(check, context)) return {.judgement = core::unknown(*reason)};
  const ClusterGuard guard(context);
  core::Result result = check.run(context);
  guard.judge(result);
  return result;
}

core::Result run_check(const Check& check, Context context, LazyArena& arena) {
  if (std::string reason = unaskable(check, context); !reason.empty()) {
    return {.judgement = core::unknown(std::move(reason))};
  }
  if (check.needs_database) {
    context.arena = arena.get();
    if (context.arena == nullptr) return {.judgement = core::unknown(arena.failure())};
  }
  try {
    return run_guarded(check, context);
  } catch (const std::exception& exception) {
    return {.judgement = core::unknown(reason_of(exception))};
  }
}

void read_server_facts(core::Report& report, arena::Arena* arena) {
  if (arena == nullptr || report.server) return;
  try {
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
  const Layout layout = read_layout(asked);
  Options options = asked;
  options.format = layout.format;
  Context context{.options = options,
                  .listing = layout.reading.listing,
                  .progress = progress ? progress : [](std::string_view) {},
                  .layout_notes = layout.reading.notes,
                  .only_by_its_runner = layout.reading.only_by_its_runner};
  std::optional<fleet::WorkFolder> translated;
  if (needs_translation(options, context.listing)) {
    translated.emplace();
    formats::write_files(formats::for_gauntlet_migrate(options.format, context.listing.migrations),
                         translated->path());
    context.translated = translated->path();
  }
  LazyArena arena(options);
  core::Report report{.seed = options.seed};
  for (const Check* check : chosen_checks(options)) {
    context.progress(check->id);
    const auto start = steady_clock::now();
    core::Result result = run_check(*check, context, arena);
    const bool is_a_run = check->id == "boot" || check->id == "replicas";
    if (is_a_run && !context.translated.empty()) result.notes.push_back(stand_in_note(options));
    result.id = fmt::format("check/{}", check->id);
    result.judgement = core::settled(std::move(result.judgement));
    if (result.subject.empty()) result.subject = subject_name(options);
    result.seconds = steady_clock::now() - start;
    result.replay = replay_command(options, check->id);
    report.results.push_back(std::move(result));
    if (check->needs_database) read_server_facts(report, arena.get());
  }
  apply_allowances(report, allowances_of(context.listing), today(), options.checks.empty());
  return report;
}

}  // namespace gauntlet::verify
