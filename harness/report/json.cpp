#include "harness/report/report.h"

#include <string_view>

#include <nlohmann/json.hpp>

namespace gauntlet::report {

namespace {

using Json = nlohmann::ordered_json;

// What is not known is left out, never null.
void put(Json& object, const char* key, const std::string& value) {
  if (!value.empty()) object[key] = value;
}

template <typename Number>
void put(Json& object, const char* key, const std::optional<Number>& value) {
  if (value) object[key] = *value;
}

Json json_of(const core::Finding& finding) {
  Json object = {
      {"id", finding.id},
      {"message", finding.message},
      {"severity", finding.severity == core::Severity::warning ? "warning" : "violation"}};
  Json where = Json::object();
  put(where, "file", finding.where.file);
  put(where, "line", finding.where.line);
  put(where, "column", finding.where.column);
  put(where, "version", finding.where.version);
  if (!where.empty()) object["where"] = where;
  put(object, "fix", finding.fix);
  put(object, "oracle", finding.oracle);
  return object;
}

Json json_of(const core::FileOutcome& file) {
  Json locks = Json::array();
  for (const core::RelationLock& lock : file.locks) {
    locks.push_back({{"relation", lock.relation},
                     {"mode", lock.mode},
                     {"held_seconds", lock.held.count()},
                     {"rewritten", lock.rewritten}});
  }
  return {{"file", file.file},
          {"version", file.version},
          {"outcome", core::to_string(file)},
          {"seconds", file.seconds.count()},
          {"locks", locks}};
}

Json json_of(const core::SkippedOracle& skipped) {
  Json object = {{"id", skipped.id},
                 {"verdict", std::string(core::to_string(skipped.verdict))},
                 {"reason", skipped.reason}};
  put(object, "stage", skipped.stage);
  return object;
}

Json json_of(const core::Result& result) {
  Json object = {{"id", result.id},
                 {"subject", result.subject},
                 {"verdict", std::string(core::to_string(result.judgement.verdict))},
                 {"seconds", result.seconds.count()}};
  put(object, "reason", result.judgement.reason);
  object["findings"] = Json::array();
  for (const auto& finding : result.judgement.findings) {
    object["findings"].push_back(json_of(finding));
  }
  put(object, "replay", result.replay);
  if (!result.notes.empty()) object["notes"] = result.notes;
  put(object, "claim", result.claim);
  put(object, "why", result.why);
  if (!result.story.lines.empty()) object["story"] = result.story.lines;
  if (!result.repeats.empty()) object["repeats"] = result.repeats;
  for (const auto& skipped : result.skipped) object["skipped"].push_back(json_of(skipped));
  for (const auto& file : result.files) object["files"].push_back(json_of(file));
  return object;
}

}  // namespace

std::string json(const core::Report& report) {
  Json object = {{"schema", 1},
                 {"verdict", std::string(core::to_string(report.verdict()))},
                 {"seed", report.seed}};
  if (report.server) {
    put(object, "server", report.server->version);
    put(object, "locale", report.server->locale);
    object["server_settings"] = Json::object();
    for (const auto& [name, value] : report.server->settings) {
      object["server_settings"][name] = value;
    }
  }
  object["results"] = Json::array();
  for (const auto& result : report.results) object["results"].push_back(json_of(result));
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace gauntlet::report
