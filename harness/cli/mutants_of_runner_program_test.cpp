// `gauntlet mutants --runner CMD`: the small runner, and the same with one thing less.
#include "harness/cli/program.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// By mutant: its grade and why, and then its notes, a line each. `words`: which mutants, and
/// which scenarios.
std::map<std::string, std::string> grades_of(const std::string& flaw,
                                             std::vector<std::string> words) {
  words.insert(words.begin(), "mutants");
  words.insert(words.end(), {"--runner",
                             "/usr/bin/python3 " GAUNTLET_SOURCE_DIR
                             "/harness/crash/runners/small.py {url} {migrations}",
                             "--json"});
  const auto done = process::run(command_of(words, {{"FLAW", flaw}}), std::chrono::minutes(6));
  EXPECT_EQ(done.exit.code, 0) << done.err << done.out;
  std::map<std::string, std::string> grades;
  const auto report = only_object_on(done.out);
  for (const auto& result : report["results"]) {
    std::string& told = grades[result["id"].get<std::string>()];
    told = result["reason"].get<std::string>();
    for (const auto& note : result["notes"]) told += "\n" + note.get<std::string>();
  }
  return grades;
}

TEST(MutantsOfARunner, ALockBackedByThePrimaryKeyOfTheTrackerIsToldSo) {
  const auto grades = grades_of("", {"lock-is-noop", "key-per-connection", "unlock-is-noop"});
  EXPECT_THAT(grades.at("mutant/lock-is-noop"), HasSubstr("backed-by-constraint: applied_pkey"));
  EXPECT_THAT(grades.at("mutant/key-per-connection"),
              HasSubstr("backed-by-constraint: applied_pkey"));
  EXPECT_THAT(grades.at("mutant/unlock-is-noop"), HasSubstr("not-needed"));
  EXPECT_EQ(grades.size(), 3U);
}

TEST(MutantsOfARunner, ALockThatNothingBacksIsNeededAndEachScenarioAboutItKillsItsMutant) {
  const auto grades = grades_of(
      "no-key", {"lock-is-noop", "tracker-row-hidden", "--scenario", "concurrency/slow-first"});
  EXPECT_THAT(grades.at("mutant/lock-is-noop"), HasSubstr("needed: 4 copies"));
  EXPECT_THAT(grades.at("mutant/tracker-row-hidden"), HasSubstr("needed"));
  EXPECT_THAT(grades.at("mutant/lock-is-noop"), HasSubstr("killed by concurrency/slow-first"));
  EXPECT_THAT(grades.at("mutant/lock-is-noop"), Not(HasSubstr("concurrency/pending")));
}

TEST(MutantsOfARunner, ATrackerThatAnotherTableRefersToLosesItsKeyAllTheSame) {
  EXPECT_THAT(grades_of("referenced", {"tracker-constraint-dropped"})
                  .at("mutant/tracker-constraint-dropped"),
              HasSubstr("not-needed"));
}

TEST(MutantsOfARunner, ABeginInOneMessageWithOthersIsDroppedToo) {
  for (const char* way : {"one-message", "begins-in-a-batch"})
    EXPECT_THAT(grades_of(way, {"begin-commit-dropped"}).at("mutant/begin-commit-dropped"),
                HasSubstr("not-needed"))
        << way;
}

TEST(MutantsOfARunner, ARunnerWithoutALockIsToldSo) {
  const auto grades = grades_of("no-lock", {"lock-is-noop", "tracker-constraint-dropped"});
  EXPECT_THAT(grades.at("mutant/lock-is-noop"), HasSubstr("no-lock"));
  EXPECT_THAT(grades.at("mutant/tracker-constraint-dropped"), HasSubstr("needed"));
}

TEST(MutantsOfARunner, AreChosenByNameAndOneThatIsNotThereIsRefused) {
  const auto done = gauntlet({"mutants", "no-such-mutant", "--runner", "true"});
  EXPECT_EQ(done.exit.code, 64);
  EXPECT_THAT(done.err, HasSubstr("no-such-mutant"));
}

}  // namespace
}  // namespace gauntlet::cli
