#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <pugixml.hpp>

namespace gauntlet::report {

namespace {

using core::Finding;
using core::Result;
using core::Severity;
using core::Verdict;

void attribute(pugi::xml_node node, const char* name, std::string_view value) {
  node.append_attribute(name).set_value(legible(value).c_str());
}

void append_text(pugi::xml_node node, std::string_view text) {
  node.append_child(pugi::node_pcdata).set_value(legible(text).c_str());
}

std::string seconds_of(std::chrono::duration<double> time) {
  return fmt::format("{:.3f}", time.count());
}

std::string text_of(const Finding& finding) {
  std::string text =
      fmt::format("{}[{}]: {}\n", finding.severity == Severity::warning ? "warning" : "error",
                  finding.id, finding.message);
  if (!finding.where.file.empty()) {
    text += "  where: " + finding.where.file;
    if (finding.where.line) text += fmt::format(":{}", *finding.where.line);
    if (finding.where.column) text += fmt::format(":{}", *finding.where.column);
    text += "\n";
  }
  if (!finding.fix.empty()) text += fmt::format("  fix:   {}\n", finding.fix);
  return text;
}

const Finding* first_violation(const core::Judgement& judgement) {
  for (const Finding& finding : judgement.findings) {
    if (finding.severity == Severity::violation) return &finding;
  }
  return nullptr;
}

// The element that tells a CI server what became of a case; none for one that holds.
pugi::xml_node append_outcome(pugi::xml_node test, const core::Judgement& judgement) {
  switch (judgement.verdict) {
    case Verdict::holds:
      return {};
    case Verdict::violated:
      return test.append_child("failure");
    case Verdict::unknown:
      return test.append_child("error");
    case Verdict::not_applicable:
      return test.append_child("skipped");
  }
  return {};
}

void append_case(pugi::xml_node suite, const Result& result) {
  const core::Judgement& judgement = result.judgement;
  pugi::xml_node test = suite.append_child("testcase");
  attribute(test, "classname", result.subject);
  attribute(test, "name", result.id);
  attribute(test, "time", seconds_of(result.seconds));

  std::string told;
  for (const std::string& note : result.notes) told += "note: " + note + "\n";
  if (!result.story.lines.empty()) told += result.story.title + ":\n";
  for (const std::string& line : result.story.lines) told += line + "\n";
  std::string findings;
  for (const Finding& finding : judgement.findings) findings += text_of(finding);
  if (pugi::xml_node outcome = append_outcome(test, judgement)) {
    const Finding* first = first_violation(judgement);
    const bool accused = judgement.verdict == Verdict::violated && first != nullptr;
    attribute(outcome, "message", accused ? first->message : judgement.reason);
    attribute(outcome, "type", accused ? first->id : core::to_string(judgement.verdict));
    if (!result.replay.empty()) findings += "replay: " + result.replay + "\n";
    if (!findings.empty()) append_text(outcome, findings);
  } else {
    told += findings;
  }
  if (!told.empty()) append_text(test.append_child("system-out"), told);
}

void append_property(pugi::xml_node properties, const char* name, std::string_view value) {
  pugi::xml_node property = properties.append_child("property");
  attribute(property, "name", name);
  attribute(property, "value", value);
}

std::size_t count(const core::Report& report, Verdict verdict) {
  std::size_t number = 0;
  for (const Result& result : report.results) number += result.judgement.verdict == verdict ? 1 : 0;
  return number;
}

}  // namespace

std::string junit(const core::Report& report) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  attribute(declaration, "version", "1.0");
  attribute(declaration, "encoding", "UTF-8");
  pugi::xml_node suite = document.append_child("testsuites").append_child("testsuite");

  // A suite without an error is green to a CI server, also one in which nothing could be judged.
  const bool nothing_judged = count(report, Verdict::not_applicable) == report.results.size();
  std::chrono::duration<double> time{0};
  for (const Result& result : report.results) time += result.seconds;
  attribute(suite, "name", "gauntlet");
  attribute(suite, "tests", std::to_string(report.results.size() + (nothing_judged ? 1 : 0)));
  attribute(suite, "failures", std::to_string(count(report, Verdict::violated)));
  attribute(suite, "errors",
            std::to_string(count(report, Verdict::unknown) + (nothing_judged ? 1 : 0)));
  attribute(suite, "skipped", std::to_string(count(report, Verdict::not_applicable)));
  attribute(suite, "time", seconds_of(time));

  pugi::xml_node properties = suite.append_child("properties");
  append_property(properties, "verdict", core::to_string(report.verdict()));
  append_property(properties, "seed", std::to_string(report.seed));
  if (report.server) {
    append_property(properties, "server", report.server->version);
    append_property(properties, "locale", report.server->locale);
  }
  for (const Result& result : report.results) append_case(suite, result);
  if (nothing_judged) {
    append_case(
        suite,
        {.id = "verdict", .subject = "gauntlet", .judgement = core::unknown("nothing was judged")});
  }
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace gauntlet::report
