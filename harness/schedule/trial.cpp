#include "harness/schedule/trial.h"

#include <algorithm>
#include <array>
#include <regex>

#include <fmt/format.h>

namespace gauntlet::schedule {

namespace {

using scenario::Scenario;
using scenario::Stage;

/// What a runner of one's own is judged by without anything written by hand.
constexpr std::array<std::string_view, 6> default_oracles{
    "all-succeed",        "success-means-done",   "set-equality",
    "data-equals-serial", "schema-equals-serial", "no-lock-left"};

bool has_something_to_race_for(const Stage& stage) {
  return !stage.files.empty() && stage.replicas + stage.beside.size() >= 2;
}

std::string objection_to(const Stage& stage) {
  if (stage.foreign_lock || stage.bystander)
    return "a session outside the replicas takes part in it";
  if (stage.connections > 0) return "its replicas share a pool of connections";
  if (stage.way == scenario::Way::pooler) return "its replicas connect through a pooler";
  if (stage.as == scenario::As::processes) return "its replicas are processes";
  if (!stage.interrupted_at.empty()) return "a replica is interrupted in it";
  if (!stage.faults.empty()) return "a fault is part of it";
  // That another one's failure is reported takes replicas that overlap, and not every order has
  // two.
  if (stage.expected_error) return "its replicas are to fail";
  if (stage.direction) return "its replicas are called by a word";
  return {};
}

void keep_first(std::vector<scenario::File>& files, std::size_t count) {
  if (count == 0) return;
  std::vector<std::string> ups;
  for (const scenario::File& file : files)
    if (file.name.find(".down.") == std::string::npos) ups.push_back(file.name);
  std::ranges::sort(ups);
  if (ups.size() <= count) return;
  // A name begins with its version, which ends at the first `_`.
  const auto version = [](const std::string& name) { return name.substr(0, name.find('_')); };
  ups.resize(count);
  std::erase_if(files, [&](const scenario::File& file) {
    return std::ranges::none_of(
        ups, [&](const std::string& name) { return version(name) == version(file.name); });
  });
}

void take_out_pauses(std::vector<scenario::File>& files) {
  static const std::regex pause(R"(SELECT pg_sleep\([0-9.]+\)[^;]*;\n?)");
  for (scenario::File& file : files) file.sql = std::regex_replace(file.sql, pause, "");
}

std::vector<scenario::Call> calls_of(Stage& stage, std::size_t replicas) {
  const std::size_t beside = stage.beside.size();
  stage.replicas = replicas > beside ? replicas - beside : 1;
  std::vector<scenario::Call> calls(stage.replicas, stage.call);
  for (scenario::Beside& each : stage.beside) {
    each.replicas = 1;
    calls.push_back(each.call);
  }
  if (!stage.table.empty())
    for (std::size_t at = 0; at < stage.replicas; ++at) calls[at].table = stage.table;
  return calls;
}

}  // namespace

Trial trial_of(const Scenario& scenario, const TrialOptions& options) {
  Trial trial{.scenario = scenario, .faults = options.faults};
  if (scenario.engine != runner::Engine::postgres) {
    trial.objection = "its database is a SQLite file";
    return trial;
  }
  std::vector<Stage>& stages = trial.scenario.stages;
  const auto last = std::ranges::find_if(stages.rbegin(), stages.rend(), [](const Stage& stage) {
    return has_something_to_race_for(stage) && objection_to(stage).empty();
  });
  if (last == stages.rend()) {
    trial.objection = "no stage of it has files for two replicas to apply";
    for (const Stage& stage : stages)
      if (const std::string why = objection_to(stage); !why.empty())
        trial.objection = fmt::format("stage `{}`: {}", stage.name, why);
    return trial;
  }
  stages.erase(last.base(), stages.end());
  Stage& stage = stages.back();
  stage.holds.clear();
  stage.arrival = scenario::Arrival::together;
  if (options.lock) stage.lock = *options.lock;
  keep_first(stage.files, options.first_files);
  if (!scenario.has_users_files)
    for (Stage& each : stages) take_out_pauses(each.files);
  for (const std::string_view oracle : default_oracles)
    if (std::ranges::find(stage.oracles, oracle) == stage.oracles.end())
      stage.oracles.push_back(oracle);
  trial.calls = calls_of(stage, options.replicas);
  trial.folders = run::folders_of(trial.scenario);
  return trial;
}

}  // namespace gauntlet::schedule
