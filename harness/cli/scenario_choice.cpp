#include "harness/cli/scenario_choice.h"

#include "harness/cli/choose.h"
#include "harness/oracle/oracle.h"
#include "runner/source/source.h"
#include "runner/values/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::cli {

namespace {

using scenario::File;
using scenario::Scenario;

bool is_file(const std::string& word) { return word.ends_with(".toml"); }

std::vector<std::string_view> oracle_ids() {
  std::vector<std::string_view> ids;
  for (const oracle::Oracle& oracle : oracle::oracles()) ids.push_back(oracle.id);
  return ids;
}

File file_of(const runner::Script& script) {
  return {script.file.filename().string(), script.bytes};
}

/// The migrations in a user's folder, in their order.
std::vector<scenario::Migration> migrations_in(const std::string& folder) {
  const runner::Listing listing = runner::read_folder(folder);
  for (const runner::Problem& problem : listing.problems) {
    if (problem.severity != runner::Problem::Severity::error) continue;
    throw runner::Error("refused-folder", "the runner refuses this folder: " + problem.message,
                        problem.files.empty() ? folder : problem.files.front().string(),
                        fmt::format("see `gauntlet verify --checks lint --migrations {}`", folder));
  }
  std::vector<scenario::Migration> migrations;
  for (const runner::Migration& migration : listing.migrations) {
    migrations.push_back({file_of(migration.up)});
    if (migration.down) migrations.back().push_back(file_of(*migration.down));
  }
  if (migrations.empty())
    throw runner::Error("refused-folder", "there is no migration in this folder", folder,
                        "name the folder of NNN_description.up.sql files");
  return migrations;
}

}  // namespace

ScenarioChoice::ScenarioChoice(const TestCommand& command, const Catalogue& catalogue) {
  std::vector<std::string> words, files;
  for (const std::string& word : command.scenarios) (is_file(word) ? files : words).push_back(word);
  if (!words.empty() || files.empty()) {
    std::vector<std::string_view> ids;
    ids.reserve(catalogue.size());
    for (const Scenario& scenario : catalogue) ids.push_back(scenario.id);
    for (const std::size_t at : chosen(ids, words, "scenario"))
      chosen_.push_back({.scenario = catalogue[at], .word = std::string(catalogue[at].id)});
  }
  for (const std::string& file : files) {
    scenario::load(file, oracle_ids(), loaded_.emplace_back());
    chosen_.push_back({.scenario = loaded_.back().scenario, .word = file, .has_users_files = true});
  }
  if (!command.migrations.empty()) replace_files(command.migrations);
}

void ScenarioChoice::replace_files(const std::string& folder) {
  const std::vector<scenario::Migration> migrations = migrations_in(folder);
  for (ChosenScenario& each : chosen_) {
    scenario::Replaced replaced = scenario::with_files(each.scenario, migrations);
    each.objection = std::move(replaced.objection);
    if (!each.objection.empty()) continue;
    each.scenario = std::move(replaced.scenario);
    each.has_users_files = true;
  }
}

}  // namespace gauntlet::cli
