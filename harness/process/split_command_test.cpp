#include "harness/process/process.h"
#include "harness/process/quoted_word.h"
#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::process {
namespace {

using testing::ElementsAre;

TEST(SplitCommand, SplitsAtWhiteSpace) {
  EXPECT_THAT(split_command("  migrate -path\tdir  up\n"),
              ElementsAre("migrate", "-path", "dir", "up"));
}

TEST(SplitCommand, KeepsWhatQuotesAndBackslashesHoldTogether) {
  EXPECT_THAT(split_command(R"(a 'b c' "d e" f\ g h"i"'j')"),
              ElementsAre("a", "b c", "d e", "f g", "hij"));
}

TEST(SplitCommand, TakesABackslashInDoubleQuotesAsAShellDoes) {
  EXPECT_THAT(split_command(R"("\"\\\$\n" '\n')"), ElementsAre(R"("\$\n)", R"(\n)"));
}

TEST(SplitCommand, KeepsAnEmptyWord) {
  EXPECT_THAT(split_command("a '' \"\""), ElementsAre("a", "", ""));
}

TEST(SplitCommand, ExpandsNothing) {
  EXPECT_THAT(split_command("echo $HOME *.sql {url}"),
              ElementsAre("echo", "$HOME", "*.sql", "{url}"));
}

std::string code_of(const std::string& line) {
  try {
    split_command(line);
  } catch (const runner::Error& error) {
    return error.code();
  }
  return "no error";
}

TEST(SplitCommand, RefusesAnOpenQuoteALoneBackslashAndAnEmptyLine) {
  for (const std::string line : {"a 'b", "a \"b", "a\\", "", " \t "}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(code_of(line), "bad-command");
  }
}

TEST(QuotedWord, ComesBackFromACommandLineAsItWas) {
  const std::vector<std::string> words = {
      "plain", "", "two words", "it's", "$HOME `x` \"y\" \\", "concurrency/*"};
  std::string line;
  for (const std::string& word : words) line += quoted_word(word) + " ";
  EXPECT_EQ(split_command(line), words);
}

}  // namespace
}  // namespace gauntlet::process
