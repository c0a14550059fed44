#include "harness/run/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const std::vector<runner::Script>& files) {
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const runner::Script& file : files) names.push_back(file.file.string() + ": " + file.bytes);
  return names;
}

scenario::Scenario scenario_with(std::vector<scenario::Stage> stages) {
  return {.id = "a/b", .claim = "it holds", .why = "or not", .stages = std::move(stages)};
}

TEST(Folders, AreEachWhatTheStageBeforeLeftAndWhatJoinsAndLeaves) {
  const auto folders = folders_of(
      scenario_with({{.name = "first", .files = {{"1_a.up.sql", "a"}, {"2_b.up.sql", "b"}}},
                     {.name = "second", .files = {{"2_b.up.sql", "B"}, {"3_c.up.sql", "c"}}},
                     {.name = "third", .removed = {"1_a.up.sql"}}}));
  ASSERT_EQ(folders.size(), 3U);
  EXPECT_THAT(names_of(folders[0].files), ElementsAre("1_a.up.sql: a", "2_b.up.sql: b"));
  EXPECT_THAT(names_of(folders[1].files),
              ElementsAre("1_a.up.sql: a", "2_b.up.sql: B", "3_c.up.sql: c"));
  EXPECT_THAT(names_of(folders[2].files), ElementsAre("2_b.up.sql: B", "3_c.up.sql: c"));
  EXPECT_THAT(names_of(files_of(folders[2].listing)),
              ElementsAre("2_b.up.sql: B", "3_c.up.sql: c"));
}

// Which is what a stage may be about.
TEST(Folders, HoldWhatIsNoMigrationToo) {
  const auto folders = folders_of(scenario_with({{.name = "all",
                                                  .files = {{"1_a.up.sql", "a"},
                                                            {"01_twice.up.sql", "twice"},
                                                            {"V2__x.sql", "x"},
                                                            {"1_a.down.sql", "down"}}}}));
  ASSERT_EQ(folders.size(), 1U);
  EXPECT_THAT(
      names_of(folders[0].files),
      ElementsAre("01_twice.up.sql: twice", "1_a.down.sql: down", "1_a.up.sql: a", "V2__x.sql: x"));
  EXPECT_FALSE(folders[0].listing.problems.empty());
}

}  // namespace
}  // namespace gauntlet::run
