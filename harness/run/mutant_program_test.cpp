// gauntlet-mutant, run as a stage runs it.
#include "harness/process/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using testing::HasSubstr;

process::Finished mutant(std::vector<std::string> words) {
  words.insert(words.begin(), GAUNTLET_BINARY_DIR "/bin/gauntlet-mutant");
  words.insert(words.end(), {"--migrations", "/none/such"});
  return process::run(
      {.argv = std::move(words),
       .environment = {{"GAUNTLET_MUTANT", "lock-is-noop"}, {"DATABASE_URL", "sqlite:/none/such"}}},
      std::chrono::seconds(60));
}

TEST(MutantProgram, RefusesACommandThatItHasNotInsteadOfDoingAnother) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"down", "--all"}, {"accept", "3"}, {"resume", "3"}, {"forget", "3"}}) {
    SCOPED_TRACE(words.front());
    const auto run = mutant(words);
    EXPECT_EQ(run.exit.code, 64);
    EXPECT_THAT(run.err, HasSubstr("no command `" + words.front() + "`"));
    EXPECT_THAT(run.err, HasSubstr("up, status, check and plan"));
  }
}

}  // namespace
}  // namespace gauntlet::run
