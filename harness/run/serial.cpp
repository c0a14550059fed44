#include "harness/run/serial.h"

#include "harness/arena/fleet_conditions.h"
#include "harness/observe/observe.h"
#include "harness/oracle/advisory_locks.h"
#include "harness/oracle/guilt.h"
#include "harness/run/asked.h"
#include "harness/run/folder.h"
#include "harness/run/program_alone.h"
#include "harness/run/stage_ground.h"
#include "harness/sql/advisory_calls.h"
#include "harness/sql/statement.h"
#include "runner/values/error.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Stage;

/// Every stage of a scenario in order, by one replica each time.
class SerialRun {
 public:
  SerialRun(const scenario::Scenario& scenario, const Program* program,
            const arena::Database& database, const StageOptions& options, Serial& serial)
      : scenario_(scenario),
        program_(program),
        database_(database),
        options_(options),
        serial_(serial),
        folders_(folders_of(scenario)) {}

  /// `look` is called after each stage.
  void run(const std::function<void(std::size_t)>& look) {
    serial_.locks.emplace_back();
    serial_.exits.resize(scenario_.stages.size());
    const bool is_first = serial_.locks.size() == 1;
    for (std::size_t index = 0; index < scenario_.stages.size(); ++index) {
      prepare(scenario_.stages[index], database_.address());
      options_.lock_key = arena::unique_lock_key();
      run_stage_number(index, is_first);
      look(index);
      if (is_first && serial_.truth) hold_to_files(index);
    }
  }

 private:
  void run_stage_number(std::size_t index, bool is_first) {
    const Stage& stage = scenario_.stages[index];
    if (program_ == nullptr) {
      const FailedAlone failed =
          run_stage_alone(stage, folders_[index].listing, database_.address(), options_);
      if (!failed.text.empty()) fail(index, "the reference runner", failed.text, failed.was_ended);
      return;
    }
    const arena::FleetConditions conditions(database_, {});
    const Alone alone = run_alone(index, stage);
    std::vector<std::string>& locks = serial_.locks.back();
    locks.insert(locks.end(), alone.locks.begin(), alone.locks.end());
    if (locks.empty() && !serial_.own_lock)
      serial_.own_lock = own_lock_of(alone.history, migration_files(folders_[index].listing));
    if (alone.exit_code) serial_.exits[index].push_back(*alone.exit_code);
    if (serial_.refused.empty()) {
      serial_.refused = alone.refused;
      serial_.refused_with = alone.refused_with;
    }
    note_tracker(alone.history, folders_[index]);
    const oracle::FileStatements statements(alone.history,
                                            migration_files(folders_[index].listing));
    serial_.sent_files = serial_.sent_files || !statements.all().empty();
    if (!alone.failure.empty()) fail_program(index, alone, conditions);
    if (is_first) show(index, alone);
    history_ = alone.history;
  }

  /// `down` undoes one migration, or all of them at once: it is called until nothing is applied.
  Alone run_alone(std::size_t index, const Stage& stage) {
    const bool undoes_all = stage.call.action == scenario::Action::down && stage.call.amount == 0;
    if (!undoes_all)
      return run_program_alone(stage, folders_[index], *program_, database_, options_);
    Stage down = stage;
    down.call.amount = 1;
    std::int64_t& calls = serial_.down_calls[index] = 1;
    Alone alone = run_program_alone(down, folders_[index], *program_, database_, options_);
    const auto files = static_cast<std::int64_t>(folders_[index].listing.migrations.size());
    std::string missing;
    const auto left = applied_set(missing);
    const bool is_done = files < 2 || (left && left->rows.empty());
    if (is_done || !alone.failure.empty()) return alone;
    calls = files;
    down.call.amount = files - 1;
    return run_program_alone(down, folders_[index], *program_, database_, options_);
  }

  std::optional<core::Applied> applied_set(std::string& missing) const {
    return applied_of(database_.address(), program_->applied_query, serial_.tracker, missing);
  }

