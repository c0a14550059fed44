#include "harness/verify/replicas_race.h"

#include "harness/fleet/fleet.h"
#include "harness/formats/folder.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/fleet_world.h"
#include "harness/verify/pending.h"
#include "harness/verify/replicas_tracker.h"
#include "harness/verify/yardstick.h"
#include "runner/values/error.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::verify {

namespace {

using std::chrono::milliseconds;
using Seconds = std::chrono::duration<double>;

constexpr std::string_view oracles_asked[] = {
    "all-succeed", "data-equals-serial", "schema-equals-serial", "set-equality", "no-lock-left"};

/// Nobody new at the held tracker for so long, and a serial run's time, of which a copy needs only
/// what lies before its first record.
constexpr milliseconds settled_min{150}, settled_run_max{500};

/// The races over one ground, step by step; each step adds to `result_` and `seen_`.
class Race {
 public:
  Race(const Context& context, const RaceLimits& limits, const RaceGround& ground)
      : context_(context),
        limits_(limits),
        ground_(ground),
        subject_(subject_of(context.options)),
        yardstick_(context, ground, subject_) {
    seen_.on_disk = on_disk(context.listing);
    seen_.success_codes = subject_.success_codes;
  }

  core::Result run() {
    if (yardstick_.take(result_)) {
      seen_.serial = yardstick_.snapshots();
      seen_.own_tables = yardstick_.made_beside();
      run_together();
      if (!is_misfit_ && result_.judgement.verdict != core::Verdict::violated) try_held();
      if (!is_misfit_) judge_locks();
    }
    return std::move(result_);
  }

 private:
  void run_together() {
    tell(fmt::format("{} replicas at the door", context_.options.replicas));
    const auto database = ground_.make();
    const FleetWorld world(*database, context_.options.replicas, *context_.arena);
    if (world.misfit()) {
      core::merge(result_.judgement, core::unknown(*world.misfit()));
      is_misfit_ = true;
      return;
    }
    core::Leftovers leftovers;
    const fleet::RaceOptions race{.replicas = context_.options.replicas,
                                  .patience = patience(),
                                  .door_patience = limits_.door_patience,
                                  .when_ended = [&] {
                                    leftovers = observe::leftovers(database->address(),
                                                                   limits_.leftovers_patience);
                                  }};
    seen_.history = fleet::race(subject_, *database, context_.runner_folder(), race);
    file_locks_ = seen_.history.file_locks;
    seen_.patience = patience();
    seen_.after = yardstick_.look(*database);
    seen_.after->leftovers = std::move(leftovers);
    seen_.applied =
        applied_by_subject(context_.options, database->address(), seen_.applied_missing);
    judge();
    result_.judgement =
        world.excuse(std::move(result_.judgement), seen_.history, subject_.success_codes);
    if (result_.judgement.verdict != core::Verdict::holds) keep(*database);
  }

  void judge() {
    const std::size_t replicas = context_.options.replicas;
    const std::size_t together = seen_.history.sessions_at_the_door.value_or(0);
    const Seconds makespan = seen_.history.events.back().at - released();
    result_.notes.push_back(
        fmt::format("{} sessions of {} replicas stood at the door together; all had "
                    "ended {:.2f} s after their release, a single run takes {:.2f} s",
                    together, replicas, makespan.count(), yardstick_.time().count()));
    for (const std::string_view id : oracles_asked) {
      core::Judgement judgement = yardstick_.ask(id, seen_);
      name_files(judgement, context_.listing);
      if (!judgement.reason.empty())
        result_.notes.push_back(fmt::format("{}: {}", id, judgement.reason));
      core::merge(result_.judgement, judgement);
    }
    if (together < 2) {
      core::merge(result_.judgement, core::unknown(fmt::format(
                                         "the replicas were not seen to overlap: {} sessions of {} "
                                         "replicas stood at the door together",
                                         together, replicas)));
    }
  }

  /// What stands in the way of the second race takes nothing from the first.
  void try_held() {
    try {
      run_held();
    } catch (const runner::Error& error) {
      result_.notes.push_back("not raced from the first migration on: " + error.message());
    }
  }

  /// A second race, on a database where the first migration is applied: what each copy writes into
  /// the tracker waits for the others. Copies that nothing but luck keeps apart apply the rest
  /// together. Only what it does to the data is judged, and what it reports as done while nobody
  /// could record it: a runner may give up where its tracker is held.
  void run_held() {
    tell("recording held back");
    const auto database = ground_.make();
    const std::string tables =
        ground_.is_empty ? apply_first(*database) : tracker_of_copy(*database);
    if (tables.empty()) return;
    const FleetWorld world(*database, context_.options.replicas, *context_.arena);
    oracle::Observation held = seen_;
    const milliseconds settled =
        std::min(std::chrono::duration_cast<milliseconds>(yardstick_.time()), settled_run_max) +
        settled_min;
    held.history =
        fleet::race(subject_, *database, context_.runner_folder(),
                    {.replicas = context_.options.replicas,
                     .patience = patience(),
                     .held = fleet::RaceOptions::Held{.tables = tables, .settled = settled}});
    file_locks_.merge(held.history.file_locks);
    held.after = yardstick_.look(*database);
    held.applied = applied_by_subject(context_.options, database->address(), held.applied_missing);
    for (const runner::Migration* migration : ground_.pending)
      held.pending.emplace(migration->version.number, migration->up.sql());
    if (ground_.is_empty) held.pending.erase(held.pending.begin());
    held.recording_held_until = until_when_held(held.history);
    const core::Judgement spoiled = world.excuse({}, held.history, subject_.success_codes);
    if (spoiled.verdict == core::Verdict::unknown) {
      result_.notes.push_back("raced once more, and not judged: " + spoiled.reason);
      return;
    }
    judge_held(held);
    if (result_.judgement.verdict == core::Verdict::violated) keep(*database);
  }

