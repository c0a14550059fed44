// What CI servers read: each format is checked by the rules of its reader.
#include "harness/report/groups.h"
#include "harness/report/report.h"
#include "harness/report/sample_reports.h"

#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>

namespace gauntlet::report {
namespace {

using CiJson = nlohmann::json;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::SizeIs;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// `count` findings of one cause in as many files.
core::Report one_cause(int count) {
  core::Result result{.id = "check/lint", .subject = "m"};
  std::vector<core::Finding> findings;
  for (int i = 1; i <= count; ++i) {
    const std::string file = fmt::format("{:03}_some_name.sql", i);
    findings.push_back({.id = "unrecognized-file",
                        .message = fmt::format("`{}` resembles a migration", file),
                        .where = {.file = "m/" + file, .line = i, .version = i},
                        .fix = "rename it"});
  }
  result.judgement = core::judged(std::move(findings));
  return {.results = {result}};
}

std::vector<core::Report> samples() {
  return {all_hold(),  much_is_wrong(), a_scenario_fails(),
          any_bytes(), nothing_ran(),   one_cause(3)};
}

TEST(GroupsOf, PutsFindingsOfOneCauseTogetherAndKeepsOthersApart) {
  std::vector<core::Finding> findings = one_cause(3).results.front().judgement.findings;
  findings.push_back(
      {.id = "unrecognized-file", .message = "`x` is a link", .where = {.file = "x"}});
  findings.push_back({.id = "other", .message = findings[0].message, .where = findings[0].where});
  findings.push_back(findings[0]);
  findings.back().severity = core::Severity::warning;

  const std::vector<Group> groups = groups_of(findings);

  ASSERT_THAT(groups, SizeIs(4));
  EXPECT_THAT(groups[0].findings, SizeIs(3));
  EXPECT_EQ(places_of(groups[0]),
            "m/001_some_name.sql:1, migration 1 and 2 more: 002_some_name.sql:2, "
            "003_some_name.sql:3");
}

TEST(Text, StaysShortWhereOneCauseHasManyFindings) {
  const core::Report report = one_cause(200);
  EXPECT_THAT(lines_of(text(report, {.width = 0})), SizeIs(testing::Lt(20U)));
  EXPECT_THAT(text(report), testing::HasSubstr("(and 199 more alike)"));
  const std::string all = text(report, {.width = 0, .all = true});
  EXPECT_THAT(all, testing::HasSubstr("m/137_some_name.sql:137"));
  EXPECT_THAT(lines_of(all), SizeIs(testing::Gt(600U)));
  EXPECT_THAT(CiJson::parse(json(report))["results"][0]["findings"], SizeIs(200));
}

TEST(Text, StaysUnderSixtyLinesWhateverTheTwoHundredFindingsAre) {
  core::Report report = one_cause(0);
  std::vector<core::Finding> findings;
  for (int i = 0; i < 200; ++i)
    findings.push_back({.id = fmt::format("finding-{}", static_cast<char>('a' + i % 20)),
                        .message = std::string("cause ") + static_cast<char>('a' + i % 20),
                        .where = {.file = fmt::format("m/{}.sql", i)},
                        .fix = "correct it"});
  report.results[0].judgement = core::judged(std::move(findings));
  for (int i = 0; i < 100; ++i) report.results[0].notes.push_back("a note");
  EXPECT_THAT(lines_of(text(report)), SizeIs(testing::Lt(60U)));
  EXPECT_THAT(text(report), testing::HasSubstr("--all"));
}

TEST(Text, IsNotWrappedWithoutAWidth) {
  const std::string whole = text(much_is_wrong(), {.width = 0});
  EXPECT_THAT(whole,
              testing::HasSubstr("use --database ephemeral, which starts a server of its own\n"));
  EXPECT_THAT(whole, testing::HasSubstr("node_modules/.bin/some-tool --config a.json --dir "
                                        "{migrations} migrate up all\n"));
}

// One command a line: `::NAME PROPERTY=VALUE,…::VALUE`, in which CR, LF and `%` stand escaped.
TEST(GitHub, HasOneWellFormedCommandALine) {
  const std::regex command(
      R"(::(error|warning) ((file=[^:,\n]+,line=[1-9]\d*,(col=[1-9]\d*,)?)?title=[^:,\n]+)::(%(25|0A)|[^%\n\r])+)");
  for (const core::Report& report : samples()) {
    for (const std::string& line : lines_of(github(report)))
      EXPECT_TRUE(std::regex_match(line, command)) << line;
  }
  const std::string wrong = github(much_is_wrong());
  EXPECT_THAT(wrong, testing::StartsWith(
                         "::error file=migrations/orders/0004_totals.up.sql,line=12,col=8,title="
                         "check/dry-run%3A statement-fails::column \"totl\" does not exist%0Afix: "
                         "correct the statement\n"));
  EXPECT_THAT(wrong, testing::HasSubstr("::error title=check/boot%3A unknown::"));
  EXPECT_THAT(github(all_hold()), testing::StartsWith("::warning file="));
  EXPECT_EQ(github({.results = {{.id = "check/lint"}}}), "");
}

TEST(GitHub, NamesFilesAsTheRepositoryDoes) {
  const SourceOptions options{
      .path_of = [](std::string_view) { return std::string("db/a,b.sql"); }};
  EXPECT_THAT(github(much_is_wrong(), options), testing::HasSubstr("file=db/a%2Cb.sql,line=12"));
}

void expect_sarif_location(const CiJson& location) {
  const CiJson& physical = location.at("physicalLocation");
  const std::string uri = physical.at("artifactLocation").at("uri");
  EXPECT_TRUE(std::regex_match(uri, std::regex("[A-Za-z0-9._~/-]([A-Za-z0-9._~/-]|%[0-9A-F]{2})*")))
      << uri;
  EXPECT_GE(physical.at("region").at("startLine").get<int>(), 1);
  EXPECT_GE(physical.at("region").value("startColumn", 1), 1);
}

// Sections 3.13 (log), 3.14 (run), 3.19 (rules), 3.27 (result) of the standard.
TEST(Sarif, HoldsWhatTheStandardAndCodeScanningRequire) {
  for (const core::Report& report : samples()) {
    const CiJson log = CiJson::parse(sarif(report));
    EXPECT_EQ(log.at("version"), "2.1.0");
    ASSERT_THAT(log.at("runs"), SizeIs(1));
    const CiJson& run = log.at("runs")[0];
    EXPECT_EQ(run.at("tool").at("driver").at("name"), "gauntlet");
    const CiJson& rules = run.at("tool").at("driver").at("rules");
    std::set<std::string> ids;
    for (const CiJson& rule : rules) EXPECT_TRUE(ids.insert(rule.at("id")).second);
    for (const CiJson& result : run.at("results")) {
      EXPECT_EQ(rules.at(result.at("ruleIndex").get<std::size_t>()).at("id"), result.at("ruleId"));
      EXPECT_THAT((std::set<std::string>{"error", "warning"}),
                  testing::Contains(result.at("level")));
      EXPECT_FALSE(result.at("message").at("text").get<std::string>().empty());
      ASSERT_THAT(result.at("locations"), SizeIs(1));
      expect_sarif_location(result.at("locations")[0]);
    }
    const bool is_decided = report.verdict() != core::Verdict::unknown &&
                            std::ranges::none_of(report.results, [](const core::Result& result) {
                              return result.judgement.verdict == core::Verdict::unknown;
                            });
    EXPECT_EQ(run.at("invocations")[0].at("executionSuccessful"), is_decided);
  }
}

TEST(Sarif, EncodesAPathAsAUri) {
  const SourceOptions options{.path_of = [](std::string_view) { return std::string("a b/ü.sql"); }};
  EXPECT_THAT(sarif(much_is_wrong(), options), testing::HasSubstr("\"a%20b/%C3%BC.sql\""));
}

TEST(GitLab, HoldsWhatCodeQualityRequires) {
  const std::set<std::string> severities = {"info", "minor", "major", "critical", "blocker"};
  for (const core::Report& report : samples()) {
    const CiJson issues = CiJson::parse(gitlab(report));
    ASSERT_TRUE(issues.is_array());
    std::set<std::string> fingerprints;
    for (const CiJson& issue : issues) {
      EXPECT_FALSE(issue.at("description").get<std::string>().empty());
      EXPECT_FALSE(issue.at("check_name").get<std::string>().empty());
      EXPECT_THAT(severities, testing::Contains(issue.at("severity")));
      EXPECT_FALSE(issue.at("location").at("path").get<std::string>().empty());
      EXPECT_GE(issue.at("location").at("lines").at("begin").get<int>(), 1);
      EXPECT_TRUE(fingerprints.insert(issue.at("fingerprint")).second) << issue;
    }
  }
  EXPECT_EQ(gitlab(much_is_wrong()), gitlab(much_is_wrong())) << "fingerprints last";
  EXPECT_EQ(CiJson::parse(gitlab({.results = {{.id = "check/lint"}}})), CiJson::array());
}

TEST(JUnit, HasOneCaseAFindingWithItsPlaceAndReasonInTheBody) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(junit(one_cause(3)).c_str()));
  const auto tests = document.select_nodes("//testcase");
  ASSERT_EQ(tests.size(), 3U);
  std::set<std::string> names;
  for (const auto& each : tests) {
    const pugi::xml_node test = each.node();
    EXPECT_TRUE(names.insert(test.attribute("name").value()).second);
    EXPECT_THAT(test.attribute("file").value(), testing::StartsWith("m/"));
    EXPECT_GE(test.attribute("line").as_int(), 1);
    EXPECT_THAT(test.child("failure").text().get(),
                AllOf(testing::HasSubstr("resembles a migration"), testing::HasSubstr("fix:")));
  }
  ASSERT_TRUE(document.load_string(junit(much_is_wrong()).c_str()));
  EXPECT_THAT(document.select_node("//error").node().text().get(),
              testing::HasSubstr("the role app may not create databases"));
}

