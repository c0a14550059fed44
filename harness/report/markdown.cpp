#include "harness/report/groups.h"
#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

// GitHub Flavored Markdown (https://github.github.com/gfm/): ASCII punctuation after a backslash is
// plain text; inside of a fence nothing is escaped, so the fence is longer than any in its text.
namespace gauntlet::report {

namespace {

std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (const char c : one_line(text)) {
    if (std::string_view("\\`*_{}[]<>#|!~&@$").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string fenced(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fmt::format("{0}text\n{1}{2}{0}\n", fence, text, text.ends_with('\n') ? "" : "\n");
}

std::string verdict_in_bold(core::Verdict verdict) {
  return fmt::format("**{}**", core::to_string(verdict));
}

std::string row_of(const core::Result& result) {
  std::string row = fmt::format("| {} | {} | {} | {} |\n", markdown_text(result.id),
                                verdict_in_bold(result.judgement.verdict), time_of(result.seconds),
                                markdown_text(result.judgement.reason));
  return row;
}

std::string item_of(const Group& group) {
  const core::Finding& finding = group.first();
  std::string item = fmt::format(
      "- {} **{}**{}: {}\n", group.is_violation() ? "error" : "warning", markdown_text(finding.id),
      group.findings.size() > 1 ? fmt::format(" ({} times)", group.findings.size()) : "",
      markdown_text(finding.message));
  if (const std::string places = places_of(group); !places.empty())
    item += fmt::format("  - where: {}\n", markdown_text(places));
  if (!finding.fix.empty()) item += fmt::format("  - fix: {}\n", markdown_text(finding.fix));
  return item;
}

std::string section_of(const core::Result& result) {
  const core::Judgement& judgement = result.judgement;
  if (judgement.findings.empty()) return {};
  std::string section = fmt::format("\n### {}\n\n", markdown_text(result.id));
  for (const Group& group : groups_of(judgement.findings)) section += item_of(group);
  if (!result.story.lines.empty()) {
    std::string story;
    for (const std::string& line : result.story.lines) story += one_line(line) + "\n";
    section += fmt::format("\n{}:\n\n{}", markdown_text(result.story.title), fenced(story));
  }
  return section;
}

std::string replays_of(const core::Report& report) {
  std::set<std::string> printed;
  std::string replays;
  for (const core::Result& result : report.results) {
    const std::string replay = one_line(result.replay);
    const bool is_fine = result.judgement.verdict == core::Verdict::holds ||
                         result.judgement.verdict == core::Verdict::not_applicable;
    if (is_fine || replay.empty() || !printed.insert(replay).second) continue;
    replays += replay + "\n";
  }
  return replays.empty() ? "" : "\nTo repeat:\n\n" + fenced(replays);
}

}  // namespace

std::string markdown(const core::Report& report) {
  std::string text = fmt::format("## Gauntlet: {}\n\n", core::to_string(report.verdict()));
  if (report.results.empty()) return text + "Nothing was judged.\n";
  text += fmt::format("| {} | verdict | time | reason |\n|---|---|---:|---|\n",
                      markdown_text(report.kind));
  for (const core::Result& result : report.results) text += row_of(result);
  for (const core::Result& result : report.results) text += section_of(result);
  return text + replays_of(report);
}

}  // namespace gauntlet::report
