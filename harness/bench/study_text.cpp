#include "harness/bench/study_text.h"

#include "harness/bench/row_figures.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::bench {

namespace {

constexpr std::size_t who_columns_max = 36, reason_columns_max = 300;

std::string cut(std::string text, std::size_t columns) {
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= columns) return text;
  text.resize(columns - 1);
  // No half of a character of UTF-8.
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U)
    text.pop_back();
  return text + "…";
}

std::string text_of(const figures::Ratio& ratio) {
  if (!ratio.interval) return fmt::format("{:.2f}", ratio.median);
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", ratio.median, ratio.interval->low,
                     ratio.interval->high);
}

std::string text_of(const std::optional<figures::Ratio>& ratio) {
  return ratio ? text_of(*ratio) : "";
}

std::string distance_of(const Cell& cell) {
  return cell.round_trip_ms > 0 ? fmt::format(", {:g} ms a round trip", cell.round_trip_ms) : "";
}

/// One load at one distance.
class Table {
 public:
  Table(const Study& study, const Cell& about) : study_(study), about_(about) {
    for (const Row& row : study.rows) {
      if (is_in_one_table(row.cell, about))
        who_ = std::max(who_, cut(row.who, who_columns_max).size());
    }
  }

  std::string text() {
    text_ = fmt::format("{}{}\n", about_.load, distance_of(about_));
    text_ += fmt::format(
        "  {:>8} {:<{}} {:>9} {:>6}  {:<19} {:<19} {:>8} {:>8} {:>8} {:>8} {:>5} {:>6} {:>6} {:>7} "
        "{:>7}\n",
        "replicas", "who", who_, "makespan", "spread", "x floor", "x reference", "wait p50", "p90",
        "p99", "max", "Jain", "stmts", "trips", "CPU", "server");
    std::size_t replicas = 0;
    for (const Row& row : study_.rows) {
      if (!is_in_one_table(row.cell, about_)) continue;
      add(row, row.cell.replicas == replicas ? "" : std::to_string(row.cell.replicas));
      replicas = row.cell.replicas;
    }
    return std::move(text_);
  }

 private:
  void add(const Row& row, const std::string& replicas) {
    const RowFigures all = figures_of(study_, row);
    text_ += fmt::format("  {:>8} {:<{}} ", replicas, cut(row.who, who_columns_max), who_);
    if (all.wrong_runs > 0) {
      text_ += fmt::format("WRONG in {} of {} runs: {}\n", all.wrong_runs, row.runs.size(),
                           cut(all.wrong, reason_columns_max));
      return;
    }
    if (row.runs.empty()) {
      text_ += fmt::format("not measured: {}\n", row.unsure);
      return;
    }
    const auto count = [](const std::optional<Counted>& counted, double Counted::*part) {
      return counted ? fmt::format("{:.1f}", (*counted).*part) : std::string("-");
    };
    text_ += fmt::format(
        "{:>9.1f} {:>5.0f}{} {:<19} {:<19} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.1f} {:>5.2f} {:>6} "
        "{:>6} {:>7.0f} {:>7}\n",
        all.makespan_ms.median, all.makespan_ms.spread * 100,
        all.makespan_ms.spread > noisy_spread ? "%!" : "% ", text_of(all.to_floor),
        text_of(all.to_reference), all.wait_ms.p50, all.wait_ms.p90, all.wait_ms.p99,
        all.wait_ms.most, all.fairness, count(row.counted, &Counted::statements),
        count(row.counted, &Counted::round_trips), all.client_cpu_ms,
        all.server_cpu_ms ? fmt::format("{:.0f}", *all.server_cpu_ms) : "-");
    if (!row.unsure.empty())
      text_ += fmt::format("           {:<{}} unsure: {}\n", "", who_, row.unsure);
  }

  const Study& study_;
  Cell about_;
  std::size_t who_ = 3;
  std::string text_ = {};
};

std::string growths_text(const Study& study) {
  std::string text;
  for (const Growth& growth : growths_of(study)) {
    text += fmt::format("  {}{}, {} to {} replicas: {}: {:.2f} ms a replica", growth.cell.load,
                        distance_of(growth.cell), growth.from, growth.cell.replicas,
                        cut(growth.who, who_columns_max), growth.line.slope);
    if (const auto& interval = growth.line.slope_interval) {
      text += fmt::format(" [{:.2f}, {:.2f}]", interval->low, interval->high);
    }
    if (growth.to_floor) text += ", x floor " + text_of(*growth.to_floor);
    text += "\n";
  }
  return text.empty() ? text
                      : "slope of the makespan over replicas, by least squares\n" + text + "\n";
}

