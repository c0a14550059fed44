#include "harness/bench/row_figures.h"

#include <algorithm>
#include <set>

namespace gauntlet::bench {

namespace {

using figures::quantile;

constexpr std::size_t large_fleet = 16, sizes_min = 3;

std::vector<double> makespans_of(const Row& row) {
  std::vector<double> all;
  for (const Run& run : row.runs) all.push_back(run.makespan_ms);
  return all;
}

template <typename Get>
double median_of(const Row& row, Get get) {
  std::vector<double> all;
  for (const Run& run : row.runs) all.push_back(get(run));
  return quantile(std::move(all), 0.5);
}

bool is_right(const Row& row) {
  return !row.runs.empty() &&
         std::ranges::all_of(row.runs, [](const Run& run) { return run.wrong.empty(); });
}

const Row* find(const Study& study, const Cell& cell, Role role) {
  const auto found = std::ranges::find_if(
      study.rows, [&](const Row& row) { return row.cell == cell && row.role == role; });
  return found == study.rows.end() ? nullptr : &*found;
}

std::optional<figures::Ratio> ratio_to(const Study& study, const Row& row, Role role) {
  const Row* other = find(study, row.cell, role);
  if (row.role == role || other == nullptr || !is_right(row) || !is_right(*other)) {
    return std::nullopt;
  }
  return figures::ratio_of(makespans_of(row), makespans_of(*other));
}

/// The rows of one runner in one load at one distance, by the size of the fleet.
using RowCurve = std::vector<const Row*>;

RowCurve curve_of(const Study& study, const Row& like) {
  RowCurve rows;
  for (const Row& row : study.rows) {
    Cell same = row.cell;
    same.replicas = like.cell.replicas;
    if (same == like.cell && row.who == like.who && is_right(row)) rows.push_back(&row);
  }
  const auto large = [](const Row* row) { return row->cell.replicas >= large_fleet; };
  if (std::ranges::count_if(rows, large) >= static_cast<std::ptrdiff_t>(sizes_min)) {
    std::erase_if(rows, [&](const Row* row) { return !large(row); });
  }
  return rows;
}

std::size_t rounds_of(const RowCurve& curve) {
  std::size_t rounds = curve.empty() ? 0 : curve.front()->runs.size();
  for (const Row* row : curve) rounds = std::min(rounds, row->runs.size());
  return rounds;
}

std::optional<figures::Line> line_of(const RowCurve& curve,
                                     const std::vector<std::size_t>& rounds) {
  std::vector<figures::Point> points;
  for (const Row* row : curve) {
    for (const std::size_t round : rounds) {
      points.push_back({static_cast<double>(row->cell.replicas), row->runs[round].makespan_ms});
    }
  }
  return figures::line_through(points);
}

std::vector<std::size_t> all_of(std::size_t rounds) {
  std::vector<std::size_t> positions;
  for (std::size_t round = 0; round < rounds; ++round) positions.push_back(round);
  return positions;
}

std::optional<figures::Ratio> slope_ratio(const RowCurve& ours, const RowCurve& floor) {
  const std::size_t rounds = std::min(rounds_of(ours), rounds_of(floor));
  const figures::Statistic ratio =
      [&](const std::vector<std::size_t>& drawn) -> std::optional<double> {
    const auto our_line = line_of(ours, drawn), floor_line = line_of(floor, drawn);
    if (!our_line || !floor_line || floor_line->slope <= 0) return std::nullopt;
    return our_line->slope / floor_line->slope;
  };
  const auto whole = ratio(all_of(rounds));
  if (!whole) return std::nullopt;
  return figures::Ratio{.median = *whole, .interval = figures::bootstrap_interval(rounds, ratio)};
}

std::optional<Growth> growth_of(const Study& study, const Row& largest) {
  const RowCurve ours = curve_of(study, largest);
  if (ours.size() < sizes_min) return std::nullopt;
  const auto line = line_of(ours, all_of(rounds_of(ours)));
  if (!line) return std::nullopt;
  Growth growth{.cell = largest.cell,
                .who = largest.who,
                .role = largest.role,
                .from = ours.front()->cell.replicas,
                .line = *line};
  const Row* floor = find(study, largest.cell, Role::floor);
  if (floor == nullptr || largest.role == Role::floor) return growth;
  const RowCurve theirs = curve_of(study, *floor);
  const auto sizes = [](const RowCurve& curve) {
    std::set<std::size_t> all;
    for (const Row* row : curve) all.insert(row->cell.replicas);
    return all;
  };
  if (sizes(ours) == sizes(theirs)) growth.to_floor = slope_ratio(ours, theirs);
  return growth;
}

bool is_largest(const Study& study, const Row& row) {
  return std::ranges::none_of(study.rows, [&](const Row& other) {
    Cell same = other.cell;
    same.replicas = row.cell.replicas;
    return same == row.cell && other.who == row.who && is_right(other) &&
           other.cell.replicas > row.cell.replicas;
  });
}

}  // namespace

RowFigures figures_of(const Study& study, const Row& row) {
  const auto wait = [&](double figures::Tail::*part) {
    return median_of(row, [&](const Run& run) { return run.wait_ms.*part; });
  };
  RowFigures all{.makespan_ms = figures::summary_of(makespans_of(row)),
                 .wait_ms = {.p50 = wait(&figures::Tail::p50),
                             .p90 = wait(&figures::Tail::p90),
                             .p99 = wait(&figures::Tail::p99),
                             .most = wait(&figures::Tail::most)},
                 .fairness = median_of(row, [](const Run& run) { return run.fairness; }),
                 .client_cpu_ms = median_of(row, [](const Run& run) { return run.client_cpu_ms; }),
                 .to_floor = ratio_to(study, row, Role::floor),
                 .to_reference = ratio_to(study, row, Role::reference)};
  if (!row.runs.empty() &&
      std::ranges::all_of(row.runs, [](const Run& run) { return run.server_cpu_ms.has_value(); })) {
    all.server_cpu_ms =
        median_of(row, [](const Run& run) { return run.server_cpu_ms.value_or(0); });
  }
  for (const Run& run : row.runs) {
    if (run.wrong.empty()) continue;
    if (all.wrong_runs++ == 0) all.wrong = run.wrong;
  }
  return all;
}

Told told_by(const figures::Ratio& ratio, double spread) {
  if (!ratio.interval) return Told::too_few_rounds;
  if (spread > noisy_spread) return Told::too_noisy;
  if (ratio.interval->contains(1)) return Told::no_difference;
  return ratio.median < 1 ? Told::faster : Told::slower;
}

std::string_view to_string(Told told) {
  switch (told) {
    case Told::faster:
      return "faster";
    case Told::slower:
      return "slower";
    case Told::no_difference:
      return "no difference is seen";
    case Told::too_noisy:
      return "too noisy to tell";
    case Told::too_few_rounds:
      break;
  }
  return "too few rounds to tell";
}

std::vector<Growth> growths_of(const Study& study) {
  std::vector<Growth> growths;
  for (const Row& row : study.rows) {
    if (!is_right(row) || !is_largest(study, row)) continue;
    if (auto growth = growth_of(study, row)) growths.push_back(std::move(*growth));
  }
  return growths;
}

std::vector<Lead> leads_of(const Study& study) {
  std::vector<Lead> leads;
  for (const Cell& cell : cells_of(study)) {
    const Row* reference = find(study, cell, Role::reference);
    if (reference == nullptr || !is_right(*reference)) continue;
    std::optional<Lead> lead;
    for (const Row& row : study.rows) {
      if (row.cell != cell || row.role != Role::other || !is_right(row)) continue;
      const auto ratio = figures::ratio_of(makespans_of(*reference), makespans_of(row));
      if (ratio && (!lead || ratio->median > lead->ratio.median))
        lead = Lead{.cell = cell, .who = row.who, .ratio = *ratio};
    }
    if (lead) leads.push_back(std::move(*lead));
  }
  return leads;
}

bool is_in_one_table(const Cell& one, const Cell& other) {
  return one.load == other.load && one.round_trip_ms == other.round_trip_ms;
}

std::vector<Cell> cells_of(const Study& study) {
  std::vector<Cell> cells;
  for (const Row& row : study.rows) {
    if (std::ranges::find(cells, row.cell) == cells.end()) cells.push_back(row.cell);
  }
  return cells;
}

}  // namespace gauntlet::bench
