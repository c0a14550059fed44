#include "harness/wire_mutant/grade.h"

#include <gtest/gtest.h>

namespace gauntlet::wire_mutant {
namespace {

/// Three copies with these exit codes; everything there once.
Raced raced(std::initializer_list<int> codes) {
  Raced race{.after = {.files = 4}, .files = 4, .together = 3, .times = 1};
  race.history.replicas = codes.size();
  for (std::size_t replica = 0; const int code : codes)
    race.history.events.push_back(
        {.kind = core::Event::Kind::exited, .replica = replica++, .exit_code = code});
  return race;
}

TEST(WireMutantGrade, IsNeededWhereSomethingTookEffectTwice) {
  Raced race = raced({0, 0, 0});
  race.after = {.files = std::nullopt,
                .differs = {{.id = "rows-added", .message = "t holds 9 rows; the files leave 3"}}};
  EXPECT_EQ(grade(race).grade, Grade::needed);
}

TEST(WireMutantGrade, IsBackedByTheConstraintThatRefusedASecondRecord) {
  Raced race = raced({0, 1, 1});
  core::StepRecord record{.step = {.sql = "INSERT INTO t VALUES (1)"}};
  record.reply =
      core::Reply{.ending = core::Reply::Ending::refused,
                  .sqlstate = "23505",
                  .message = "duplicate key value violates unique constraint \"applied_pkey\""};
  race.history.steps.push_back(record);
  const Graded graded = grade(race);
  EXPECT_EQ(graded.grade, Grade::backed_by_constraint);
  EXPECT_EQ(graded.why, "applied_pkey: it refused a second record; 2 of 3 copies failed");
}

TEST(WireMutantGrade, IsSelfCheckedWhereCopiesStoppedByThemselves) {
  EXPECT_EQ(grade(raced({0, 1, 1})).grade, Grade::self_checked);
  Raced race = raced({0, 3, 3});
  race.success_codes = {0, 3};
  EXPECT_EQ(grade(race).grade, Grade::not_needed);
}

TEST(WireMutantGrade, IsSelfCheckedWhereNothingWasDoneAndEveryCopySaidSo) {
  Raced race = raced({1, 1, 1});
  race.after = {.files = 1, .differs = {{.id = "rows-missing", .message = "t holds 0 rows"}}};
  EXPECT_EQ(grade(race).grade, Grade::self_checked);
  race = raced({1, 0, 1});
  race.after = {.files = 1, .differs = {{.id = "rows-missing", .message = "t holds 0 rows"}}};
  EXPECT_EQ(grade(race).grade, Grade::needed);
}

TEST(WireMutantGrade, IsNotNeededWhereAllEndWellAndEverythingIsThereOnce) {
  EXPECT_EQ(grade(raced({0, 0, 0})).grade, Grade::not_needed);
}

}  // namespace
}  // namespace gauntlet::wire_mutant