std::size_t largest_fleet(const Study& study, const Cell& cell) {
  std::size_t largest = 0;
  for (const Row& row : study.rows) {
    if (is_in_one_table(row.cell, cell)) largest = std::max(largest, row.cell.replicas);
  }
  return largest;
}

/// The larger one of the row's and the reference's.
double spread_beside(const Study& study, const Row& row) {
  double spread = 0;
  for (const Row& other : study.rows) {
    if (other.cell == row.cell && (&other == &row || other.role == Role::reference))
      spread = std::max(spread, figures_of(study, other).makespan_ms.spread);
  }
  return spread;
}

// Only of the largest fleets: what an interval allows to say of each runner beside the reference.
std::string told_text(const Study& study) {
  std::string text;
  for (const Row& row : study.rows) {
    if (row.role != Role::other || row.cell.replicas != largest_fleet(study, row.cell)) continue;
    const auto ratio = figures_of(study, row).to_reference;
    if (!ratio || !ratio->interval) continue;
    text += fmt::format("  {}{}, {} replicas: {}: {} of the reference: {}\n", row.cell.load,
                        distance_of(row.cell), row.cell.replicas, cut(row.who, who_columns_max),
                        text_of(*ratio), to_string(told_by(*ratio, spread_beside(study, row))));
  }
  return text.empty() ? text : "beside the reference, in the same rounds\n" + text + "\n";
}

std::string lead_text(const Lead& lead) {
  return fmt::format("{}{}, {} replicas: x {} of {}", lead.cell.load, distance_of(lead.cell),
                     lead.cell.replicas, text_of(lead.ratio), cut(lead.who, who_columns_max));
}

// In every cell: how far the reference is behind, and where that is too far.
std::string leads_text(const Study& study) {
  const std::vector<Lead> leads = leads_of(study);
  if (leads.empty()) return {};
  const auto last =
      std::ranges::max_element(leads, {}, [](const Lead& lead) { return lead.ratio.median; });
  const auto is_far = [](const Lead& lead) { return lead.ratio.median > lead_max; };
  const auto far = std::ranges::count_if(leads, is_far);
  std::string text = fmt::format(
      "the reference beside the fastest other that was right, in {} cells\n  at most {}\n",
      leads.size(), lead_text(*last));
  text += fmt::format("  beyond x {} in {} of them\n", lead_max, far);
  for (const Lead& lead : leads)
    if (is_far(lead)) text += "    " + lead_text(lead) + "\n";
  return text + "\n";
}

}  // namespace

std::string facts_text(const Study& study) {
  const Facts& facts = study.facts;
  std::string text =
      fmt::format("server: PostgreSQL {}, locale {}", facts.server.version, facts.server.locale);
  std::string_view before = "; ";
  for (const auto& [name, value] : facts.server.settings) {
    text += fmt::format("{}{}={}", before, name, value);
    before = ", ";
  }
  return text + fmt::format(
                    "\nmachine: {} cores, load {:.1f} before and {:.1f} after\nmeasured: {}, {} "
                    "interleaved rounds{}, by gauntlet {}\n",
                    facts.cores, facts.load_before, facts.load_after, facts.date, facts.rounds,
                    facts.rounds > 1 ? " after a warm-up" : "", facts.version);
}

std::string text_of(const Study& study) {
  std::string text = fmt::format("{}\n{}\n", study.title, facts_text(study));
  std::vector<Cell> told;
  bool is_noisy = false;
  for (const Row& row : study.rows) {
    is_noisy = is_noisy || figures_of(study, row).makespan_ms.spread > noisy_spread;
    if (std::ranges::any_of(told,
                            [&](const Cell& cell) { return is_in_one_table(cell, row.cell); }))
      continue;
    told.push_back(row.cell);
    text += Table(study, row.cell).text() + "\n";
  }
  text += growths_text(study) + told_text(study) + leads_text(study);
  text += fmt::format(
      "Times in ms, medians of {} rounds; a ratio is the median of the rounds' own, with its 95 % "
      "interval.\n",
      study.facts.rounds);
  if (study.facts.rounds < figures::rounds_for_an_interval) {
    text += fmt::format("Fewer than {} rounds: nothing is concluded from them.\n",
                        figures::rounds_for_an_interval);
  }
  if (is_noisy) text += "! half of the rounds lie further apart than 15 %: measure it again.\n";
  return text;
}

}  // namespace gauntlet::bench
