#include "harness/bench/study_html.h"

#include "harness/bench/chart.h"
#include "harness/bench/row_figures.h"
#include "harness/bench/study_text.h"
#include "harness/bench/timeline_html.h"
#include "harness/report/html_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace gauntlet::bench {

namespace {

constexpr const char* columns =
    "<p class=soft><b>ms</b>: from the release until the last replica had ended, the median of the "
    "rounds. <b>± %</b>: the spread between its quartiles. <b>x floor</b>, <b>x reference</b>: the "
    "same as a multiple of the bare program's and of gauntlet-migrate's, round by round. "
    "<b>wait</b>: how long a replica took, by percentile, and the longest. <b>Jain</b>: 1 if all "
    "replicas waited alike, less the more they differ. <b>statements</b>, <b>round trips</b>: of "
    "one "
    "replica, in a run that was recorded. <b>CPU ms</b>: of all replicas together. <b>server "
    "ms</b>: CPU time of the server, where it is ours.</p>\n";

constexpr std::size_t colours = 7, lanes_max = 32;

constexpr std::string_view style = R"(
:root{--ink:#1d2733;--paper:#fff;--soft:#5d6873;--line:#dfe4e8;--c0:#6b7681;--c1:#1f6fb2;--c2:#c2571a;--c3:#1c8a68;--c4:#8d4fb0;--c5:#a8342f;--c6:#7a6a00}
@media(prefers-color-scheme:dark){:root{--ink:#dfe6ec;--paper:#14191f;--soft:#98a4af;--line:#2c353e;--c0:#9aa6b1;--c1:#63aef0;--c2:#f0935a;--c3:#4fcaa0;--c4:#c490e6;--c5:#f07f78;--c6:#d8c64a}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:86rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:2.5rem 0 .2rem}h2{font-size:1.15rem;margin:2rem 0 .3rem}h3{font-size:1rem;margin:.4rem 0;font-weight:600}
p{margin:.3rem 0}.soft{color:var(--soft)}.bad{color:var(--c5)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:0 2rem}
svg{width:100%;height:auto;font:11px system-ui,sans-serif}svg text{fill:var(--soft)}
.grid{stroke:var(--line);fill:none}.line{fill:none;stroke:var(--c);stroke-width:2}.dot{fill:var(--c)}
.key{display:inline-block;width:1.4em;height:0;border-top:3px solid var(--c);margin:0 .4em .2em 1em}
.key.dashed{border-top-style:dashed}
.c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}.c4{--c:var(--c4)}.c5{--c:var(--c5)}.c6{--c:var(--c6)}
.there{fill:var(--line)}.asks{fill:var(--c1)}.waits{fill:var(--c2)}.joins{fill:var(--c3)}.holds{fill:var(--c4)}
table{border-collapse:collapse;font-size:13px;width:100%}td,th{padding:.15rem .5rem;text-align:right;border-top:1px solid var(--line);font-variant-numeric:tabular-nums}
th{font-weight:600}td.t,th.t{text-align:left}.scroll{overflow-x:auto}.wide svg{min-width:48rem}details{margin:.5rem 0}
@media(max-width:40rem){.pair svg{font-size:17px}}
)";

std::string heading_of(const Cell& cell) {
  return cell.round_trip_ms > 0
             ? fmt::format("{}, {:g} ms added to a round trip", cell.load, cell.round_trip_ms)
             : cell.load;
}

class Page {
 public:
  explicit Page(const Study& study) : study_(study) {
    for (const Row& row : study.rows) {
      if (std::ranges::find(names_, row.who) == names_.end()) names_.push_back(row.who);
    }
  }

  std::string text() {
    text_ = fmt::format("<h1>{}</h1>\n", report::html_text(study_.title));
    text_ += fmt::format("<p class=soft style=\"white-space:pre-line\">{}</p>\n",
                         escaped_lines(facts_text(study_)));
    if (!study_.facts.command.empty()) {
      text_ += fmt::format("<p class=soft>again: <code>{}</code></p>\n",
                           report::html_text(study_.facts.command));
    }
    add_key();
    std::vector<Cell> told;
    for (const Row& row : study_.rows) {
      const auto same = [&](const Cell& cell) { return is_in_one_table(cell, row.cell); };
      if (std::ranges::any_of(told, same)) continue;
      told.push_back(row.cell);
      add(row.cell);
    }
    return std::move(text_);
  }

 private:
  static std::string escaped_lines(const std::string& text) {
    std::string lines;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      lines += report::html_text(std::string_view(text).substr(begin, end - begin)) + "\n";
      begin = end + 1;
    }
    return lines;
  }

  std::size_t colour_of(const Row& row) const {
    if (row.role == Role::floor) return 0;
    const auto place =
        static_cast<std::size_t>(std::ranges::find(names_, row.who) - names_.begin());
    return 1 + (place + colours - 2) % (colours - 1);
  }

  void add_key() {
    text_ += "<p>";
    for (const std::string& name : names_) {
      const Row& row = *std::ranges::find(study_.rows, name, &Row::who);
      text_ += fmt::format("<span class=\"key c{}{}\"></span>{}", colour_of(row),
                           row.role == Role::floor ? " dashed" : "", report::html_text(name));
    }
    text_ += "</p>\n";
  }

  void add(const Cell& about) {
    text_ += fmt::format("<h2>{}</h2>\n<div class=pair>\n", report::html_text(heading_of(about)));
    const std::size_t largest = largest_of(about);
    text_ +=
        "<div><h3>Until the last replica has left</h3>\n" + makespans(about) +
        "<p class=soft>Across: how many replicas started together. Up: milliseconds from their "
        "release until the last one had ended, the median of the rounds; both axes are "
        "logarithmic. A cross: at least one round was wrong.</p></div>\n";
    text_ += fmt::format(
        "<div><h3>Who has left when, of {} replicas</h3>\n{}{}<p class=soft>Across: milliseconds "
        "since the release. Up: how many of the replicas have ended, in the round of the median. A "
        "steep curve: they end together; a flat one: each waits for the one before.</p></div>\n"
        "</div>\n",
        largest, waits(about, largest), left_out(about, largest));
    add_growths(about);
    add_leads(about);
    add_table(about);
    add_timelines(about);
  }

  std::size_t largest_of(const Cell& about) const {
    std::size_t largest = 0;
    for (const Row& row : study_.rows) {
      if (is_in_one_table(row.cell, about)) largest = std::max(largest, row.cell.replicas);
    }
    return largest;
  }

  std::string makespans(const Cell& about) const {
    Axes axes{.x = "replicas",
              .y = "ms",
              .x_scale = Axes::Scale::logarithmic,
              .y_scale = Axes::Scale::logarithmic};
    std::vector<Curve> curves;
    for (const std::string& name : names_) {
      Curve curve{.name = name};
      for (const Row& row : study_.rows) {
        if (row.who != name || !is_in_one_table(row.cell, about)) continue;
        curve.colour = colour_of(row);
        curve.dashed = row.role == Role::floor;
        const auto replicas = static_cast<double>(row.cell.replicas);
        if (std::ranges::find(axes.x_ticks, replicas) == axes.x_ticks.end())
          axes.x_ticks.push_back(replicas);
        const RowFigures all = figures_of(study_, row);
        if (row.runs.empty()) continue;
        auto& points = all.wrong_runs == 0 ? curve.points : curve.wrong;
        points.push_back({replicas, all.makespan_ms.median});
      }
      curves.push_back(std::move(curve));
    }
    return chart(axes, curves);
  }

  std::string waits(const Cell& about, std::size_t replicas) const {
    std::vector<Curve> curves;
    for (const Row& row : study_.rows) {
      const bool shown = is_in_one_table(row.cell, about) && row.cell.replicas == replicas &&
                         !row.waits_ms.empty() && figures_of(study_, row).wrong_runs == 0;
      if (!shown) continue;
      Curve curve{.name = row.who,
                  .colour = colour_of(row),
                  .dashed = row.role == Role::floor,
                  .marked = false};
      const auto count = static_cast<double>(row.waits_ms.size());
      for (std::size_t place = 0; place < row.waits_ms.size(); ++place) {
        curve.points.push_back({row.waits_ms[place], static_cast<double>(place + 1) / count * 100});
      }
      curves.push_back(std::move(curve));
    }
    return chart({.x = "ms since the release", .y = "% have left"}, curves);
  }

  /// Those that have no curve because they were wrong, in its place.
  std::string left_out(const Cell& about, std::size_t replicas) const {
    std::string text;
    for (const Row& row : study_.rows) {
      if (!is_in_one_table(row.cell, about) || row.cell.replicas != replicas) continue;
      const RowFigures all = figures_of(study_, row);
      if (all.wrong_runs == 0) continue;
      text += fmt::format("<p class=bad>{}: wrong in {} of {} runs, so it has no curve</p>\n",
                          report::html_text(row.who), all.wrong_runs, row.runs.size());
    }
    return text;
  }

  void add_leads(const Cell& about) {
    for (const Lead& lead : leads_of(study_)) {
      if (!is_in_one_table(lead.cell, about) || lead.ratio.median <= lead_max) continue;
      text_ +=
          fmt::format("<p>{} replicas: {} leads by more than x {}: the reference takes x {:.2f}",
                      lead.cell.replicas, report::html_text(lead.who), lead_max, lead.ratio.median);
      if (const auto& interval = lead.ratio.interval)
        text_ += fmt::format(" [{:.2f}, {:.2f}]", interval->low, interval->high);
      text_ += "</p>\n";
    }
  }

  void add_growths(const Cell& about) {
    bool is_first = true;
    for (const Growth& growth : growths_of(study_)) {
      if (!is_in_one_table(growth.cell, about)) continue;
      if (is_first)
        text_ +=
            "<p class=soft>What each further replica adds to the time until the last has left, by "
            "least squares; in brackets the 95 % interval.</p>\n";
      is_first = false;
      text_ += fmt::format("<p>{}: {:.2f} ms a replica", report::html_text(growth.who),
                           growth.line.slope);
      if (const auto& interval = growth.line.slope_interval)
        text_ +=
            fmt::format(" <span class=soft>[{:.2f}, {:.2f}]</span>", interval->low, interval->high);
      if (growth.to_floor) {
        text_ += fmt::format(", x {:.2f} the floor", growth.to_floor->median);
        if (const auto& interval = growth.to_floor->interval)
          text_ += fmt::format(" <span class=soft>[{:.2f}, {:.2f}]</span>", interval->low,
                               interval->high);
      }
      text_ += fmt::format(" <span class=soft>({} to {} replicas)</span></p>\n", growth.from,
                           growth.cell.replicas);
    }
  }

  void add_table(const Cell& about) {
    text_ +=
        "<details><summary>figures</summary><div class=scroll><table><tr><th>replicas<th "
        "class=t>who<th>ms<th>± %<th>x floor<th>x reference<th>wait p50<th>p90<th>p99<th>max"
        "<th>Jain<th>statements<th>round trips<th>CPU ms<th>server ms</tr>\n";
    for (const Row& row : study_.rows) {
      if (is_in_one_table(row.cell, about)) add_row(row);
    }
    text_ += "</table></div>\n";
    text_ += columns;
    text_ += "</details>\n";
  }

  void add_row(const Row& row) {
    const RowFigures all = figures_of(study_, row);
    text_ += fmt::format("<tr><td>{}<td class=t>{}", row.cell.replicas, report::html_text(row.who));
    if (all.wrong_runs > 0 || row.runs.empty()) {
      text_ +=
          fmt::format("<td colspan=13 class=\"t bad\">{}</tr>\n",
                      all.wrong_runs > 0 ? fmt::format("wrong in {} of {} runs: {}", all.wrong_runs,
                                                       row.runs.size(),
                                                       report::html_text(all.wrong.substr(0, 400)))
                                         : report::html_text("not measured: " + row.unsure));
      return;
    }
    const auto ratio = [](const std::optional<figures::Ratio>& of) {
      return of ? fmt::format("{:.2f}", of->median) : std::string();
    };
    const auto counted = [&](double Counted::*part) {
      return row.counted ? fmt::format("{:.1f}", (*row.counted).*part) : std::string();
    };
    text_ += fmt::format(
        "<td>{:.1f}<td>{:.0f}<td>{}<td>{}<td>{:.1f}<td>{:.1f}<td>{:.1f}<td>{:.1f}<td>{:.2f}<td>{}"
        "<td>{}<td>{:.0f}<td>{}</tr>\n",
        all.makespan_ms.median, all.makespan_ms.spread * 100, ratio(all.to_floor),
        ratio(all.to_reference), all.wait_ms.p50, all.wait_ms.p90, all.wait_ms.p99,
        all.wait_ms.most, all.fairness, counted(&Counted::statements),
        counted(&Counted::round_trips), all.client_cpu_ms,
        all.server_cpu_ms ? fmt::format("{:.0f}", *all.server_cpu_ms) : "");
  }

  // Of the largest fleet that a person can still look through.
  void add_timelines(const Cell& about) {
    std::size_t replicas = 0;
    for (const Row& row : study_.rows) {
      const std::size_t count = row.cell.replicas;
      const bool can_be_shown = row.counted && !row.counted->lanes.empty() && count <= lanes_max;
      if (is_in_one_table(row.cell, about) && can_be_shown) replicas = std::max(replicas, count);
    }
    for (const Row& row : study_.rows) {
      if (!is_in_one_table(row.cell, about) || row.cell.replicas != replicas || !row.counted ||
          row.role == Role::floor) {
        continue;
      }
      text_ += fmt::format(
          "<details{}><summary>timeline: {}, {} replicas, in a run that was recorded</summary>\n"
          "{}</details>\n",
          row.role == Role::reference ? " open" : "", report::html_text(row.who), replicas,
          timeline_html(*row.counted));
    }
  }

  const Study& study_;
  std::vector<std::string> names_ = {};
  std::string text_ = {};
};

}  // namespace

std::string html_of(const std::vector<Study>& studies) {
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=en><meta charset=utf-8>\n"
      "<meta name=viewport content=\"width=device-width\">\n"
      "<meta name=color-scheme content=\"light dark\">\n"
      "<title>{}</title>\n<style>{}</style>\n",
      studies.empty() ? "nothing was measured" : report::html_text(studies.front().title), style);
  for (const Study& study : studies) text += Page(study).text();
  return text + "</html>\n";
}

}  // namespace gauntlet::bench
