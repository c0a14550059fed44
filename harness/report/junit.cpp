#include "harness/report/groups.h"
#include "harness/report/legible.h"
#include "harness/report/report.h"

#include <algorithm>
#include <iterator>
#include <map>
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

// The element by which a CI server knows the outcome of a case; none for one that holds.
pugi::xml_node append_outcome(pugi::xml_node test, const core::Judgement& judgement) {
  switch (judgement.verdict) {
    case Verdict::holds:
      return {};
    case Verdict::violated:
      return test.append_child("failure");
    case Verdict::unknown:
    case Verdict::nothing_judged:
      return test.append_child("error");
    case Verdict::not_applicable:
      return test.append_child("skipped");
  }
  return {};
}

/// What a result says beside its findings.
std::string remarks_of(const Result& result) {
  std::string remarks;
  for (const std::string& note : result.notes) remarks += "note: " + note + "\n";
  if (!result.story.lines.empty()) remarks += result.story.title + ":\n";
  for (const std::string& line : result.story.lines) remarks += line + "\n";
  return remarks;
}

std::string replay_of(const Result& result) {
  return result.replay.empty() ? "" : "replay: " + result.replay + "\n";
}

class Suite {
 public:
  Suite(pugi::xml_node node, const SourceOptions& options) : node_(node), options_(options) {}

  void add(const Result& result) {
    const core::Judgement& judgement = result.judgement;
    const bool has_cases = judgement.verdict == Verdict::violated && has_violation(judgement);
    if (has_cases) return add_violations(result);
    pugi::xml_node test = add_case(result, result.id, result.seconds);
    std::string text;
    for (const Finding& finding : judgement.findings) text += text_of(finding);
    if (pugi::xml_node outcome = append_outcome(test, judgement)) {
      attribute(outcome, "message", judgement.reason);
      attribute(outcome, "type", core::to_string(judgement.verdict));
      append_text(outcome, judgement.reason + "\n" + text + replay_of(result));
      text.clear();
    }
    append_output(test, remarks_of(result) + text);
  }

  std::size_t count(const char* outcome) const {
    std::size_t number = 0;
    for (const pugi::xml_node test : node_.children("testcase"))
      number += test.child(outcome) ? 1U : 0U;
    return number;
  }

  std::size_t cases() const {
    const auto tests = node_.children("testcase");
    return static_cast<std::size_t>(std::distance(tests.begin(), tests.end()));
  }

 private:
  static bool has_violation(const core::Judgement& judgement) {
    return std::ranges::any_of(judgement.findings, [](const Finding& finding) {
      return finding.severity == Severity::violation;
    });
  }

  pugi::xml_node add_case(const Result& result, const std::string& name,
                          std::chrono::duration<double> time) {
    pugi::xml_node test = node_.append_child("testcase");
    attribute(test, "classname", result.subject);
    attribute(test, "name", unique(name));
    attribute(test, "time", seconds_of(time));
    return test;
  }

  /// The first carries the time and the remarks of the whole.
  void add_violations(const Result& result) {
    std::string warnings;
    for (const Finding& finding : result.judgement.findings)
      if (finding.severity == Severity::warning) warnings += text_of(finding);
    bool is_first = true;
    for (const Finding& finding : result.judgement.findings) {
      if (finding.severity == Severity::warning) continue;
      const std::string place = finding.where.file.empty() ? "" : " " + place_of(finding.where);
      pugi::xml_node test = add_case(result, fmt::format("{} {}{}", result.id, finding.id, place),
                                     is_first ? result.seconds : result.seconds.zero());
      if (!finding.where.file.empty()) {
        attribute(test, "file",
                  options_.path_of ? options_.path_of(finding.where.file) : finding.where.file);
        attribute(test, "line", std::to_string(finding.where.line.value_or(1)));
      }
      pugi::xml_node failure = test.append_child("failure");
      attribute(failure, "message", finding.message);
      attribute(failure, "type", finding.id);
      append_text(failure, text_of(finding) + replay_of(result));
      if (is_first) append_output(test, remarks_of(result) + warnings);
      is_first = false;
    }
  }

  static void append_output(pugi::xml_node test, const std::string& text) {
    if (!text.empty()) append_text(test.append_child("system-out"), text);
  }

  /// Readers take cases of one class and name for one case.
  std::string unique(const std::string& name) {
    const int number = ++names_[name];
    return number == 1 ? name : fmt::format("{} ({})", name, number);
  }

  pugi::xml_node node_;
  const SourceOptions& options_;
  std::map<std::string, int> names_ = {};
};

void append_property(pugi::xml_node properties, const char* name, std::string_view value) {
  pugi::xml_node property = properties.append_child("property");
  attribute(property, "name", name);
  attribute(property, "value", value);
}

}  // namespace

std::string junit(const core::Report& report, const SourceOptions& options) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  attribute(declaration, "version", "1.0");
  attribute(declaration, "encoding", "UTF-8");
  pugi::xml_node node = document.append_child("testsuites").append_child("testsuite");
  attribute(node, "name", "gauntlet");
  pugi::xml_node properties = node.append_child("properties");
  append_property(properties, "verdict", core::to_string(report.verdict()));
  append_property(properties, "seed", std::to_string(report.seed));
  if (report.server) {
    append_property(properties, "server", report.server->version);
    append_property(properties, "locale", report.server->locale);
  }
  Suite suite(node, options);
  std::chrono::duration<double> time{0};
  for (const Result& result : report.results) {
    suite.add(result);
    time += result.seconds;
  }
  // A suite without an error is green to a CI server, also one in which nothing could be judged.
  if (suite.count("skipped") == suite.cases()) {
    suite.add(
        {.id = "verdict", .subject = "gauntlet", .judgement = core::unknown("nothing was judged")});
  }
  attribute(node, "tests", std::to_string(suite.cases()));
  attribute(node, "failures", std::to_string(suite.count("failure")));
  attribute(node, "errors", std::to_string(suite.count("error")));
  attribute(node, "skipped", std::to_string(suite.count("skipped")));
  attribute(node, "time", seconds_of(time));
  std::ostringstream out;
  document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
  return out.str();
}

}  // namespace gauntlet::report
