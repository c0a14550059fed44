#include "harness/bench/study_json.h"

#include "harness/bench/row_figures.h"
#include "runner/values/error.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gauntlet::bench {

namespace {

using nlohmann::ordered_json;

// Nobody measured nanoseconds.
double rounded(double figure) { return std::round(figure * 1e3) / 1e3; }

std::string_view to_string(Role role) {
  switch (role) {
    case Role::floor:
      return "floor";
    case Role::reference:
      return "reference";
    case Role::other:
      break;
  }
  return "other";
}

Role role_of(const std::string& word) {
  if (word == "floor") return Role::floor;
  return word == "reference" ? Role::reference : Role::other;
}

std::string name_of(const Row& row) {
  return fmt::format("{}/round_trip_ms:{:g}/replicas:{}/{}", row.cell.load, row.cell.round_trip_ms,
                     row.cell.replicas, row.who);
}

ordered_json json_of(const Run& run) {
  ordered_json json = {
      {"makespan_ms", rounded(run.makespan_ms)},    {"wait_p50_ms", rounded(run.wait_ms.p50)},
      {"wait_p90_ms", rounded(run.wait_ms.p90)},    {"wait_p99_ms", rounded(run.wait_ms.p99)},
      {"wait_max_ms", rounded(run.wait_ms.most)},   {"fairness", rounded(run.fairness)},
      {"client_cpu_ms", rounded(run.client_cpu_ms)}};
  if (run.server_cpu_ms) json["server_cpu_ms"] = rounded(*run.server_cpu_ms);
  if (!run.wrong.empty()) json["wrong"] = run.wrong;
  return json;
}

Run run_of(const ordered_json& json) {
  Run run{.makespan_ms = json.at("makespan_ms"),
          .wait_ms = {.p50 = json.at("wait_p50_ms"),
                      .p90 = json.at("wait_p90_ms"),
                      .p99 = json.at("wait_p99_ms"),
                      .most = json.at("wait_max_ms")},
          .fairness = json.at("fairness"),
          .client_cpu_ms = json.at("client_cpu_ms"),
          .wrong = json.value("wrong", "")};
  if (json.contains("server_cpu_ms")) run.server_cpu_ms = json.at("server_cpu_ms");
  return run;
}

ordered_json json_of(const std::vector<Span>& spans) {
  ordered_json all = ordered_json::array();
  for (const Span& span : spans)
    all.push_back({rounded(span.from_ms), rounded(span.until_ms), span.what});
  return all;
}

std::vector<Span> spans_of(const ordered_json& json) {
  std::vector<Span> spans;
  for (const ordered_json& span : json)
    spans.push_back({.from_ms = span.at(0), .until_ms = span.at(1), .what = span.at(2)});
  return spans;
}

ordered_json json_of(const Counted& counted) {
  ordered_json lanes = ordered_json::array();
  for (const Lane& lane : counted.lanes) {
    lanes.push_back({{"left_ms", rounded(lane.left_ms)},
                     {"spans", json_of(lane.spans)},
                     {"held", json_of(lane.held)}});
  }
  return {{"statements", rounded(counted.statements)},
          {"round_trips", rounded(counted.round_trips)},
          {"lanes", std::move(lanes)}};
}

Counted counted_of(const ordered_json& json) {
  Counted counted{.statements = json.at("statements"), .round_trips = json.at("round_trips")};
  for (const ordered_json& lane : json.at("lanes")) {
    Lane& read = counted.lanes.emplace_back(Lane{.left_ms = lane.at("left_ms")});
    read.spans = spans_of(lane.at("spans"));
    if (lane.contains("held")) read.held = spans_of(lane.at("held"));
  }
  return counted;
}

// What Google Benchmark's own tools know of.
ordered_json counters_of(const Study& study, const Row& row) {
  const RowFigures figures = figures_of(study, row);
  ordered_json json = {{"name", name_of(row)},
                       {"run_name", name_of(row)},
                       {"run_type", "iteration"},
                       {"repetitions", 1},
                       {"repetition_index", 0},
                       {"threads", 1},
                       {"iterations", row.runs.size()},
                       {"real_time", rounded(figures.makespan_ms.median)},
                       {"cpu_time", rounded(figures.client_cpu_ms)},
                       {"time_unit", "ms"},
                       {"spread", rounded(figures.makespan_ms.spread)},
                       {"wait_p50_ms", rounded(figures.wait_ms.p50)},
                       {"wait_p90_ms", rounded(figures.wait_ms.p90)},
                       {"wait_p99_ms", rounded(figures.wait_ms.p99)},
                       {"wait_max_ms", rounded(figures.wait_ms.most)},
                       {"fairness", rounded(figures.fairness)}};
  if (figures.server_cpu_ms) json["server_cpu_ms"] = rounded(*figures.server_cpu_ms);
  if (row.counted) {
    json["statements"] = rounded(row.counted->statements);
    json["round_trips"] = rounded(row.counted->round_trips);
  }
  if (figures.to_floor) json["x_floor"] = rounded(figures.to_floor->median);
  if (figures.to_reference) json["x_reference"] = rounded(figures.to_reference->median);
  if (figures.wrong_runs > 0) {
    json["error_occurred"] = true;
    json["error_message"] = "wrong: " + figures.wrong;
  }
  return json;
}

ordered_json json_of(const Row& row) {
  ordered_json runs = ordered_json::array(), waits = ordered_json::array();
  for (const Run& run : row.runs) runs.push_back(json_of(run));
  for (const double wait : row.waits_ms) waits.push_back(rounded(wait));
  ordered_json json = {{"load", row.cell.load},
                       {"replicas", row.cell.replicas},
                       {"round_trip_ms", row.cell.round_trip_ms},
                       {"who", row.who},
                       {"role", to_string(row.role)},
                       {"runs", std::move(runs)},
                       {"waits_ms", std::move(waits)}};
  if (row.counted) json["counted"] = json_of(*row.counted);
  if (!row.unsure.empty()) json["unsure"] = row.unsure;
  return json;
}

Row row_of(const ordered_json& json) {
  Row row{.cell = {.load = json.at("load"),
                   .replicas = json.at("replicas"),
                   .round_trip_ms = json.at("round_trip_ms")},
          .who = json.at("who"),
          .role = role_of(json.at("role")),
          .waits_ms = json.at("waits_ms"),
          .unsure = json.value("unsure", "")};
  for (const ordered_json& run : json.at("runs")) row.runs.push_back(run_of(run));
  if (json.contains("counted")) row.counted = counted_of(json.at("counted"));
  return row;
}

// Our words stand beside those that Google Benchmark writes itself.
ordered_json context_of(const Study& study) {
  const Facts& facts = study.facts;
  return {{"date", facts.date},
          {"executable", "gauntlet"},
          {"num_cpus", facts.cores},
          {"load_avg", {facts.load_after}},
          {"library_build_type", "release"},
          {"gauntlet_version", facts.version},
          {"title", study.title},
          {"command", facts.command},
          {"server_version", facts.server.version},
          {"server_locale", facts.server.locale},
          {"server_settings", facts.server.settings},
          {"load_before", facts.load_before},
          {"rounds", facts.rounds}};
}

}  // namespace