TEST(Markdown, KeepsTableRowsAndFencesWhole) {
  for (const core::Report& report : samples()) {
    const std::string page = markdown(report);
    std::size_t fences = 0;
    for (const std::string& line : lines_of(page)) {
      if (line.starts_with("```")) ++fences;
      if (!line.starts_with("|")) continue;
      std::size_t cells = 0;
      for (std::size_t at = 1; at < line.size(); ++at)
        if (line[at] == '|' && line[at - 1] != '\\') ++cells;
      EXPECT_EQ(cells, 4U) << line;
    }
    EXPECT_EQ(fences % 2, 0U);
  }
}

TEST(Markdown, LetsNoMessageBecomeMarkup) {
  core::Report report = one_cause(1);
  report.results[0].judgement.findings[0].message = "<script> [x](y) `z` | *w* @team";
  EXPECT_THAT(markdown(report),
              testing::HasSubstr("\\<script\\> \\[x\\](y) \\`z\\` \\| \\*w\\* \\@team"));
}

TEST(Html, IsWellFormedAndLetsNoMessageBecomeMarkup) {
  for (core::Report report : samples()) {
    if (!report.results.empty()) report.results[0].judgement.reason = "<script>alert(1)</script>";
    pugi::xml_document document;
    const std::string page = html(report);
    const pugi::xml_parse_result parsed =
        document.load_string(page.c_str(), pugi::parse_default | pugi::parse_doctype);
    EXPECT_TRUE(parsed) << parsed.description() << " at " << parsed.offset;
    EXPECT_FALSE(document.select_node("//script"));
    EXPECT_TRUE(document.select_node("//h1/span"));
  }
}

