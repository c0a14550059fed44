#include "harness/scenario/own_files.h"

#include <algorithm>

namespace gauntlet::scenario {

namespace {

/// What these ask is written by the fixture's bodies.
bool asks_the_journal(std::string_view oracle) {
  return oracle == "applied-once" || oracle == "order";
}

void append(std::vector<File>& files, const Migration& migration) {
  files.insert(files.end(), migration.begin(), migration.end());
}

/// Why a scenario that goes down cannot be asked of these files; empty if it can.
std::string missing_down(const Scenario& scenario, const std::vector<Migration>& migrations) {
  const bool goes_down = std::ranges::any_of(
      scenario.stages, [](const Stage& stage) { return stage.call.action == Action::down; });
  if (!goes_down) return {};
  for (const Migration& migration : migrations)
    if (migration.size() < 2)
      return "it goes down, and " + migration.front().name + " has no down file";
  return {};
}

}  // namespace

Replaced with_files(const Scenario& scenario, const std::vector<Migration>& migrations) {
  if (scenario.fixture == Fixture::needed) return {.objection = "its claim is about its own files"};
  if (std::string why = missing_down(scenario, migrations); !why.empty())
    return {.objection = std::move(why)};
  Replaced replaced{.scenario = scenario};
  replaced.scenario.has_users_files = true;
  std::vector<Stage*> with;
  for (Stage& stage : replaced.scenario.stages)
    if (!stage.files.empty()) with.push_back(&stage);
  if (with.empty() || with.size() > 2) return {.objection = "its claim is about its own files"};
  if (migrations.size() < with.size())
    return {.objection = "it is about a second release, which takes two migrations or more"};
  for (Stage* stage : with) stage->files.clear();
  for (const Migration& migration : migrations) {
    const bool is_first = &migration == &migrations.front();
    append(is_first ? with.front()->files : with.back()->files, migration);
  }
  for (Stage& stage : replaced.scenario.stages) std::erase_if(stage.oracles, asks_the_journal);
  std::vector<std::string_view>& judges = with.back()->oracles;
  if (std::ranges::find(judges, "data-equals-serial") == judges.end())
    judges.emplace_back("data-equals-serial");
  return replaced;
}

}  // namespace gauntlet::scenario