std::string json_of(const Study& study) {
  ordered_json benchmarks = ordered_json::array();
  for (const Row& row : study.rows) {
    ordered_json one = counters_of(study, row);
    one["gauntlet"] = json_of(row);
    benchmarks.push_back(std::move(one));
  }
  const ordered_json json = {{"context", context_of(study)}, {"benchmarks", std::move(benchmarks)}};
  return json.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Study study_of(std::string_view json) {
  try {
    const ordered_json read = ordered_json::parse(json);
    const ordered_json& context = read.at("context");
    Study study{.title = context.at("title"),
                .facts = {.server = {.version = context.at("server_version"),
                                     .locale = context.at("server_locale"),
                                     .settings = context.at("server_settings")},
                          .cores = context.at("num_cpus"),
                          .load_before = context.at("load_before"),
                          .load_after = context.at("load_avg").at(0),
                          .rounds = context.at("rounds"),
                          .command = context.at("command"),
                          .date = context.at("date"),
                          .version = context.at("gauntlet_version")}};
    for (const ordered_json& row : read.at("benchmarks")) {
      study.rows.push_back(row_of(row.at("gauntlet")));
    }
    return study;
  } catch (const nlohmann::json::exception& error) {
    throw runner::Error("bad-study", "this is no measurement of ours", error.what(),
                        "name a file that `gauntlet bench --json FILE` wrote");
  }
}

}  // namespace gauntlet::bench