  void note_tracker(const core::History& history, const Folder& folder) {
    serial_.tracker.learn(history, folder.listing, program_->recognise_tracker);
    serial_.gives_lock_back =
        serial_.gives_lock_back ||
        std::ranges::any_of(history.steps, [](const core::StepRecord& record) {
          const auto calls = sql::advisory_calls(record.step.sql);
          return std::ranges::any_of(calls, &sql::AdvisoryCall::releases);
        });
    constexpr std::string_view table = "schema_migrations";
    for (const core::StepRecord& record : history.steps) {
      for (const sql::Statement& statement : sql::statements_of(record.step.sql)) {
        const auto is_it = [&](const std::string& name) { return sql::bare(name) == table; };
        const bool reads = std::ranges::any_of(statement.reads, is_it);
        const bool writes = std::ranges::any_of(statement.writes, is_it) ||
                            std::ranges::any_of(statement.defines, is_it);
        serial_.names_schema_migrations = serial_.names_schema_migrations || reads || writes;
        serial_.writes_schema_migrations = serial_.writes_schema_migrations || writes;
      }
    }
    std::string missing;
    const auto applied = applied_set(missing);
    serial_.records_names =
        serial_.records_names ||
        (applied && std::ranges::any_of(applied->rows, [](const core::AppliedRow& row) {
           return row.name && !row.name->empty();
         }));
  }

  /// A program whose tracker names a file has read the folder.
  static bool records_any(const std::optional<core::Applied>& applied, const Folder& folder) {
    if (!applied) return false;
    return std::ranges::any_of(applied->rows, [&](const core::AppliedRow& row) {
      return std::ranges::any_of(
          folder.listing.migrations, [&](const runner::Migration& migration) {
            return row.version > 0 && row.version == migration.version.number;
          });
    });
  }

  /// A program that does the same wrong thing every time is seen here alone.
  void hold_to_files(std::size_t index) {
    std::string missing;
    const auto applied = applied_set(missing);
    if (!serial_.applied_nothing.empty() && !records_any(applied, folders_[index])) return;
    serial_.applied_nothing.clear();
    serial_.truth->watch(index, history_);
    if (!serial_.truth->can_judge(index)) return;
    const bool is_table = applied && program_->applied_query.empty();
    truth::Answer answer = serial_.truth->judge(index, serial_.stages[index].front(),
                                                is_table ? applied->tracker : std::string());
    for (std::string& note : answer.notes)
      serial_.truth_notes.push_back(fmt::format("{}: {}", scenario_.stages[index].name, note));
    if (answer.judgement.verdict != core::Verdict::violated) return;
    serial_.not_as_files = std::move(answer.judgement.findings);
    for (core::Finding& finding : serial_.not_as_files)
      finding.message = fmt::format("in `{}`, one replica alone: {}", scenario_.stages[index].name,
                                    finding.message);
    serial_.failed_stage = index;
    serial_.failed_history = std::move(history_);
    throw runner::Error("no-serial-run",
                        fmt::format("{} does not apply the files of `{}`", program_->subject.name,
                                    scenario_.stages[index].name));
  }

  void fail_program(std::size_t index, const Alone& alone,
                    const arena::FleetConditions& conditions) {
    serial_.failed_with = alone.exit_code;
    serial_.failed_history = alone.history;
    const oracle::World world{.sessions_allowed = conditions.sessions_allowed(),
                              .server_was_lost = conditions.server_was_lost(),
                              .server_log = conditions.server_log()};
    const auto failures =
        oracle::failures_of(alone.history, program_->subject.success_codes, world);
    if (const auto excuse = oracle::excuse_in(failures, world))
      throw runner::Error("no-serial-run",
                          fmt::format("{}: {}: {}; {}", program_->subject.name, excuse->cause,
                                      excuse->remedy, alone.failure));
    fail(index, program_->subject.name, alone.failure, !alone.exit_code);
  }

  /// It is the subject's own doing, unless it was still running when its time was over.
  [[noreturn]] void fail(std::size_t index, const std::string& who, const std::string& why,
                         bool was_ended) {
    const Stage& stage = scenario_.stages[index];
    std::string message =
        fmt::format("{} does not get through `{}` alone: {}", who, stage.name, why);
    if (!was_ended) {
      serial_.failed_stage = index;
      serial_.failed_alone = core::Finding{
          .id = "replica-failed",
          .message = message,
          .where = where_of(folders_[index], why),
          .fix =
              "no other replica was there: see what it prints; if this code means success, "
              "name it with --success-codes"};
    }
    throw runner::Error("no-serial-run", std::move(message));
  }

