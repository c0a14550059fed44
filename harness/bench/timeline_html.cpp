#include "harness/bench/timeline_html.h"

#include "harness/report/html_text.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace gauntlet::bench {

namespace {

constexpr double timeline_width = 1000, lane_height = 17, bar_height = 9, lock_height = 4;
constexpr double lanes_left = 34, lanes_right = 10, lanes_top = 22;
constexpr double narrowest = 1.5;

/// One stretch of time in which one replica held one lock.
struct Hold {
  std::size_t place = 0;  ///< of the replica, from 1, in the order in which they left
  Span span = {};
};

std::vector<Hold> holds_of(const Counted& counted) {
  std::vector<Hold> holds;
  for (std::size_t lane = 0; lane < counted.lanes.size(); ++lane)
    for (const Span& span : counted.lanes[lane].held)
      holds.push_back({.place = lane + 1, .span = span});
  std::ranges::stable_sort(holds, {}, [](const Hold& hold) { return hold.span.from_ms; });
  return holds;
}

double end_of(const Counted& counted) {
  double end = 0.1;
  for (const Lane& lane : counted.lanes) {
    end = std::max(end, lane.left_ms);
    for (const Span& span : lane.spans) end = std::max(end, span.until_ms);
    for (const Span& span : lane.held) end = std::max(end, span.until_ms);
  }
  return end;
}

std::string_view class_of(const Span& span) {
  if (span.what == "wait") return "waits";
  return span.what == "connected" ? "joins" : "asks";
}

class Timeline {
 public:
  explicit Timeline(const Counted& counted)
      : counted_(counted),
        end_(end_of(counted)),
        height_(lanes_top + lane_height * static_cast<double>(counted.lanes.size()) + 6) {}

  std::string svg() {
    text_ =
        fmt::format("<svg viewBox=\"0 0 {} {}\" role=img aria-label=\"what each replica did\">\n",
                    timeline_width, height_);
    add_axis();
    for (std::size_t lane = 0; lane < counted_.lanes.size(); ++lane) add_lane(lane);
    return text_ + "</svg>\n";
  }

 private:
  double x(double time) const {
    return lanes_left + time / end_ * (timeline_width - lanes_left - lanes_right);
  }

  void add_axis() {
    constexpr int ticks = 5;
    for (int tick = 0; tick <= ticks; ++tick) {
      const double time = end_ * tick / ticks;
      text_ += fmt::format(
          "<path class=grid d=\"M{0:.1f} 16V{1:.0f}\"/><text x=\"{0:.1f}\" y=\"11\" "
          "text-anchor={2}>{3:.0f} ms</text>\n",
          x(time), height_, tick == 0 ? "start" : (tick == ticks ? "end" : "middle"), time);
    }
  }

  void add_lane(std::size_t number) {
    const Lane& lane = counted_.lanes[number];
    const double y = lanes_top + lane_height * static_cast<double>(number);
    text_ += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=end>{}</text>\n", lanes_left - 6,
                         y + bar_height, number + 1);
    text_ += fmt::format("<rect class=there x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>\n",
                         lanes_left, y, x(lane.left_ms) - lanes_left, bar_height);
    for (const Span& span : lane.spans) add_bar(class_of(span), span, y, bar_height, span.what);
    for (const Span& span : lane.held)
      add_bar("holds", span, y + bar_height + 1, lock_height,
              fmt::format("holds the lock {}", span.what));
  }

  void add_bar(std::string_view kind, const Span& span, double y, double height,
               const std::string& what) {
    text_ += fmt::format(
        "<rect class={} x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\"><title>{:.1f} to "
        "{:.1f} ms: {}</title></rect>\n",
        kind, x(span.from_ms), y, std::max(x(span.until_ms) - x(span.from_ms), narrowest), height,
        span.from_ms, span.until_ms, report::html_text(what));
  }

  const Counted& counted_;
  double end_, height_;
  std::string text_ = {};
};

constexpr const char* legend =
    "<p class=soft>Across: milliseconds since the release. Each row is one replica, the first to "
    "leave on top. Grey: the replica runs. Green: it has connected. Blue: the server works on a "
    "statement. Orange: it waits without asking the server. <span class=\"key c4\"></span>below "
    "its row: it holds the lock.</p>\n";

/// The time in which at least one of them was held.
double covered_ms(const std::vector<Hold>& holds) {
  double covered = 0, until = 0;
  for (const Hold& hold : holds) {
    covered += std::max(hold.span.until_ms - std::max(hold.span.from_ms, until), 0.0);
    until = std::max(until, hold.span.until_ms);
  }
  return covered;
}

std::string lock_text(const Counted& counted, const std::vector<Hold>& holds) {
  if (holds.empty())
    return "<p>No replica was seen to hold an advisory lock for longer than one message: there was "
           "nothing to lock for, or the tool takes another kind of lock, or none.</p>\n";
  std::vector<double> times;
  for (const Hold& hold : holds) times.push_back(hold.span.until_ms - hold.span.from_ms);
  std::ranges::sort(times);
  const double whole = end_of(counted);
  std::string text =
      times.size() == 1
          ? fmt::format("<p>The lock was held once, for {:.1f} of the {:.0f} ms.</p>\n",
                        times.front(), whole)
          : fmt::format(
                "<p>The lock was held {} times, for {:.1f} ms in the middle and {:.1f} ms "
                "at most; in all for {:.1f} of the {:.0f} ms.</p>\n",
                times.size(), times[times.size() / 2], times.back(), covered_ms(holds), whole);
  text +=
      "<details><summary>who held the lock, from when, for how long</summary><div "
      "class=scroll><table><tr><th>replica<th>from ms<th>until ms<th>for ms<th class=t>lock</tr>\n";
  for (const Hold& hold : holds)
    text += fmt::format("<tr><td>{}<td>{:.1f}<td>{:.1f}<td>{:.1f}<td class=t>{}</tr>\n", hold.place,
                        hold.span.from_ms, hold.span.until_ms,
                        hold.span.until_ms - hold.span.from_ms, report::html_text(hold.span.what));
  return text + "</table></div></details>\n";
}

}  // namespace

std::string timeline_html(const Counted& counted) {
  return legend + ("<div class=\"scroll wide\">" + Timeline(counted).svg() + "</div>\n") +
         lock_text(counted, holds_of(counted));
}

}  // namespace gauntlet::bench
