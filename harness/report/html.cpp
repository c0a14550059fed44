#include "harness/report/file_lines.h"
#include "harness/report/groups.h"
#include "harness/report/html_text.h"
#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <string_view>

#include <fmt/format.h>

// Well-formed XML as well as HTML: every element is closed, and tests read it by an XML parser.
namespace gauntlet::report {

namespace {

constexpr std::string_view page_head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width"/>
<title>Gauntlet</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #ccc; padding: .3em .6em; text-align: left; vertical-align: top; }
pre { background: #f4f4f4; overflow-x: auto; padding: .7em; }
.holds { color: #176b2c; } .violated, .error { color: #b00020; } .unknown, .warning { color: #8a5a00; }
@media (prefers-color-scheme: dark) {
  body { background: #151515; color: #ddd; } pre { background: #222; }
  .holds { color: #6fd08c; } .violated, .error { color: #ff8a8a; } .unknown, .warning { color: #ffc966; }
}
</style>
</head>
<body>
)";

std::string element(std::string_view tag, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>", tag, html_text(text));
}

std::string pre_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += html_text(line) + "\n";
  return fmt::format("<pre>{}</pre>\n", text);
}

std::string html_row(const core::Result& result) {
  const std::string_view verdict = core::to_string(result.judgement.verdict);
  return fmt::format("<tr>{}<td class=\"{}\">{}</td>{}{}{}</tr>\n", element("td", result.id),
                     verdict, verdict, element("td", time_of(result.seconds)),
                     element("td", result.subject), element("td", result.judgement.reason));
}

std::string html_finding(const Group& group) {
  const core::Finding& finding = group.first();
  const std::string_view severity = group.is_violation() ? "error" : "warning";
  const std::string count =
      group.findings.size() > 1 ? fmt::format(" ({} times)", group.findings.size()) : "";
  std::string item =
      fmt::format("<li><strong class=\"{}\">{}[{}]</strong>{}: {}", severity, severity,
                  html_text(finding.id), count, html_text(finding.message));
  if (const std::string places = places_of(group); !places.empty())
    item += "<br/>where: " + html_text(places);
  if (!finding.fix.empty()) item += "<br/>fix: " + html_text(finding.fix);
  return item + "</li>\n";
}

std::string html_section(const core::Result& result) {
  constexpr std::size_t wide = 160;
  constexpr std::size_t files_on_a_page = 400;
  std::string section;
  for (const std::string& note : result.notes) section += element("p", "note: " + note) + "\n";
  if (!result.files.empty()) section += pre_of(file_lines(result.files, wide, files_on_a_page));
  std::string findings;
  for (const Group& group : groups_of(result.judgement.findings)) findings += html_finding(group);
  if (!findings.empty()) section += fmt::format("<ul>\n{}</ul>\n", findings);
  if (!result.story.lines.empty())
    section += element("p", result.story.title + ":") + "\n" + pre_of(result.story.lines);
  const bool is_fine = result.judgement.verdict == core::Verdict::holds;
  if (!is_fine && !result.why.empty())
    section += element("p", "why it matters: " + result.why) + "\n";
  if (!is_fine && !result.replay.empty()) section += pre_of({result.replay});
  return section.empty() ? "" : element("h2", result.id) + "\n" + section;
}

}  // namespace

std::string html(const core::Report& report) {
  const std::string_view verdict = core::to_string(report.verdict());
  std::string page(page_head);
  page += fmt::format("<h1>Gauntlet: <span class=\"{}\">{}</span></h1>\n", verdict, verdict);
  if (report.server)
    page += element("p", fmt::format("server: {}, locale {}", core::server_name(*report.server),
                                     report.server->locale)) +
            "\n";
  if (report.results.empty()) page += "<p>Nothing was judged.</p>\n";
  page += fmt::format(
      "<table>\n<tr>{}<th>verdict</th><th>time</th><th>subject</th><th>reason</th>"
      "</tr>\n",
      element("th", report.kind));
  for (const core::Result& result : report.results) page += html_row(result);
  page += "</table>\n";
  for (const core::Result& result : report.results) page += html_section(result);
  page += element("p", fmt::format("seed: {}; exit {}", report.seed, report.exit_code()));
  return page + "\n</body>\n</html>\n";
}

}  // namespace gauntlet::report
