// What gauntlet prints and files, whatever it is given: no part of a password, and nothing that
// steers a terminal.
#include "harness/cli/program.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string contents_if_there(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Secret {
  std::string database;
  std::map<std::string, std::string> environment = {};
};

class EveryCommand : public testing::TestWithParam<Secret> {};

TEST_P(EveryCommand, PrintsNoPartOfThePasswordOfItsDatabase) {
  const TestFolder folder;
  folder.write("m/1_a.up.sql", "SELECT 1");
  const std::vector<std::vector<std::string>> commands = {
      {"verify", "--migrations", folder.file("m"), "--junit", folder.file("j.xml")},
      {"verify", "--migrations", folder.file("m"), "--json"},
      {"test", "order/skip-hole", "--junit", folder.file("j.xml"), "--timeout", "5s"},
      {"mutants", "high-water-mark", "--scenario", "order/skip-hole", "--timeout", "5s"},
      {"trace", "--json"},
      {"bench", "--rounds", "1", "--replicas", "1", "--json", folder.file("b.json")},
      {"clean"},
      {"clean", "--databse"}};
  for (std::vector<std::string> words : commands) {
    words.insert(words.end(), {"--database", GetParam().database});
    SCOPED_TRACE(fmt::format("{}", words.front()));
    const auto run = gauntlet(words, GetParam().environment);
    EXPECT_NE(run.exit.code, 0);
    const std::string shown = run.out + run.err + contents_if_there(folder.file("j.xml")) +
                              contents_if_there(folder.file("b.json"));
    EXPECT_THAT(shown, Not(HasSubstr("S3cr3t")));
    EXPECT_THAT(shown, Not(HasSubstr("Tail")));
  }
}

// Nothing listens at port 1. The password is `S3cr3t`, a character that a URL must encode, `Tail`.
INSTANTIATE_TEST_SUITE_P(
    Forms, EveryCommand,
    testing::Values(Secret{"postgresql://u:S3cr3t/Tail@127.0.0.1:1/db"},
                    Secret{"postgresql://u:S3cr3t@Tail@127.0.0.1:1/db"},
                    Secret{"postgresql://u:S3cr3t?Tail@127.0.0.1:1/db"},
                    Secret{"postgresql://u:S3cr3t%Tail@127.0.0.1:1/db"},
                    Secret{"postgresql://u:S3cr3t%2FTail@127.0.0.1:1/db"},
                    Secret{"postgresql://127.0.0.1:1/db?user=u&password=S3cr3tTail"},
                    Secret{"host=127.0.0.1 port=1 user=u password=S3cr3t Tail"},
                    Secret{"host=127.0.0.1 port=1 user=u password='S3cr3t Tail'"},
                    Secret{"host=127.0.0.1 port=1 user=u", {{"PGPASSWORD", "S3cr3tTail"}}}));

/// A name, a statement and an error of a migration, each with an escape, a bell, a C1 character and
/// an override of the direction of text.
const std::string steering =
    "\x1b[31mX\x07\xC2\x9B"
    "1mY\xE2\x80\xAEZ";

void expect_harmless(const std::string& shown) {
  EXPECT_THAT(shown, HasSubstr("Z")) << "the text itself is shown";
  for (const char* raw : {"\x1b", "\x07", "\xC2\x9B", "\xE2\x80\xAE"})
    EXPECT_EQ(shown.find(raw), std::string::npos) << shown;
}

TEST(SteeringText, OfAMigrationReachesNoOutputRaw) {
  const TestFolder folder;
  folder.write("m/1_a" + steering + ".up.sql",
               "DO $$ BEGIN RAISE EXCEPTION '" + steering + "'; END $$");
  const std::string m = folder.file("m");
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"verify", "--migrations", m, "--database", "ephemeral", "--checks", "lint,dry-run"},
           {"verify", "--migrations", m, "--database", "ephemeral", "--checks", "dry-run",
            "--json"},
           {"test", "concurrency/pending", "--migrations", m},
           {"trace", "--migrations", m, "--html", folder.file("t.html")},
           {"trace", "--migrations", m, "--json"}}) {
    SCOPED_TRACE(fmt::format("{}", words.front()));
    const auto run = gauntlet(words);
    expect_harmless(run.out + run.err);
  }
  expect_harmless(contents_if_there(folder.file("t.html")));
}

TEST(SteeringText, InAWordOfTheCommandLineIsNotPrintedRaw) {
  expect_harmless(gauntlet({"verify", "--migrations", "Z", "--checks", steering}).err);
}

TEST(OneCause, OfTwoHundredFilesIsOneLineOfTextAndWholeInJson) {
  const TestFolder folder;
  for (int i = 1; i <= 200; ++i)
    folder.write(fmt::format("m/{:03}_table.up.sql", i), "BEGIN; CREATE TABLE t (id int);\n");
  const std::vector<std::string> words = {"verify", "--migrations", folder.file("m"), "--checks",
                                          "lint",   "--format",     "gauntlet"};
  const auto text = gauntlet(words);
  EXPECT_EQ(text.exit.code, 1);
  EXPECT_LT(std::ranges::count(text.out, '\n'), 60) << text.out;
  EXPECT_THAT(text.out, HasSubstr("and 199 more"));
  std::vector<std::string> as_json = words;
  as_json.insert(as_json.end(), {"--output", "json"});
  const auto json = nlohmann::json::parse(gauntlet(as_json).out);
  std::set<std::string> files;
  for (const auto& finding : json.at("results").at(0).at("findings"))
    files.insert(finding.at("where").at("file").get<std::string>());
  EXPECT_EQ(files.size(), 200U);
}

TEST(OneCause, OfALayoutThatIsNotNamedIsOneFinding) {
  const TestFolder folder;
  for (int i = 1; i <= 200; ++i)
    folder.write(fmt::format("m/{:03}_table_{}.sql", i, i), "CREATE TABLE t (id int);\n");
  const auto run = gauntlet({"verify", "--migrations", folder.file("m"), "--checks", "lint",
                             "--format", "gauntlet", "--output", "json"});
  const auto findings = nlohmann::json::parse(run.out).at("results").at(0).at("findings");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.at(0).at("id"), "unknown-layout");
}

TEST(GitHubActions, GetsAnnotationsAndASummaryByItself) {
  const TestFolder folder;
  folder.write("m/1_a.up.sql", "SELECT 1;\nVACUUM;\n");
  const std::string summary = folder.write("summary.md", "before\n");
  const auto run = gauntlet({"verify", "--migrations", folder.file("m"), "--checks", "lint"},
                            {{"GITHUB_ACTIONS", "true"}, {"GITHUB_STEP_SUMMARY", summary}});
  EXPECT_EQ(run.exit.code, 1);
  EXPECT_THAT(run.out, HasSubstr("\n::error file="));
  EXPECT_THAT(run.out, HasSubstr("needs-no-transaction"));
  EXPECT_THAT(contents_if_there(summary),
              testing::AllOf(testing::StartsWith("before\n"), HasSubstr("## Gauntlet: violated")));
}

}  // namespace
}  // namespace gauntlet::cli
