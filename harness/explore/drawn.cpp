#include "harness/explore/timeline.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::explore {

namespace {

constexpr std::size_t lane_width_min = 12, number_width = 5;

/// Never inside a character of UTF-8.
std::string cut(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text;
  std::size_t end = width > 3 ? width - 3 : width;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + (width > 3 ? "..." : "");
}

std::string_view mark_of(const Timeline& timeline, std::size_t at) {
  const TimelineStep& step = timeline.steps[at];
  const auto& collision = timeline.collision;
  if (step.failed) return "x ";
  if (!step.overlaps && collision && (collision->first == at || collision->second == at))
    return "! ";
  if (!step.fault.empty()) return "* ";
  if (step.overlaps) return "= ";
  return step.is_preemption ? "> " : "  ";
}

/// What a line below the step says.
std::string under(const TimelineStep& step) {
  return step.fault.empty() ? step.outcome : "(" + step.fault + ")";
}

/// Is a step of this replica still waiting for its reply when step `number` is let go?
bool is_blocked(const Timeline& timeline, std::size_t replica, std::size_t number) {
  return std::ranges::any_of(timeline.steps, [&](const TimelineStep& step) {
    return step.session.replica == replica && step.number < number && step.until >= number;
  });
}

}  // namespace

std::vector<std::string> drawn(const Timeline& timeline, std::size_t width) {
  const std::size_t lanes = std::max<std::size_t>(timeline.replicas, 1);
  const std::size_t room = width > number_width ? width - number_width : width;
  const std::size_t lane = std::max(lane_width_min, room / lanes - 2);
  std::vector<std::string> lines;
  std::string head(number_width, ' ');
  for (std::size_t replica = 0; replica < lanes; ++replica)
    head += fmt::format("| {:<{}}", cut(fmt::format("replica {}", replica), lane - 1), lane);
  lines.push_back(head);
  for (std::size_t at = 0; at < timeline.steps.size(); ++at) {
    const TimelineStep& step = timeline.steps[at];
    std::string line = fmt::format("{:>4} ", step.number);
    for (std::size_t replica = 0; replica < lanes; ++replica) {
      std::string cell;
      if (step.session.replica == replica)
        cell = std::string(mark_of(timeline, at)) + step.text;
      else if (is_blocked(timeline, replica, step.number))
        cell = "  : blocked in the server";
      line += fmt::format("| {:<{}}", cut(cell, lane - 1), lane);
    }
    lines.push_back(line);
    if (!step.failed && step.fault.empty()) continue;
    std::string why(number_width, ' ');
    for (std::size_t replica = 0; replica < lanes; ++replica)
      why += fmt::format("| {:<{}}",
                         step.session.replica == replica ? cut("    " + under(step), lane - 1) : "",
                         lane);
    lines.push_back(why);
  }
  std::string foot(number_width, ' ');
  for (std::size_t replica = 0; replica < timeline.ends.size(); ++replica)
    foot += fmt::format("| {:<{}}", cut("  " + timeline.ends[replica], lane - 1), lane);
  lines.push_back(foot);
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

}  // namespace gauntlet::explore
