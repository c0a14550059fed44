#include "harness/fleet/fleet.h"
#include "runner/values/error.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace gauntlet::fleet {
namespace {

using ::testing::HasSubstr;

arena::Address somewhere() {
  return arena::Address(std::map<std::string, std::string>{{"host", "127.0.0.1"},
                                                           {"port", "5433"},
                                                           {"user", "me"},
                                                           {"password", "s3cr:t@"},
                                                           {"dbname", "ours"}});
}

std::string fix_of(const std::string& word) {
  try {
    return expand(word, {{"url", "x"}, {"work", "y"}});
  } catch (const runner::Error& error) {
    return error.code() + ": " + error.fix();
  }
}

TEST(Expand, ReplacesEveryPlaceholderOfAWord) {
  EXPECT_EQ(expand("--dsn={url}&dir={work}/{url}", {{"url", "U"}, {"work", "W"}}),
            "--dsn=U&dir=W/U");
}

TEST(Expand, LeavesBracesThatHoldNoLowerCaseNameAlone) {
  EXPECT_EQ(expand("{ print $1 } {} {A} ${HOME} {", {}), "{ print $1 } {} {A} ${HOME} {");
}

TEST(Expand, LeavesAShellsOwnVariableAlone) {
  EXPECT_EQ(expand("${url}", {{"url", "U"}}), "${url}");
}

TEST(Expand, TakesDoubledBracesAsText) { EXPECT_EQ(expand("{{url}}", {{"url", "U"}}), "{url}"); }

TEST(Expand, NamesThePlaceholdersThatThereAreWhenItMeetsAnotherOne) {
  EXPECT_EQ(fix_of("{uri}"),
            "unknown-placeholder: use one of {url} {work}, or write {{uri}} for the text itself");
}

TEST(CommandSubject, RefusesAnUnknownPlaceholderBeforeAnythingRuns) {
  EXPECT_THROW(command_subject("tool --db {dsn}", {0}), runner::Error);
}

TEST(CommandSubject, RefusesAnEmptyCommand) {
  EXPECT_THROW(command_subject("  ", {0}), runner::Error);
}

TEST(CommandSubject, RunsWhereWeWereStarted) {
  EXPECT_EQ(command_subject("tool up", {0}).directory, std::filesystem::current_path());
}

TEST(ReferenceSubject, IsTheProgramBesideThisOne) {
  const Subject subject = reference_subject("whole-file", "5000ms");
  EXPECT_EQ(access(subject.command.front().c_str(), X_OK), 0) << subject.command.front();
}

TEST(CommandOf, LeadsToTheGivenDatabaseAlone) {
  const Subject subject{
      .name = "tool",
      .command = {"tool", "{database}"},
      .environment = {{"DATABASE_URL", "postgresql://elsewhere/prod"}, {"MINE", "1"}}};
  const auto command =
      command_of(subject, somewhere(), placeholder_values(somewhere(), "/m", "/w"));
  EXPECT_EQ(command.environment.at("DATABASE_URL"), somewhere().url());
  EXPECT_EQ(command.environment.at("MINE"), "1");
  EXPECT_EQ(command.argv.back(), "ours");
}

TEST(CommandOf, TakesAwayTheVariablesThatWinOverOurs) {
  setenv("PGSERVICE", "production", 1);
  const Subject subject{.name = "tool", .command = {"tool"}};
  const auto command =
      command_of(subject, somewhere(), placeholder_values(somewhere(), "/m", "/w"));
  unsetenv("PGSERVICE");
  EXPECT_EQ(command.argv, (std::vector<std::string>{"env", "-u", "PGSERVICE", "tool"}));
}

TEST(CommandOf, RunsASubjectWithoutAFolderOfItsOwnInItsWorkFolder) {
  const auto values = placeholder_values(somewhere(), "/m", "/w");
  EXPECT_EQ(command_of({.name = "tool", .command = {"tool"}}, somewhere(), values).directory, "/w");
}

TEST(WithoutPassword, HidesItPlainAndAsAUrlSpellsIt) {
  const std::string text = "dialing " + somewhere().url() + " with s3cr:t@";
  const std::string shown = without_password(text, somewhere());
  EXPECT_THAT(shown, ::testing::Not(HasSubstr("s3cr")));
  EXPECT_THAT(shown, HasSubstr("with ***"));
}

TEST(WithoutPassword, LeavesTextAloneWhenThereIsNone) {
  EXPECT_EQ(without_password("all of it",
                             arena::Address(std::map<std::string, std::string>{{"host", "/run"}})),
            "all of it");
}

TEST(WorkFolder, IsGoneWithAllThatIsInIt) {
  std::filesystem::path path;
  {
    const WorkFolder folder;
    path = folder.path();
    std::ofstream(path / "left.txt") << "by a program";
    ASSERT_TRUE(std::filesystem::exists(path / "left.txt"));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace gauntlet::fleet