  void show(std::size_t index, const Alone& alone) {
    const Stage& stage = scenario_.stages[index];
    const std::vector<oracle::MigrationFile> files = migration_files(folders_[index].listing);
    ShownAlone shown = shown_by(alone.history, files);
    std::string missing;
    shown.read_tracker = applied_set(missing).has_value();
    const bool brings_files =
        !stage.files.empty() && stage.call.action == scenario::Action::up && !stage.expected_error;
    const bool was_recognised = std::ranges::any_of(serial_.shown, &ShownAlone::sent_files);
    shown.is_no_yardstick =
        brings_files && !commits_any(alone.history, files) && (shown.sent_files || was_recognised);
    serial_.shown.push_back(shown);
    if (index == 0 && brings_files && !shown.sent_files && stage.prepare.empty())
      look_for_effects(files);
  }

  /// What it sent is no file's text. If no object that the files name is there either, it applied
  /// nothing of them.
  void look_for_effects(const std::vector<oracle::MigrationFile>& files) {
    const core::Snapshot left =
        observe::snapshot(database_.address(), {.data = false, .sequences = false});
    if (!left.catalogue || files.empty()) return;
    for (const auto& [object, definition] : *left.catalogue) {
      const std::string name = object.substr(object.find_last_of(" .") + 1);
      const auto mentions = [&](const oracle::MigrationFile& file) {
        return file.sql.find(name) != std::string::npos;
      };
      if (object.starts_with("table ") && std::ranges::any_of(files, mentions)) return;
    }
    serial_.applied_nothing =
        fmt::format("{} ends well alone and applies none of the {} files, {} first",
                    program_->subject.name, files.size(), files.front().name);
  }

  const scenario::Scenario& scenario_;
  const Program* program_;
  const arena::Database& database_;
  StageOptions options_;
  Serial& serial_;
  const std::vector<Folder> folders_;
  core::History history_;  ///< of a program in the last stage
};

/// Is anything compared with what is left when one does it alone?
bool compares(const scenario::Scenario& scenario) {
  return std::ranges::any_of(scenario.stages, [](const scenario::Stage& stage) {
    return asks_any(stage, {"data-equals-serial", "schema-equals-serial"});
  });
}

}  // namespace

std::optional<std::string> Serial::lock() const {
  if (locks.empty()) return std::nullopt;
  for (const std::string& lock : locks.front()) {
    const auto has_it = [&](const auto& run) { return std::ranges::find(run, lock) != run.end(); };
    if (std::ranges::all_of(locks, has_it)) return lock;
  }
  return std::nullopt;
}

bool Serial::took_none() const {
  return std::ranges::all_of(locks, [](const auto& run) { return run.empty(); });
}

// What differs between two of them is not stable in any; whoever compares with none needs but one.
Serial run_serially(const scenario::Scenario& scenario, const Program* program, arena::Arena& arena,
                    const StageOptions& options) {
  const int calibrations = program != nullptr || compares(scenario) ? 2 : 1;
  Serial serial;
  serial.stages.resize(scenario.stages.size());
  if (program != nullptr)
    serial.truth = std::make_shared<StageTruth>(scenario, arena, options.patience);
  try {
    for (int run = 0; run < calibrations; ++run) {
      const auto database = arena.fresh("serial");
      SerialRun(scenario, program, *database, options, serial).run([&](std::size_t stage) {
        serial.stages[stage].push_back(observe::snapshot(database->address()));
      });
      if (!serial.applied_nothing.empty()) break;
    }
  } catch (const runner::Error& error) {
    serial.failure = error.what();
  }
  return serial;
}

void run_program_through(const scenario::Scenario& scenario, const Program& program,
                         const arena::Database& database, const StageOptions& options,
                         Serial& shown) {
  SerialRun(scenario, &program, database, options, shown).run([](std::size_t) {});
}

}  // namespace gauntlet::run
