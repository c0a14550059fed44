#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace gauntlet::report {

namespace {

using core::Finding;
using core::Result;
using core::Severity;
using core::Verdict;

// What a mode of pg_locks keeps others from (PostgreSQL manual, 13.3.1 Table-Level Locks).
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> lock_words = {{
    {"ShareUpdateExclusiveLock", "SHARE UPDATE EXCLUSIVE, blocks other schema changes only"},
    {"ShareLock", "SHARE, blocks writes"},
    {"ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE, blocks writes"},
    {"ExclusiveLock", "EXCLUSIVE, blocks writes and SELECT FOR UPDATE"},
    {"AccessExclusiveLock", "ACCESS EXCLUSIVE, blocks reads and writes"},
}};

std::string words_of(const std::string& mode) {
  const auto* found = std::find_if(lock_words.begin(), lock_words.end(),
                                   [&](const auto& entry) { return entry.first == mode; });
  return found == lock_words.end() ? legible(mode) : std::string(found->second);
}

// The modes of plain reads and writes stand in nobody's way; JSON has them.
bool worth_a_line(const core::RelationLock& lock) {
  constexpr std::array<std::string_view, 3> ordinary = {"AccessShareLock", "RowShareLock",
                                                        "RowExclusiveLock"};
  return lock.rewritten || std::find(ordinary.begin(), ordinary.end(), lock.mode) == ordinary.end();
}

std::string time_of(std::chrono::duration<double> time) {
  return time.count() < 1 ? fmt::format("{:.0f} ms", time.count() * 1000)
                          : fmt::format("{:.2f} s", time.count());
}

std::string one_line(std::string_view bytes) {
  std::string line = legible(bytes);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

std::string padded(const std::string& text, std::size_t columns) {
  const std::size_t used = columns_of(text);
  return used < columns ? text + std::string(columns - used, ' ') : text;
}

std::string place_of(const core::Where& where) {
  std::string place = one_line(where.file);
  if (where.line) place += fmt::format("{}{}", place.empty() ? "line " : ":", *where.line);
  if (where.line && where.column) place += fmt::format(":{}", *where.column);
  if (where.version) {
    place += fmt::format("{}migration {}", place.empty() ? "" : ", ", *where.version);
  }
  return place;
}

using IdsByReason = std::map<std::string_view, std::vector<std::string>>;

IdsByReason not_applicable(const std::vector<Result>& results) {
  IdsByReason ids;
  for (const Result& result : results) {
    if (result.judgement.verdict == Verdict::not_applicable)
      ids[result.judgement.reason].push_back(one_line(result.id));
  }
  return ids;
}

// One report being written: lines of text within a width.
class Page {
 public:
  explicit Page(const TextOptions& options)
      : colour_(options.colour), width_(static_cast<std::size_t>(std::max(options.width, 60))) {}

  void server(const std::optional<core::ServerFacts>& server);
  void table(const core::Report& report);
  void passed_over(const IdsByReason& ids_by_reason);
  void details(const Result& result);
  void end(const core::Report& report);
  std::string take() { return std::move(text_); }

 private:
  void files(const Result& result);
  void file(const core::FileOutcome& file, std::size_t names);
  void finding(const Finding& finding);
  void story(const Result& result);
  void replays(const std::vector<Result>& results);
  void line(const std::string& text = {}) { text_ += text + "\n"; }

  /// `first` before the first line and as many blanks before the others, all within the width.
  void paragraph(const std::string& first, std::string_view text, std::string_view colour = {});
  std::string painted(const std::string& text, std::string_view colour) const;

  bool colour_;
  std::size_t width_;
  std::string text_;
};

constexpr std::size_t files_max = 24;

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
  const std::size_t indent = columns_of(first);
  const std::vector<std::string> lines = wrapped(legible(text), width_ - std::min(width_, indent));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string margin = i == 0 ? painted(first, colour) : std::string(indent, ' ');
    line(lines[i].empty() ? "" : margin + lines[i]);
  }
}

void Page::server(const std::optional<core::ServerFacts>& server) {
  if (!server) {
    line("server: none was asked");
    return;
  }
  std::string facts = fmt::format("PostgreSQL {}, locale {}", server->version, server->locale);
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
  // What several are not asked for is told once, below.
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
    paragraph(std::string(4, ' '), result.judgement.reason);
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
  const bool is_told = !judgement.findings.empty() || !result.notes.empty() ||
                       !result.files.empty() || !result.story.lines.empty();
  if (!is_told) return;
  line();
  line(painted(one_line(result.id), bold));
  const bool is_violated = judgement.verdict == Verdict::violated;
  if (is_violated && !result.claim.empty()) paragraph("  claim: ", result.claim);
  for (const std::string& note : result.notes) paragraph("  note: ", note);
  files(result);
  for (const Finding& each : judgement.findings) finding(each);
  story(result);
  if (is_violated && !result.why.empty()) paragraph("  why it matters: ", result.why);
}

