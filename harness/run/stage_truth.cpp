#include "harness/run/stage_truth.h"

#include "harness/run/asked.h"
#include "harness/run/stage_ground.h"
#include "harness/sql/which_file.h"
#include "harness/truth/apply.h"
#include "harness/truth/statement_text.h"
#include "runner/values/error.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::run {

namespace {

using scenario::Action;
using scenario::Stage;

/// Whether what the stage leaves follows from its files.
bool only_applies(const Stage& stage) {
  const bool looks = stage.call.action == Action::status;
  const bool applies = stage.call.action == Action::up && stage.call.knows_up_to == 0;
  // What a program makes of a file that resembles a migration is its own affair.
  const bool may_have_more = asks_any(stage, {"not-passed-over"});
  return (looks || applies) && !may_have_more && !stage.expected_error && !stage.direction &&
         (looks || stage.beside.empty()) && stage.bytes.empty();
}

std::size_t count_judged(const scenario::Scenario& scenario) {
  const bool begins_elsewhere = scenario.subject == scenario::Subject::takes_over ||
                                scenario.engine != runner::Engine::postgres ||
                                !scenario.sweep.empty();
  if (begins_elsewhere) return 0;
  const auto end = std::ranges::find_if_not(scenario.stages, only_applies);
  return static_cast<std::size_t>(end - scenario.stages.begin());
}

}  // namespace

StageTruth::StageTruth(const scenario::Scenario& scenario, arena::Arena& arena,
                       std::chrono::milliseconds patience)
    : stages_(scenario.stages),
      folders_(folders_of(scenario)),
      arena_(arena),
      patience_(patience),
      judged_stages_(count_judged(scenario)) {}

/// What an earlier stage found on disk was applied by then.
std::vector<truth::File> StageTruth::pending_at(std::size_t stage) const {
  std::set<std::int64_t> applied;
  for (std::size_t earlier = 0; earlier < stage; ++earlier) {
    if (stages_[earlier].call.action != Action::up) continue;
    for (const runner::Migration& migration : folders_[earlier].listing.migrations)
      applied.insert(migration.version.number);
  }
  std::vector<truth::File> files;
  if (stages_[stage].call.action != Action::up) return files;
  for (const runner::Migration& migration : folders_[stage].listing.migrations) {
    if (applied.contains(migration.version.number)) continue;
    files.push_back({.name = migration.up.file.filename().string(),
                     .version = migration.version.number,
                     .sql = std::string(migration.up.sql())});
  }
  return files;
}

void StageTruth::watch(std::size_t stage, const core::History& history) {
  if (stage >= judged_stages_ || stage != watched_.size()) return;
  Watched watched{.files = pending_at(stage), .sent = {}};
  watched.sent = truth::read_sent(history, watched.files);
  watched_.push_back(std::move(watched));
}

bool StageTruth::can_judge(std::size_t stage) const {
  return stage < watched_.size() && stages_[stage].call.action == Action::up;
}

std::unique_ptr<arena::Database> StageTruth::database_before(std::size_t stage) const {
  std::unique_ptr<arena::Database> database = arena_.fresh("truth");
  for (std::size_t earlier = 0; earlier <= stage; ++earlier) {
    prepare(stages_[earlier], database->address());
    if (earlier == stage) break;
    const Watched& watched = watched_[earlier];
    const truth::Applied applied = truth::apply_plainly(
        database->address(), watched.files, watched.sent, {.statement_timeout = patience_});
    if (applied.failed)
      throw runner::Error("not-applied-plainly",
                          fmt::format("{}, applied by itself, fails: {}",
                                      watched.files[*applied.failed].name, applied.why));
  }
  return database;
}

/// What the program created for itself by then: the statements that make it are part of how it
/// sends the files, so that it is there beside them, too.
std::set<std::string> StageTruth::own_tables_before(std::size_t stage) const {
  std::set<std::string> tables;
  for (std::size_t earlier = 0; earlier < std::min(stage, watched_.size()); ++earlier) {
    for (const truth::OwnStatement& own : watched_[earlier].sent.own) {
      const std::string text = sql::tokens_of_statement(own.sql);
      if (!text.starts_with("CREATE")) continue;
      const std::string target = truth::target_of(text);
      const bool is_files = std::ranges::any_of(watched_, [&](const Watched& watched) {
        return std::ranges::any_of(watched.files, [&](const truth::File& file) {
          return truth::mentions(file.sql, target);
        });
      });
      if (!is_files) tables.insert(target);
    }
  }
  return tables;
}

std::set<std::string> StageTruth::made_beside(std::size_t stage, const std::string& tracker) const {
  std::set<std::string> tables = own_tables_before(stage + 1);
  // It may be a query that reads the tracker.
  std::erase_if(tables, [&](const std::string& table) { return truth::mentions(tracker, table); });
  return tables;
}

truth::Question StageTruth::question(std::size_t stage, const core::Snapshot& left) const {
  const Watched& watched = watched_.at(stage);
  return {.files = watched.files,
          .sent = watched.sent,
          .left = left,
          .own_tables = own_tables_before(stage),
          .statement_timeout = patience_,
          .another = [this, stage] { return database_before(stage); }};
}

std::optional<core::Snapshot> StageTruth::calibrated(std::size_t stage,
                                                     const core::Snapshot& left) {
  try {
    return truth::calibrated(question(stage, left), watched_.at(stage).known);
  } catch (const runner::Error&) {
    return std::nullopt;
  }
}

truth::Answer StageTruth::judge(std::size_t stage, const core::Snapshot& left,
                                const std::string& tracker) {
  truth::Question asked = question(stage, left);
  if (!tracker.empty()) asked.own_tables.insert(tracker);
  try {
    return truth::judge(asked, watched_.at(stage).known);
  } catch (const runner::Error& error) {
    return {.judgement = core::unknown(
                fmt::format("what the files should leave is not known: {}", error.what())),
            .notes = {}};
  }
}

}  // namespace gauntlet::run
