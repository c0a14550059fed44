#include "harness/verify/sqlite_replicas.h"

#include "harness/fleet/fleet.h"
#include "harness/formats/folder.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/truth/difference.h"
#include "harness/verify/boot_run.h"
#include "harness/verify/failure.h"
#include "harness/verify/pending.h"
#include "harness/verify/sqlite_truth.h"
#include "harness/verify/standstill.h"
#include "harness/verify/truth_of.h"
#include "runner/values/error.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using std::chrono::milliseconds;
using FileSeconds = std::chrono::duration<double>;

constexpr std::string_view judged_on_files[] = {"data-equals-serial", "schema-equals-serial",
                                                "set-equality", "no-lock-left"};
constexpr milliseconds file_patience_min{60'000};
/// Less than the shortest time (5 s) for which clients in use wait for a lock.
constexpr milliseconds file_door_patience{4'000};
constexpr milliseconds file_settled_min{150};
constexpr milliseconds file_held_max{2'000};
constexpr milliseconds file_leftovers_patience{2'000};
/// Races without a door, where a door made copies give up: overlap is then left to chance.
constexpr int races_without_door = 3;

struct FileGround {
  std::string where;
  MakeDatabase make;
  bool is_empty = true;
};

class FileRace {
 public:
  FileRace(const Context& context, const FileGround& ground)
      : context_(context), ground_(ground), subject_(subject_of(context.options)) {
    seen_.on_disk = on_disk(context.listing);
    seen_.success_codes = subject_.success_codes;
  }

  core::Result run() {
    if (!run_alone() || !run_alone()) return std::move(result_);
    race_at_door();
    if (result_.judgement.verdict != core::Verdict::violated) race_before_writing();
    return std::move(result_);
  }

 private:
  bool run_alone() {
    tell(fmt::format("serial run {} of 2", seen_.serial.size() + 1));
    const auto database = ground_.make();
    const core::History history = run_serially(*database);
    time_ = std::max<FileSeconds>(time_, history.events.back().at - history.events.front().at);
    if (history.standstill) {
      result_.judgement = judge_standstill(history, "a single run");
      return false;
    }
    if (!succeeded(history, subject_)) {
      result_.judgement = core::unknown(fmt::format(
          "a single run fails: see boot; {}, {}", how_it_ended(history), tail(history.outputs[0])));
      return false;
    }
    seen_.serial.push_back(look(*database));
    return true;
  }

  core::History run_serially(const arena::Database& database) const {
    return verify::run_alone(subject_, context_, database,
                             {.patience = run_patience(context_.options)});
  }

  enum class First { as_the_rest, applied };

  /// One race on a file of its own; what was seen of it is left in `seen_`.
  std::unique_ptr<arena::Database> race(fleet::RaceOptions options,
                                        First first = First::as_the_rest) {
    auto database = ground_.make();
    if (first == First::applied) apply_first(*database);
    core::Leftovers left;
    options.replicas = context_.options.replicas;
    options.patience = patience();
    options.when_ended = [&] {
      left = observe::leftovers(database->address(), file_leftovers_patience);
    };
    seen_.history = fleet::race(subject_, *database, context_.runner_folder(), options);
    seen_.patience = patience();
    seen_.after = look(*database);
    seen_.after->leftovers = std::move(left);
    read_applied(*database);
    return database;
  }

  void read_applied(const arena::Database& database) {
    seen_.applied = applied_by_subject(context_.options, database.address(), seen_.applied_missing);
    if (seen_.applied && context_.options.runner)
      seen_.applied =
          without_code_steps(std::move(*seen_.applied), database.address(), context_.listing);
  }

  /// Nobody reads before all have opened the file.
  void race_at_door() {
    tell(fmt::format("{} replicas at the file's lock", context_.options.replicas));
    const auto database = race({.door_patience = file_door_patience});
    const std::size_t together = seen_.history.sessions_at_the_door.value_or(0);
    const FileSeconds makespan = seen_.history.events.back().at;
    result_.notes.push_back(
        fmt::format("{} of {} replicas waited for the file together; all had ended {:.2f} s after "
                    "the start, a single run takes {:.2f} s",
                    together, context_.options.replicas, makespan.count(), time_.count()));
    const core::Judgement ended = ask("all-succeed");
    if (ended.verdict == core::Verdict::violated) return race_without_door(ended);
    core::merge(result_.judgement, ended);
    judge_left("");
    if (together < 2)
      core::merge(result_.judgement,
                  core::unknown(fmt::format("the replicas were not seen to overlap: {} of {} had "
                                            "the file open together",
                                            together, context_.options.replicas)));
    keep_if_violated(*database);
  }

  /// A copy that gave up while we held the file is accused only if it gives up without us, too.
  void race_without_door(const core::Judgement& at_door) {
    if (any_succeeded()) judge_left("");
    for (int round = 1; round <= races_without_door; ++round) {
      tell(fmt::format("without a held lock, round {} of {}", round, races_without_door));
      const auto database = race({.door_patience = milliseconds(0)});
      core::merge(result_.judgement, ask("all-succeed"));
      judge_left("");
      keep_if_violated(*database);
      if (result_.judgement.verdict == core::Verdict::violated) return;
    }
    const std::string first = at_door.findings.empty() ? "" : at_door.findings.front().message;
    result_.notes.push_back(
        fmt::format("while the file was locked from outside, copies gave up ({}); in {} races "
                    "without that, none did",
                    first.substr(0, first.find('\n')), races_without_door));
  }

  /// All have read the file before anybody writes: copies that decide before they lock apply the
  /// same, and those whose transaction begins with a read give up at once, whatever time they
  /// allow.
  void race_before_writing() {
    tell("writes held back");
    const milliseconds settled =
        std::min(file_held_max, std::chrono::duration_cast<milliseconds>(time_) + file_settled_min);
    const auto database = race({.door_patience = file_door_patience,
                                .held = fleet::RaceOptions::Held{.tables = {}, .settled = settled}},
                               ground_.is_empty ? First::applied : First::as_the_rest);
    result_.notes.push_back(
        fmt::format("raced once more: {} copies had the file open before any could write",
                    seen_.history.sessions_at_the_door.value_or(0)));
    constexpr std::string_view where =
        " (seen where every copy could read the file before any could write)";
    core::Judgement ended = ask("all-succeed");
    for (core::Finding& finding : ended.findings) {
      finding.message += fmt::format(
          " (another connection held the file's write lock for less than {} s, as a copy that "
          "applies a migration does)",
          1 + std::chrono::duration_cast<std::chrono::seconds>(file_door_patience).count());
      finding.fix =
          "begin the run with BEGIN IMMEDIATE, and set a busy timeout that outlasts a migration";
    }
    if (ended.verdict == core::Verdict::violated) core::merge(result_.judgement, ended);
    judge_left(where);
    keep_if_violated(*database);
  }

  /// Only the first migration, in a folder of its own.
  void copy_first(const std::filesystem::path& folder) const {
    const runner::Migration& first = context_.listing.migrations.front();
    if (!context_.translated.empty())
      return formats::write_files(formats::for_gauntlet_migrate(context_.options.format, {first}),
                                  folder);
    const auto to = folder / first.up.file.lexically_relative(context_.options.migrations);
    std::filesystem::create_directories(to.parent_path());
    std::filesystem::copy(first.up.file, to);
  }

  /// A runner's first statement may be a write, of its tracker: where that is there, it is not.
  void apply_first(const arena::Database& database) const {
    if (context_.listing.migrations.size() < 2) return;
    const fleet::WorkFolder folder;
    copy_first(folder.path());
    fleet::run_once(subject_, database, folder.path(), run_patience(context_.options));
  }

  void judge_left(std::string_view where) {
    for (const std::string_view id : judged_on_files) {
      core::Judgement judgement = ask(id);
      // In a held race a copy may give up, and then nothing needs to be complete.
      const bool is_held = !where.empty();
      if (is_held && judgement.verdict != core::Verdict::violated) continue;
      if (is_held && id == "set-equality" && !any_succeeded()) continue;
      for (core::Finding& finding : judgement.findings) finding.message += where;
      core::merge(result_.judgement, judgement);
    }
  }

  bool any_succeeded() const {
    return std::ranges::any_of(seen_.history.events, [&](const core::Event& event) {
      return event.exit_code && std::ranges::find(subject_.success_codes, *event.exit_code) !=
                                    subject_.success_codes.end();
    });
  }

  /// Before a difference from the serial runs is a finding, a third one runs: what differs there,
  /// too, differs by itself.
  core::Judgement ask(std::string_view id) {
    core::Judgement judgement = oracle::ask(oracle::oracle(id), seen_);
    const bool differs = std::ranges::any_of(judgement.findings, [](const core::Finding& finding) {
      return finding.id == "data-differs" || finding.id == "schema-differs";
    });
    if (differs && seen_.serial.size() == 2) {
      const auto database = ground_.make();
      if (succeeded(run_serially(*database), subject_)) seen_.serial.push_back(look(*database));
      judgement = oracle::ask(oracle::oracle(id), seen_);
    }
    name_files(judgement, context_.listing);
    return judgement;
  }

  core::Snapshot look(const arena::Database& database) const {
    core::Snapshot snapshot = observe::snapshot(database.address(), {.is_ours = true});
    truth::forget_columns(snapshot, context_.options.unstable_columns);
    return snapshot;
  }

  milliseconds patience() const {
    return std::max(file_patience_min, std::chrono::duration_cast<milliseconds>(10 * time_));
  }

  void keep_if_violated(arena::Database& database) {
    if (context_.options.keep && result_.judgement.verdict == core::Verdict::violated)
      result_.notes.push_back("kept: " + database.keep());
  }

  void tell(const std::string& what) const {
    if (context_.progress) context_.progress("replicas: " + what);
  }

  const Context& context_;
  const FileGround& ground_;
  const fleet::Subject subject_;
  FileSeconds time_{0};
  oracle::Observation seen_;
  core::Result result_;
};

void race_on(const Context& context, const FileGround& ground, core::Result& whole) {
  core::Result part = FileRace(context, ground).run();
  for (const std::string& note : part.notes)
    whole.notes.push_back(fmt::format("{}: {}", ground.where, note));
  for (core::Finding& finding : part.judgement.findings)
    finding.message = fmt::format("{}: {}", ground.where, finding.message);
  if (!part.judgement.reason.empty())
    part.judgement.reason = fmt::format("{}: {}", ground.where, part.judgement.reason);
  core::merge(whole.judgement, part.judgement);
}

/// With the rows of the given file: what a pending file does to them shows there alone.
void race_on_file_copies(const Context& context, core::Result& result) {
  AppliedState state;
  {
    const auto session = connect_unbounded(context.arena->given(), "gauntlet replicas");
    state = applied_state(context, *session);
  }
  if (!state.cannot_tell.empty()) {
    result.notes.push_back("not raced on copies of the given file: " + state.cannot_tell);
    return;
  }
  if (pending_of(context, state).empty()) {
    result.notes.emplace_back("nothing is pending in the given file: raced on an empty one");
    return;
  }
  race_on(context,
          {.where = "on copies of the given file",
           .make = [&] { return context.arena->copy_of_given({}).database; },
           .is_empty = false},
          result);
}

}  // namespace

core::Result sqlite_replicas(const Context& context) {
  core::Result result{.id = "check/replicas", .subject = subject_of(context.options).name};
  if (context.options.replicas < 2) {
    result.judgement =
        core::not_applicable("--replicas 1 declares that one process at a time deploys");
    return result;
  }
  if (!context.arena->is_ephemeral()) race_on_file_copies(context, result);
  if (result.judgement.verdict == core::Verdict::violated) return result;
  race_on(context,
          {.where = "on an empty file", .make = [&] { return context.arena->fresh("replicas"); }},
          result);
  return result;
}

}  // namespace gauntlet::verify
