#include "harness/verify/verify.h"

#include "harness/arena/connection.h"
#include "harness/core/history_file.h"
#include "harness/observe/observe.h"
#include "harness/oracle/oracle.h"
#include "harness/verify/stage_run.h"
#include "runner/source.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace gauntlet::verify {

namespace {

using scenario::Scenario;
using scenario::Stage;

/// How many lines of the story a violated stage tells.
constexpr std::size_t story_lines_max = 60;

/// The folder as it stands at each stage: later files join it, or replace their namesakes.
std::vector<runner::Listing> listings_of(const Scenario& scenario) {
  std::map<std::string, std::string> folder;
  std::vector<runner::Listing> listings;
  for (const Stage& stage : scenario.stages) {
    for (const scenario::File& file : stage.files) folder[file.name] = file.sql;
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
      race();
    } catch (const runner::Error& error) {
      core::merge(result_.judgement, core::unknown(error.what()));
    }
    result_.seconds = std::chrono::steady_clock::now() - start;
    return std::move(result_);
  }

 private:
  StageOptions alone() const {
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
      const StageSeen seen =
          run_stage(stage, listings_[index], nullptr, database->address(), alone());
      if (const core::Event* end = seen.history.exit_of(0); end == nullptr || end->exit_code != 0) {
        throw runner::Error("no-serial-run",
                            fmt::format("the reference runner does not get through `{}` alone: {}",
                                        stage.name, seen.history.outputs.front().err));
      }
      serial_[index].push_back(observe::snapshot(database->address()));
    }
  }

  void race() {
    const auto database = arena_.fresh("scenario");
    for (std::size_t index = 0; index < scenario_.stages.size(); ++index) {
      race_stage(index, database->address());
      if (result_.judgement.verdict == core::Verdict::violated) return;
    }
  }

  void race_stage(std::size_t index, const arena::Address& database) {
    const Stage& stage = scenario_.stages[index];
    prepare(stage, database);
    oracle::Observation seen;
    seen.before = observe::snapshot(database);
    StageOptions how = alone();
    how.replicas = stage.replicas;
    how.arrival = stage.arrival;
    how.foreign_lock = stage.foreign_lock;
    StageSeen run = run_stage(stage, listings_[index], mutant_, database, how);
    seen.history = std::move(run.history);
    seen.after = observe::snapshot(database, {.leftovers = true});
    seen.serial = serial_[index];
    seen.on_disk = names_of(listings_[index]);
    seen.applied = observe::applied(database, tracker_query(stage), seen.applied_missing);
    judge(stage, run, seen);
  }

  static std::string tracker_query(const Stage& stage) {
    return stage.table.empty() ? "" : fmt::format("SELECT version, name FROM {}", stage.table);
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
