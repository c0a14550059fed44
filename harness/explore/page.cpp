#include "harness/explore/page.h"

#include "harness/report/html_text.h"

#include <fmt/format.h>

namespace gauntlet::explore {

namespace {

using report::html_text;
using What = Option::What;

// Each step is a row of this height, in the graph and in the list beside it.
constexpr int row_height = 44, lane_width = 40, margin = 22;

constexpr const char* style = R"(<style>
:root{color-scheme:light dark;--text:#1b1f24;--soft:#57606a;--back:#fff;--line:#d0d7de;--red:#b3261e;--amber:#9a6700;
--lane0:#0969da;--lane1:#8250df;--lane2:#1a7f37;--lane3:#bf3989}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--soft:#9aa4af;--back:#0d1117;--line:#30363d;--red:#ff7b72;--amber:#d9a441;
--lane0:#58a6ff;--lane1:#bc8cff;--lane2:#3fb950;--lane3:#f778ba}}
body{margin:0 auto;padding:1rem;max-width:72rem;font:15px/1.45 system-ui,sans-serif;color:var(--text);background:var(--back)}
h1{font-size:1.2rem;overflow-wrap:anywhere}p,li{overflow-wrap:anywhere}code{font:13px ui-monospace,monospace}
.bad{color:var(--red);font-weight:600}.chart{display:flex;margin-top:1rem}.chart svg{flex:none}
ol{list-style:none;margin:0;padding:0;flex:1;min-width:0}
ol li{height:44px;box-sizing:border-box;border-bottom:1px solid var(--line);overflow:hidden;font-size:13px;line-height:20px}
.what{white-space:nowrap;overflow:hidden;text-overflow:ellipsis;font-family:ui-monospace,monospace}
.who{color:var(--soft);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.hit{background:color-mix(in srgb,var(--red) 14%,transparent)}
</style>
)";

int x_of(std::size_t replica) { return margin + static_cast<int>(replica) * lane_width; }
int y_of(std::size_t position) { return static_cast<int>(position) * row_height + row_height / 2; }
std::string colour_of(std::size_t replica) { return fmt::format("var(--lane{})", replica % 4); }

std::string lanes_of(const Timeline& timeline) {
  std::string svg;
  for (std::size_t replica = 0; replica < timeline.replicas; ++replica) {
    std::size_t first = timeline.steps.size(), last = 0;
    for (std::size_t at = 0; at < timeline.steps.size(); ++at) {
      if (timeline.steps[at].session.replica != replica) continue;
      first = std::min(first, at);
      last = at;
    }
    if (first == timeline.steps.size()) continue;
    svg += fmt::format(
        R"_(<line x1="{0}" y1="{1}" x2="{0}" y2="{2}" stroke="{3}" stroke-width="2"/>)_",
        x_of(replica), y_of(first), y_of(last), colour_of(replica));
  }
  return svg;
}

/// Where a step waited in the server while others went on.
std::string waits_of(const Timeline& timeline) {
  std::string svg;
  for (std::size_t at = 0; at < timeline.steps.size(); ++at) {
    const TimelineStep& step = timeline.steps[at];
    if (step.until <= step.number) continue;
    svg += fmt::format(
        R"_(<line class="wait" x1="{0}" y1="{1}" x2="{0}" y2="{2}" stroke="var(--amber)" stroke-width="8" )_"
        R"_(stroke-dasharray="3 3"><title>blocked in the server</title></line>)_",
        x_of(step.session.replica), y_of(at), y_of(step.until - 1));
  }
  return svg;
}

std::string switches_of(const Timeline& timeline) {
  std::string svg;
  for (std::size_t at = 1; at < timeline.steps.size(); ++at) {
    const TimelineStep &before = timeline.steps[at - 1], &step = timeline.steps[at];
    if (before.session.replica == step.session.replica) continue;
    svg += fmt::format(
        R"_(<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-dasharray="4 3"/>)_",
        x_of(before.session.replica), y_of(at - 1), x_of(step.session.replica), y_of(at),
        step.is_preemption ? "var(--red)" : "var(--soft)");
  }
  return svg;
}

std::string collision_of(const Timeline& timeline) {
  if (!timeline.collision) return {};
  const auto& [first, second, relation] = *timeline.collision;
  const int x1 = x_of(timeline.steps[first].session.replica),
            x2 = x_of(timeline.steps[second].session.replica);
  return fmt::format(
      R"_(<path class="collision" d="M{} {} C{} {} {} {} {} {}" fill="none" stroke="var(--red)" )_"
      R"_(stroke-width="3"><title>collide on {}</title></path>)_",
      x1, y_of(first), (x1 + x2) / 2 - lane_width, y_of(first), (x1 + x2) / 2 + lane_width,
      y_of(second), x2, y_of(second), html_text(relation));
}

bool is_in_collision(const Timeline& timeline, std::size_t at) {
  return timeline.collision &&
         (timeline.collision->first == at || timeline.collision->second == at);
}

std::string dots_of(const Timeline& timeline) {
  std::string svg;
  for (std::size_t at = 0; at < timeline.steps.size(); ++at) {
    const TimelineStep& step = timeline.steps[at];
    const bool is_bad = step.failed || is_in_collision(timeline, at);
    svg += fmt::format(
        R"_(<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="var(--back)" stroke-width="2"><title>{}</title></circle>)_",
        x_of(step.session.replica), y_of(at), is_bad ? 9 : 6,
        is_bad ? "var(--red)" : colour_of(step.session.replica), html_text(step.text));
  }
  return svg;
}

std::string row_of(const Timeline& timeline, std::size_t at) {
  const TimelineStep& step = timeline.steps[at];
  std::string who = fmt::format("{}. replica {}", step.number, step.session.replica);
  if (step.session.number > 0) who += fmt::format(", session {}", step.session.number);
  if (step.is_preemption) who += " <b>goes on instead of the other</b>";
  if (!step.fault.empty()) who += fmt::format(R"_( <span class="bad">{}</span>)_", step.fault);
  if (step.overlaps) who += " <b>at the same instant as the other</b>";
  if (step.until > step.number) who += fmt::format(", blocked until after step {}", step.until);
  if (step.failed)
    who += fmt::format(R"_(, <span class="bad">{}</span>)_", html_text(step.outcome));
  else if (!step.outcome.empty())
    who += ", " + html_text(step.outcome);
  return fmt::format(
      R"_(<li{}><div class="what" title="{}">{}</div><div class="who">{}</div></li>)_",
      is_in_collision(timeline, at) ? R"_( class="hit")_" : "", html_text(step.text),
      html_text(step.text), who);
}

std::string list_of(const std::vector<std::string>& sentences, const char* of) {
  std::string html;
  for (const std::string& sentence : sentences)
    html += fmt::format("<p{}>{}</p>\n", of, html_text(sentence));
  return html;
}

}  // namespace

std::string page_of(const Timeline& timeline, const Page& page) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n";
  html += fmt::format("<title>{}</title>\n{}</head><body>\n<h1>{}</h1>\n", html_text(page.title),
                      style, html_text(page.title));
  html += list_of(page.findings, R"_( class="bad")_") + list_of(page.explanation, "");
  for (std::size_t replica = 0; replica < timeline.ends.size(); ++replica)
    html += fmt::format(R"_(<span style="color:{}">&#9679;</span> replica {}: {} &nbsp; )_",
                        colour_of(replica), replica, html_text(timeline.ends[replica]));
  const int width = 2 * margin + static_cast<int>(timeline.replicas - 1) * lane_width;
  const int height = static_cast<int>(timeline.steps.size()) * row_height;
  html += fmt::format(
      R"_(<div class="chart"><svg width="{0}" height="{1}" viewBox="0 0 {0} {1}" role="img" )_"
      R"_(aria-label="the order of the replicas' steps">)_",
      width, height);
  html += lanes_of(timeline) + switches_of(timeline) + waits_of(timeline) + collision_of(timeline) +
          dots_of(timeline) + "</svg>\n<ol>\n";
  for (std::size_t at = 0; at < timeline.steps.size(); ++at) html += row_of(timeline, at) + "\n";
  html += "</ol></div>\n";
  if (!page.replay.empty())
    html += fmt::format("<p>Repeat it: <code>{}</code></p>\n", html_text(page.replay));
  return html + "</body></html>\n";
}

}  // namespace gauntlet::explore