/// Escapes, a bell, C1, and an override of the direction, in every place where others' text stands.
core::Report hostile() {
  const std::string text =
      "a\x1b[2J\x07z\xC2\x9B"
      "31m \xE2\x80\xAE"
      "evil";
  core::Report report = a_scenario_fails();
  report.server = core::ServerFacts{.version = text, .locale = text, .settings = {{text, text}}};
  for (core::Result& result : report.results) {
    result.id += text;
    result.subject = result.claim = result.why = result.replay = text;
    result.notes = {text};
    result.files = {{.file = text,
                     .what = core::FileOutcome::What::not_judged,
                     .why = text,
                     .locks = {{.relation = text, .mode = text}}}};
    result.story = {.title = text, .lines = {text}};
    result.judgement = {
        .verdict = core::Verdict::violated,
        .reason = text,
        .findings = {{.id = text, .message = text, .where = {.file = text}, .fix = text}}};
  }
  return report;
}

TEST(EveryFormat, ShowsNothingThatSteersATerminalOrAPage) {
  const core::Report report = hostile();
  for (const std::string& shown : {text(report), text(report, {.width = 0, .all = true}),
                                   github(report), junit(report), markdown(report), html(report)}) {
    for (const char* raw : {"\x1b", "\x07", "\xC2\x9B", "\xE2\x80\xAE"})
      EXPECT_EQ(shown.find(raw), std::string::npos) << shown;
  }
}

}  // namespace
}  // namespace gauntlet::report
