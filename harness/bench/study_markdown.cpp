#include "harness/bench/row_figures.h"
#include "harness/bench/study_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::bench {

namespace {

std::string cell_text(const Study& study, const Row& row) {
  const RowFigures all = figures_of(study, row);
  if (all.wrong_runs > 0) return fmt::format("wrong in {} of {}", all.wrong_runs, row.runs.size());
  if (row.runs.empty()) return "not measured";
  const std::string time = fmt::format("{:.0f} ms", all.makespan_ms.median);
  return all.to_floor ? fmt::format("{} (x {:.2f})", time, all.to_floor->median) : time;
}

std::vector<std::string> names_of(const Study& study) {
  std::vector<std::string> names;
  for (const Row& row : study.rows) {
    if (std::ranges::find(names, row.who) == names.end()) names.push_back(row.who);
  }
  return names;
}

}  // namespace

// One line a cell, one column a contender.
std::string markdown_of(const Study& study) {
  const std::vector<std::string> names = names_of(study);
  std::string text = "| to do | round trip | replicas |", rule = "|---|---:|---:|";
  for (const std::string& name : names) {
    text += fmt::format(" {} |", name);
    rule += "---:|";
  }
  text += "\n" + rule + "\n";
  for (const Cell& cell : cells_of(study)) {
    text += cell.round_trip_ms > 0 ? fmt::format("| {} | +{:g} ms | {} |", cell.load,
                                                 cell.round_trip_ms, cell.replicas)
                                   : fmt::format("| {} | local | {} |", cell.load, cell.replicas);
    for (const std::string& name : names) {
      const auto row = std::ranges::find_if(
          study.rows, [&](const Row& each) { return each.cell == cell && each.who == name; });
      text += row == study.rows.end() ? " |" : fmt::format(" {} |", cell_text(study, *row));
    }
    text += "\n";
  }
  text += "\n";
  for (const Growth& growth : growths_of(study)) {
    if (!growth.to_floor) continue;
    text += fmt::format(
        "- {}{}: from {} to {} replicas {} grows by {:.2f} ms a replica, {:.2f} x "
        "the floor",
        growth.cell.load,
        growth.cell.round_trip_ms > 0
            ? fmt::format(", {:g} ms a round trip", growth.cell.round_trip_ms)
            : "",
        growth.from, growth.cell.replicas, growth.who, growth.line.slope, growth.to_floor->median);
    if (const auto& interval = growth.to_floor->interval) {
      text += fmt::format(" [{:.2f}, {:.2f}]", interval->low, interval->high);
    }
    text += ".\n";
  }
  return text +
         fmt::format("\nMedians of {} interleaved rounds on PostgreSQL {}, {} cores, {}: `{}`\n",
                     study.facts.rounds, study.facts.server.version, study.facts.cores,
                     study.facts.date.substr(0, 10), study.facts.command);
}

}  // namespace gauntlet::bench