  /// What luck may have hidden in the races.
  void judge_locks() {
    if (context_.drops_judges || !context_.learned->locks) return;
    const Learned::Locks& locks = *context_.learned->locks;
    if (!locks.flaws.empty()) core::merge(result_.judgement, core::judged(locks.flaws));
    if (locks.at_the_server || file_locks_.empty()) return;
    core::merge(result_.judgement,
                core::unknown(fmt::format("the replicas keep one another out by a lock on a file "
                                          "of this machine ({}); on other machines they do not",
                                          fmt::join(file_locks_, ", "))));
  }

  void copy_first(const runner::Migration& first, const std::filesystem::path& folder) const {
    if (!context_.translated.empty())
      return formats::write_files(formats::for_gauntlet_migrate(context_.options.format, {first}),
                                  folder);
    const auto copy = [&](const std::filesystem::path& file) {
      const auto to = folder / file.lexically_relative(context_.options.migrations);
      std::filesystem::create_directories(to.parent_path());
      std::filesystem::copy(file, to, std::filesystem::copy_options::overwrite_existing);
    };
    copy(first.up.file);
    if (first.down) copy(first.down->file);
  }

  /// Runs the subject on the first migration alone. The tracker's tables, or nothing if that cannot
  /// be.
  std::string apply_first(const arena::Database& database) {
    if (context_.listing.migrations.size() < 2) return {};
    const runner::Migration& first = context_.listing.migrations.front();
    const fleet::WorkFolder folder;
    copy_first(first, folder.path());
    const core::History history =
        fleet::run_once(subject_, database, folder.path(), run_patience(context_.options),
                        fleet::StandstillOptions());
    oracle::Observation alone;
    alone.on_disk = {seen_.on_disk.front()};
    alone.applied = applied_by_subject(context_.options, database.address(), alone.applied_missing);
    const bool is_applied =
        succeeded(history, subject_) &&
        oracle::ask(oracle::oracle("set-equality"), alone).verdict == core::Verdict::holds;
    if (is_applied)
      return tables_of(database.address(), *alone.applied, context_.options.applied_query);
    result_.notes.emplace_back(
        "not raced from the first migration on: it could not be applied alone");
    return {};
  }

  /// The tracker that the copy brought along; nothing if it has none.
  std::string tracker_of_copy(const arena::Database& database) {
    std::string missing;
    const auto applied = applied_by_subject(context_.options, database.address(), missing);
    if (applied) return tables_of(database.address(), *applied, context_.options.applied_query);
    result_.notes.push_back("not raced with held records: " + missing);
    return {};
  }

  void judge_held(const oracle::Observation& held) {
    const std::size_t together = held.history.sessions_at_the_door.value_or(0);
    if (!all_recorded(held)) {
      result_.notes.emplace_back(
          "raced from the first migration on: not judged, not all was recorded");
      return;
    }
    result_.notes.push_back(fmt::format(
        "raced once more from the first migration on: {} copies were about to record at one time",
        together));
    merge_held("success-means-done", held, "recording was held back");
    merge_held(
        "data-equals-serial", held,
        fmt::format("recording was held back until {} copies had applied the same", together));
  }

  /// Once or, where the tracker has no unique key, several times.
  static bool all_recorded(const oracle::Observation& held) {
    const core::Judgement judgement = oracle::ask(oracle::oracle("set-equality"), held);
    return judgement.verdict == core::Verdict::holds ||
           (judgement.verdict == core::Verdict::violated &&
            std::ranges::all_of(judgement.findings, [](const core::Finding& finding) {
              return finding.id == "recorded-twice";
            }));
  }

  void merge_held(std::string_view id, const oracle::Observation& held, std::string_view where) {
    core::Judgement judgement = yardstick_.ask(id, held);
    if (judgement.verdict != core::Verdict::violated) return;
    name_files(judgement, context_.listing);
    for (core::Finding& finding : judgement.findings)
      finding.message += fmt::format(" (seen where {})", where);
    core::merge(result_.judgement, judgement);
  }

  /// Nullopt where nobody came to write.
  static std::optional<std::size_t> until_when_held(const core::History& history) {
    const auto end =
        std::ranges::find(history.events, core::Event::Kind::writers_released, &core::Event::kind);
    if (end == history.events.end()) return std::nullopt;
    return static_cast<std::size_t>(end - history.events.begin());
  }

  milliseconds patience() const {
    return std::max(limits_.patience_min,
                    std::chrono::duration_cast<milliseconds>(10 * yardstick_.time()));
  }

  std::chrono::microseconds released() const {
    const auto& events = seen_.history.events;
    const auto first = std::find_if(events.begin(), events.end(), [](const core::Event& event) {
      return event.kind == core::Event::Kind::released;
    });
    return first == events.end() ? std::chrono::microseconds{0} : first->at;
  }

  void keep(arena::Database& database) {
    if (context_.options.keep) result_.notes.push_back("kept: " + database.keep());
  }

  void tell(const std::string& what) const {
    if (context_.progress) context_.progress("replicas: " + what);
  }

  const Context& context_;
  const RaceLimits limits_;
  const RaceGround& ground_;
  const fleet::Subject subject_;
  Yardstick yardstick_;
  oracle::Observation seen_;
  core::Result result_;
  std::set<std::string> file_locks_;
  bool is_misfit_ = false;  ///< no fleet of this size can stand here
};

}  // namespace

core::Result race_over(const Context& context, const RaceLimits& limits, const RaceGround& ground) {
  return Race(context, limits, ground).run();
}

}  // namespace gauntlet::verify
