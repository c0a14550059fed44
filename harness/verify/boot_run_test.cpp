#include "harness/verify/boot_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

core::History ended(core::Event event) {
  return {.events = {event}, .outputs = {{}}, .replicas = 1};
}

TEST(BootRun, TakesEveryCodeThatMeansSuccess) {
  const fleet::Subject subject{.name = "x", .command = {"x"}, .success_codes = {0, 4}};
  EXPECT_TRUE(succeeded(ended({.kind = core::Event::Kind::exited, .exit_code = 4}), subject));
  EXPECT_FALSE(succeeded(ended({.kind = core::Event::Kind::exited, .exit_code = 1}), subject));
  EXPECT_FALSE(succeeded(ended({.kind = core::Event::Kind::exited, .signal = 11}), subject));
  EXPECT_FALSE(succeeded(ended({.kind = core::Event::Kind::killed, .signal = 9}), subject));
}

TEST(BootRun, TellsAKillOfOursFromAnExit) {
  EXPECT_EQ(how_it_ended(ended({.kind = core::Event::Kind::exited, .exit_code = 3})), "exit 3");
  EXPECT_THAT(how_it_ended(ended({.kind = core::Event::Kind::killed,
                                  .at = std::chrono::microseconds(1'500'000),
                                  .signal = 9})),
              HasSubstr("not ended after 1.5 s"));
}

TEST(BootRun, ShowsTheLastLinesOfALongOutput) {
  std::string out;
  for (int line = 0; line < 100; ++line) out += "line " + std::to_string(line) + "\n";
  const std::string shown = tail({.out = out, .err = ""});
  EXPECT_THAT(shown, HasSubstr("line 88\n"));
  EXPECT_THAT(shown, Not(HasSubstr("line 87\n")));
  EXPECT_TRUE(shown.ends_with("line 99"));
}

TEST(BootRun, ShowsBothStreamsErrorsFirst) {
  EXPECT_EQ(tail({.out = "a\n", .err = "b\n"}), "it printed to stderr:\nb\nand to stdout:\na");
}

TEST(BootRun, SaysThatNothingWasPrinted) {
  EXPECT_EQ(tail({.out = "\n \n"}), "it printed nothing");
}

TEST(BootRun, CutsAnEndlessLineBetweenCharacters) {
  std::string line = "x";
  for (int count = 0; count < 2'000; ++count) line += "\u00e9";
  const std::string shown = tail({.err = line});
  EXPECT_TRUE(shown.starts_with("it printed:\n\u00e9"));
}

TEST(BootRun, PutsTheReferenceRunnerWhereNoneIsGiven) {
  Options options;
  options.format = *formats::find_format("golang-migrate");
  options.statement_timeout = std::chrono::milliseconds(1'234);
  EXPECT_THAT(
      subject_of(options).command,
      ::testing::IsSupersetOf({"--no-transaction", "whole-file", "--statement-timeout", "1234ms"}));
}

}  // namespace
}  // namespace gauntlet::verify
