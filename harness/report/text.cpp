#include "harness/report/detail.h"
#include "harness/report/file_lines.h"
#include "harness/report/groups.h"
#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::report {

namespace {

using core::Finding;
using core::Result;
using core::Severity;
using core::Verdict;

using IdsByReason = std::map<std::string_view, std::vector<std::string>>;

IdsByReason not_applicable(const std::vector<Result>& results) {
  IdsByReason ids;
  for (const Result& result : results) {
    if (result.judgement.verdict == Verdict::not_applicable)
      ids[result.judgement.reason].push_back(one_line(result.id));
  }
  return ids;
}

// Off a terminal nothing is wrapped or cut: a log is searched, and its reader wraps.
std::size_t width_of(const TextOptions& options) {
  constexpr std::size_t unlimited = 1U << 20U;
  return options.width == 0 ? unlimited : static_cast<std::size_t>(std::max(options.width, 60));
}

// One report being written: lines of text within a width.
class Page {
 public:
  Page(const TextOptions& options, const Detail& detail)
      : colour_(options.colour), all_(options.all), detail_(detail), width_(width_of(options)) {}

  void server(const std::optional<core::ServerFacts>& server);
  void table(const core::Report& report);
  void passed_over(const IdsByReason& ids_by_reason);
  void details(const Result& result);
  void end(const core::Report& report);
  std::string take() { return std::move(text_); }

 private:
  void notes(const Result& result);
  void findings(const core::Judgement& judgement);
  void group(const Group& group);
  void story(const Result& result);
  void skipped(const Result& result);
  void replays(const std::vector<Result>& results);
  void line(const std::string& text = {}) { text_ += text + "\n"; }

  /// `first` before the first line and as many blanks before the others, all within the width.
  void paragraph(const std::string& first, std::string_view text, std::string_view colour = {});
  std::string painted(const std::string& text, std::string_view colour) const;

  bool colour_, all_;
  const Detail& detail_;
  std::size_t width_;
  std::string text_;
};

constexpr std::string_view red = "31;1";
constexpr std::string_view yellow = "33;1";
constexpr std::string_view green = "32";
constexpr std::string_view bold = "1";

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return green;
    case Verdict::violated:
      return red;
    case Verdict::unknown:
    case Verdict::nothing_judged:
      return yellow;
    case Verdict::not_applicable:
      break;
  }
  return {};
}

std::string Page::painted(const std::string& text, std::string_view colour) const {
  if (!colour_ || colour.empty()) return text;
  return fmt::format("\x1b[{}m{}\x1b[0m", colour, text);
}

void Page::paragraph(const std::string& first, std::string_view text, std::string_view colour) {
  for (std::string& each : indented(first, text, width_)) {
    if (each.starts_with(first)) each = painted(first, colour) + each.substr(first.size());
    line(each);
  }
}

void Page::server(const std::optional<core::ServerFacts>& server) {
  if (!server) {
    line("server: none");
    return;
  }
  std::string facts = fmt::format("{}, locale {}", core::server_name(*server), server->locale);
  std::string settings;
  for (const auto& [name, value] : server->settings) {
    settings += fmt::format("{}{}={}", settings.empty() ? "; " : ", ", name, value);
  }
  paragraph("server: ", facts + (settings.empty() ? "; stock settings" : settings));
}

void Page::table(const core::Report& report) {
  const std::vector<Result>& results = report.results;
  std::size_t ids = columns_of(report.kind);
  for (const Result& result : results) ids = std::max(ids, columns_of(one_line(result.id)));
  ids = std::min(ids, width_ / 2);
  line();
  line(painted(padded(report.kind, ids) + "  verdict         " + padded("time", 8) + "  subject",
               bold));
  // A reason that several results share is printed once, below the table.
  IdsByReason shared = not_applicable(results);
  std::erase_if(shared, [](const auto& each) { return each.second.size() == 1; });
  for (const Result& result : results) {
    const Verdict verdict = result.judgement.verdict;
    if (verdict == Verdict::not_applicable && shared.contains(result.judgement.reason)) continue;
    const std::string id = cut(one_line(result.id), ids);
    const std::size_t left = width_ - std::min(width_, ids + 2 + 14 + 2 + 8 + 2);
    line(padded(id, ids) + "  " +
         painted(padded(std::string(core::to_string(verdict)), 14), colour_of(verdict)) + "  " +
         padded(time_of(result.seconds), 8) + "  " + cut(one_line(result.subject), left));
    paragraph(std::string(4, ' '), shortened(result.judgement.reason, detail_.quoted_lines));
  }
  passed_over(shared);
}

void Page::passed_over(const IdsByReason& ids_by_reason) {
  for (const auto& [reason, ids] : ids_by_reason) {
    line();
    paragraph(fmt::format("{} not applicable: ", ids.size()), reason);
    paragraph("    ", fmt::format("{}", fmt::join(ids, ", ")));
  }
}

void Page::details(const Result& result) {
  const core::Judgement& judgement = result.judgement;
  const bool has_details = !judgement.findings.empty() || !result.notes.empty() ||
                           !result.files.empty() || !result.story.lines.empty() ||
                           !result.skipped.empty();
  if (!has_details || (judgement.findings.empty() && !detail_.quiet_results)) return;
  line();
  line(painted(one_line(result.id), bold));
  const bool is_violated = judgement.verdict == Verdict::violated;
  if (is_violated && !result.claim.empty()) paragraph("  claim: ", result.claim);
  notes(result);
  skipped(result);
  for (const std::string& each : file_lines(result.files, width_, detail_.files)) line(each);
  findings(judgement);
  story(result);
  if (is_violated && !result.why.empty()) paragraph("  why it matters: ", result.why);
}

