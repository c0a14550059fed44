#include "harness/core/milliseconds.h"
#include "harness/trace/trace.h"

#include <nlohmann/json.hpp>

namespace gauntlet::trace {
namespace {

using json_t = nlohmann::ordered_json;

json_t written(const TracedLock& lock) {
  return {{"form", to_string(lock.form)},
          {"object", lock.object},
          {"how", lock.how},
          {"waits", lock.waits},
          {"attempts", lock.attempts},
          {"granted", lock.granted},
          {"session", lock.session},
          {"step", lock.step},
          {"from_ms", core::milliseconds_of(lock.from)},
          {"until_ms", core::milliseconds_of(lock.until)},
          {"ended_by", lock.ended_by},
          {"bodies", lock.bodies},
          {"taken_again", lock.taken_again},
          {"sureness", to_string(lock.sureness)},
          {"why", lock.why}};
}

json_t written(const TracedStep& step, const Trace& trace) {
  json_t statements = json_t::array();
  for (const auto& statement : step.statements) {
    json_t object = {{"role", to_string(statement.role)}, {"sql", statement.text}};
    if (statement.migration) object["migration"] = trace.sources[*statement.migration].name;
    statements.push_back(std::move(object));
  }
  return {{"session", step.session},
          {"asked_ms", core::milliseconds_of(step.asked)},
          {"answered_ms", core::milliseconds_of(step.answered)},
          {"statements", std::move(statements)},
          {"parameters", step.parameters},
          {"outcome", step.outcome},
          {"failed", step.failed}};
}

json_t written(const TracedRun& run, const Trace& trace) {
  json_t locks = json_t::array(), steps = json_t::array(), migrations = json_t::array();
  for (const auto& lock : run.locks) locks.push_back(written(lock));
  for (const auto& step : run.steps) steps.push_back(written(step, trace));
  for (const auto& each : run.migrations)
    migrations.push_back(
        {{"name", trace.sources[each.migration].name}, {"round_trips", each.round_trips}});
  return {{"exit", run.exit},
          {"ok", run.ok},
          {"ms", core::milliseconds_of(run.took)},
          {"sessions", run.sessions},
          {"statements", run.statements},
          {"round_trips", run.steps.size()},
          {"transactions", run.transactions},
          {"tracker_reads", run.looks},
          {"tracker_writes", run.records},
          {"bodies", run.bodies},
          {"writes", run.writes()},
          {"locks", std::move(locks)},
          {"migrations", std::move(migrations)},
          {"notes", run.notes},
          {"steps", std::move(steps)}};
}

}  // namespace

std::string json(const Trace& trace) {
  const json_t object = {{"schema", 1},
                         {"subject", trace.subject},
                         {"server", trace.server},
                         {"tracker",
                          {{"table", trace.tracker.table},
                           {"tool", trace.tracker.tool},
                           {"sureness", to_string(trace.tracker.sureness)},
                           {"why", trace.tracker.why}}},
                         {"answers",
                          {{"locks", trace.answers.locks},
                           {"sureness", to_string(trace.answers.sureness)},
                           {"looks", trace.answers.looks},
                           {"records", trace.answers.records},
                           {"idle", trace.answers.idle}}},
                         {"pending", written(trace.first, trace)},
                         {"idle", written(trace.second, trace)}};
  // What programs and servers say may be no UTF-8.
  return object.dump(2, ' ', false, json_t::error_handler_t::replace) + "\n";
}

}  // namespace gauntlet::trace
