#include "harness/verify/verify.h"

#include "harness/arena/connection.h"
#include "harness/core/history_file.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/call.h"
#include "harness/verify/stage_run.h"
#include "runner/source.h"
#include "runner/table_name.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using scenario::Scenario;
using scenario::Stage;

/// How many lines of the story a violated stage tells.
constexpr std::size_t story_lines_max = 60;
/// More steps than a swept stage takes.
constexpr std::size_t swept_steps_max = 200;

/// The folder as it stands at each stage: later files join it, or replace their namesakes.
std::vector<runner::Listing> listings_of(const Scenario& scenario) {
  std::map<std::string, std::string> folder;
  std::vector<runner::Listing> listings;
  for (const Stage& stage : scenario.stages) {
    for (const scenario::File& file : stage.files) folder[file.name] = file.sql;
    for (const std::string_view file : stage.removed) folder.erase(std::string(file));
    std::vector<runner::Script> scripts;
    scripts.reserve(folder.size());
    for (const auto& [name, sql] : folder)
      scripts.push_back({.file = name, .bytes = sql, .checksum = {}});
    listings.push_back(runner::list_scripts(std::move(scripts)));
  }
  return listings;
}

std::vector<core::AppliedRow> names_of(const runner::Listing& listing) {
  std::vector<core::AppliedRow> rows;
  rows.reserve(listing.migrations.size());
  for (const runner::Migration& migration : listing.migrations) {
    rows.push_back({.version = migration.version.number, .name = migration.name});
  }
  return rows;
}

void prepare(const Stage& stage, const arena::Address& database) {
  if (!stage.prepare.empty()) arena::Connection(database).run(std::string(stage.prepare));
}

std::string story_of(const core::History& history) {
  std::string text = core::printed(history);
  std::size_t end = 0;
  for (std::size_t lines = 0; lines < story_lines_max && end != std::string::npos; ++lines) {
    end = text.find('\n', end + 1);
  }
  if (end == std::string::npos) return text;
  return text.substr(0, end) + "\n  … and more";
}

class Verification {
 public:
  Verification(const Scenario& scenario, const mutant::Mutant* mutant, arena::Arena& arena,
               const Options& options)
      : scenario_(scenario),
        mutant_(mutant),
        arena_(arena),
        options_(options),
        listings_(listings_of(scenario)),
        serial_(scenario.stages.size()) {}

  core::Result run() {
    result_.id = scenario_.id;
    result_.subject = mutant_ == nullptr ? "gauntlet-migrate" : std::string(mutant_->name);
    const auto start = std::chrono::steady_clock::now();
    try {
      for (int calibration = 0; calibration < 2; ++calibration) run_serially();
      if (scenario_.sweep.empty()) race({});
      for (const core::Ruling::What what : scenario_.sweep) sweep(what);
    } catch (const runner::Error& error) {
      core::merge(result_.judgement, core::unknown(error.what()));
    }
    result_.seconds = std::chrono::steady_clock::now() - start;
    return std::move(result_);
  }

 private:
  StageOptions stage_options() const {
    return {.patience = scenario_.patience,
            .seed = options_.seed,
            .lock_key = arena::unique_lock_key()};
  }

  // What one replica of the reference runner leaves, stage by stage.
  void run_serially() {
    const auto database = arena_.fresh("serial");
    for (std::size_t index = 0; index < scenario_.stages.size(); ++index) {
      const Stage& stage = scenario_.stages[index];
      prepare(stage, database->address());
      const std::string failure =
          run_stage_alone(stage, listings_[index], database->address(), stage_options());
      if (!failure.empty()) {
        throw runner::Error("no-serial-run",
                            fmt::format("the reference runner does not get through `{}` alone: {}",
                                        stage.name, failure));
      }
      serial_[index].push_back(observe::snapshot(database->address()));
    }
  }

  bool is_violated() const { return result_.judgement.verdict == core::Verdict::violated; }

  // At each step in turn, until a run ends before its step comes.
  void sweep(core::Ruling::What what) {
    for (std::size_t step = 0; step < swept_steps_max && !is_violated(); ++step) {
      const fault::Fault fault{.replica = 0, .skip = step, .ruling = {.what = what}};
      const bool fired = race({fault});
      if (is_violated()) result_.notes.push_back("the fault was: " + fault.text());
      if (!fired) return;
    }
    if (is_violated()) return;
    core::merge(result_.judgement, core::unknown("the sweep came to no end"));
  }