void Page::story(const Result& result) {
  if (result.story.lines.empty()) return;
  paragraph("  ", result.story.title + ":");
  for (const std::string& each : result.story.lines) line(cut("    " + one_line(each), width_));
}

void Page::files(const Result& result) {
  if (result.files.empty()) return;
  std::size_t names = 4;
  for (const auto& file : result.files) names = std::max(names, columns_of(one_line(file.file)));
  names = std::min(names, width_ - 42);
  line("  " + padded("file", names) + "  " + padded("time", 8) + "  outcome");
  // Of a long history only what is worth a line; JSON has them all.
  const bool all = result.files.size() <= files_max;
  std::size_t fine = 0, not_judged = 0;
  for (const core::FileOutcome& each : result.files) {
    const bool judged = !each.outcome.starts_with("not judged");
    if (all || (judged && (each.outcome != "ok" ||
                           std::any_of(each.locks.begin(), each.locks.end(), worth_a_line)))) {
      file(each, names);
    } else {
      ++(judged ? fine : not_judged);
    }
  }
  if (fine > 0) line(fmt::format("  {} files more: ok, and in nobody's way", fine));
  if (not_judged > 0) line(fmt::format("  {} files more: not judged", not_judged));
}

void Page::file(const core::FileOutcome& file, std::size_t names) {
  const bool judged = !file.outcome.starts_with("not judged");
  line("  " + padded(cut(one_line(file.file), names), names) + "  " +
       padded(judged ? time_of(file.seconds) : "", 8) + "  " +
       cut(one_line(file.outcome), width_ - names - 14));
  for (const core::RelationLock& lock : file.locks) {
    if (!worth_a_line(lock)) continue;
    paragraph("      ",
              fmt::format("{}: {}, for {}{}", lock.relation, words_of(lock.mode),
                          time_of(lock.held), lock.rewritten ? "; the table is rewritten" : ""));
  }
}

void Page::finding(const Finding& finding) {
  const bool warning = finding.severity == Severity::warning;
  const std::string message = legible(finding.message);
  const std::string head =
      fmt::format("{}[{}]: ", warning ? "warning" : "error", one_line(finding.id));
  const std::size_t first = std::min(message.find('\n'), message.size());
  // A long head must not squeeze what follows it into a narrow column.
  std::vector<std::string> lines = wrapped(head + message.substr(0, first), width_ - 2);
  if (lines.front().starts_with(head)) {
    lines.front() = painted(head, warning ? yellow : red) + lines.front().substr(head.size());
  }
  for (std::size_t i = 0; i < lines.size(); ++i) line((i == 0 ? "" : "  ") + lines[i]);
  paragraph("    ", std::string_view(message).substr(std::min(first + 1, message.size())));
  paragraph("  where: ", place_of(finding.where));
  paragraph("  fix:   ", finding.fix);
}

void Page::replays(const std::vector<Result>& results) {
  std::vector<std::string> told;
  for (const Result& result : results) {
    const Verdict verdict = result.judgement.verdict;
    const bool failed = verdict == Verdict::violated || verdict == Verdict::unknown;
    const std::string replay = one_line(result.replay);
    if (!failed || replay.empty() || std::count(told.begin(), told.end(), replay) > 0) continue;
    line("replay: " + replay);  // never broken: it is there to be copied
    told.push_back(replay);
  }
}

void Page::end(const core::Report& report) {
  std::array<std::size_t, 4> counts{};
  for (const Result& result : report.results) {
    ++counts.at(static_cast<std::size_t>(result.judgement.verdict));
  }
  line();
  replays(report.results);
  line(fmt::format("seed: {}", report.seed));
  line(fmt::format("{} judged: {} hold, {} violated, {} unknown; {} not applicable",
                   counts[1] + counts[2] + counts[3], counts[1], counts[3], counts[2], counts[0]));
  const Verdict verdict = report.verdict();
  line("verdict: " + painted(std::string(core::to_string(verdict)), colour_of(verdict)) +
       fmt::format(" (exit {})", report.exit_code()));
}

}  // namespace

std::string text(const core::Report& report, const TextOptions& options) {
  Page page(options);
  page.server(report.server);
  if (!report.results.empty()) page.table(report);
  for (const Result& result : report.results) page.details(result);
  page.end(report);
  return page.take();
}

}  // namespace gauntlet::report