void Page::notes(const Result& result) {
  const std::size_t all = result.notes.size();
  const std::size_t shown = std::min(all, detail_.notes);
  for (std::size_t i = 0; i < shown; ++i) paragraph("  note: ", result.notes[i]);
  if (shown < all) line(fmt::format("  {} more notes (--all prints each)", all - shown));
}

/// A line for each reason, with the oracles that it kept from judging.
void Page::skipped(const Result& result) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> ids;
  for (const core::SkippedOracle& each : result.skipped)
    ids[{each.stage, each.reason}].push_back(each.id);
  for (const auto& [why, oracles] : ids)
    paragraph("  skipped: ", fmt::format("{}{}{}: {}", why.first, why.first.empty() ? "" : ": ",
                                         fmt::join(oracles, ", "), why.second));
}

void Page::story(const Result& result) {
  if (result.story.lines.empty()) return;
  paragraph("  ", result.story.title + ":");
  for (const std::string& each : result.story.lines) line(cut("    " + one_line(each), width_));
}

std::vector<Group> each_alone(const std::vector<Finding>& findings) {
  std::vector<Group> groups;
  for (const Finding& finding : findings) groups.push_back({{&finding}});
  return groups;
}

void Page::findings(const core::Judgement& judgement) {
  std::vector<Group> groups = all_ ? each_alone(judgement.findings) : groups_of(judgement.findings);
  std::ranges::stable_partition(groups, &Group::is_violation);
  const std::size_t shown = std::min(groups.size(), detail_.groups);
  for (std::size_t i = 0; i < shown; ++i) group(groups[i]);
  const std::size_t on_lines = std::min(groups.size() - shown, detail_.group_lines);
  for (std::size_t i = shown; i < shown + on_lines; ++i) {
    const Finding& first = groups[i].first();
    line(cut(fmt::format("{}[{}]: {}: {}", groups[i].is_violation() ? "error" : "warning",
                         one_line(first.id), places_of(groups[i]), one_line(first.message)),
             width_));
  }
  if (shown + on_lines < groups.size())
    paragraph("  and ", counts_by_id(std::span(groups).subspan(shown + on_lines)));
  if (shown < groups.size()) line("  (--all prints each finding with its fix)");
}

void Page::group(const Group& group) {
  const Finding& finding = group.first();
  const std::size_t count = group.findings.size();
  const std::string message = legible(shortened(finding.message, detail_.quoted_lines));
  const std::string head =
      fmt::format("{}[{}]: ", group.is_violation() ? "error" : "warning", one_line(finding.id));
  const std::size_t first = std::min(message.find('\n'), message.size());
  const std::string counted = count > 1 ? fmt::format(" (and {} more alike)", count - 1) : "";
  // A long head must not squeeze what follows it into a narrow column.
  std::vector<std::string> lines = wrapped(head + message.substr(0, first) + counted, width_ - 2);
  if (lines.front().starts_with(head)) {
    lines.front() =
        painted(head, group.is_violation() ? red : yellow) + lines.front().substr(head.size());
  }
  for (std::size_t i = 0; i < lines.size(); ++i) line((i == 0 ? "" : "  ") + lines[i]);
  paragraph("    ", std::string_view(message).substr(std::min(first + 1, message.size())));
  paragraph("  where: ", places_of(group));
  paragraph("  fix:   ", finding.fix);
}

void Page::replays(const std::vector<Result>& results) {
  std::vector<std::string> printed;
  for (const Result& result : results) {
    const Verdict verdict = result.judgement.verdict;
    const bool failed = verdict != Verdict::holds && verdict != Verdict::not_applicable;
    const std::string replay = one_line(result.replay);
    if (!failed || replay.empty() || std::ranges::count(printed, replay) > 0) continue;
    line("replay: " + replay);  // never wrapped: it is copied into a shell
    printed.push_back(replay);
  }
}

void Page::end(const core::Report& report) {
  std::map<Verdict, std::size_t> counts;
  for (const Result& result : report.results) ++counts[result.judgement.verdict];
  const std::size_t unknown = counts[Verdict::unknown] + counts[Verdict::nothing_judged];
  line();
  replays(report.results);
  line(fmt::format("seed: {}", report.seed));
  line(fmt::format("{} judged: {} hold, {} violated, {} unknown; {} not applicable",
                   counts[Verdict::holds] + counts[Verdict::violated] + unknown,
                   counts[Verdict::holds], counts[Verdict::violated], unknown,
                   counts[Verdict::not_applicable]));
  const Verdict verdict = report.verdict();
  line("verdict: " + painted(std::string(core::to_string(verdict)), colour_of(verdict)) +
       fmt::format(" (exit {})", report.exit_code()));
}

}  // namespace

namespace {

std::string text_with(const Detail& detail, const core::Report& report,
                      const TextOptions& options) {
  Page page(options, detail);
  page.server(report.server);
  if (!report.results.empty()) page.table(report);
  for (const Result& result : report.results) page.details(result);
  page.end(report);
  return page.take();
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

std::string text(const core::Report& report, const TextOptions& options) {
  if (options.all) return text_with(everything, report, options);
  std::string all = text_with(usual, report, options);
  std::size_t findings = 0;
  for (const Result& result : report.results) findings += result.judgement.findings.size();
  if (findings < many_findings) return all;
  for (const Detail& detail : brief) {
    if (lines_in(all) <= lines_max) break;
    all = text_with(detail, report, options);
  }
  return all;
}

}  // namespace gauntlet::report