  // True if all of `faults` fired, which are added to those of the first stage.
  bool race(const std::vector<fault::Fault>& faults) {
    const auto database = arena_.fresh("scenario");
    bool all_fired = true;
    for (std::size_t index = 0; index < scenario_.stages.size(); ++index) {
      Stage stage = scenario_.stages[index];
      if (index == 0) stage.faults.insert(stage.faults.end(), faults.begin(), faults.end());
      const StageSeen run = race_stage(index, stage, database->address());
      if (index == 0) all_fired = run.unfired == 0;
      if (is_violated()) break;
    }
    return all_fired;
  }

  StageSeen race_stage(std::size_t index, const Stage& stage, const arena::Address& database) {
    prepare(stage, database);
    oracle::Observation seen;
    seen.before = observe::snapshot(database);
    seen.journal_before = observe::journal(database).value_or(std::vector<std::int64_t>{}).size();
    StageSeen run = run_stage(stage, listings_[index], mutant_, database, stage_options());
    seen.history = run.history;
    seen.after = observe::snapshot(database, {.leftovers = true});
    if (run.leftovers) seen.after->leftovers = run.leftovers;
    seen.serial = serial_[index];
    seen.on_disk = names_of(known_to(stage.call, listings_[index]));
    seen.applied = observe::applied(database, tracker_query(stage), seen.applied_missing);
    seen.journal = observe::journal(database);
    seen.expected_error = stage.expected_error;
    seen.ok_exits = stage.ok_exits;
    judge(stage, run, seen);
    return run;
  }

  static std::string tracker_query(const Stage& stage) {
    if (stage.table.empty()) return {};
    const runner::TableName name = runner::parse_table_name(stage.table, "table");
    const std::string schema = name.schema.empty() ? "" : quoted(name.schema) + ".";
    return fmt::format("SELECT version, name FROM {}{}", schema, quoted(name.table));
  }

  static std::string quoted(const std::string& name) {
    std::string made = "\"";
    for (const char character : name) made += std::string(character == '"' ? 2 : 1, character);
    return made + "\"";
  }

  void judge(const Stage& stage, const StageSeen& run, const oracle::Observation& seen) {
    core::Judgement whole;
    for (const std::string_view id : stage.oracles) {
      const core::Judgement judgement = oracle::ask(oracle::oracle(id), seen);
      if (!judgement.reason.empty()) {
        result_.notes.push_back(fmt::format("{}: {}: {}", stage.name, id, judgement.reason));
      }
      core::merge(whole, judgement);
    }
    if (run.gathered < run.wanted) {
      core::merge(whole, core::unknown(fmt::format("{} of {} replicas stood at the gate together",
                                                   run.gathered, run.wanted)));
    }
    if (!run.foreign_lock_met) {
      core::merge(whole,
                  core::unknown("not all replicas were seen to ask while another held the lock"));
    }
    if (!run.holds_met) {
      core::merge(whole, core::unknown("what a hold waited for did not happen in time"));
    }
    if (scenario_.sweep.empty() && run.unfired > 0) {
      core::merge(whole, core::unknown("a fault's step did not come"));
    }
    core::merge(result_.judgement, whole);
    if (whole.verdict != core::Verdict::violated) return;
    result_.notes.push_back(fmt::format("claim: {}", scenario_.claim));
    result_.notes.push_back(fmt::format("why it matters: {}", scenario_.why));
    result_.notes.push_back(
        fmt::format("what happened in `{}`, in order:\n{}", stage.name, story_of(seen.history)));
  }

  const Scenario& scenario_;
  const mutant::Mutant* mutant_;
  arena::Arena& arena_;
  const Options& options_;
  const std::vector<runner::Listing> listings_;
  std::vector<std::vector<core::Snapshot>> serial_;  // by stage, one a calibration
  core::Result result_;
};

}  // namespace

core::Result verify(const Scenario& scenario, const mutant::Mutant* mutant, arena::Arena& arena,
                    const Options& options) {
  return Verification(scenario, mutant, arena, options).run();
}

}  // namespace gauntlet::verify
