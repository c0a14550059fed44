#include "harness/oracle/holes.h"

#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Finding;
using testing::ElementsAre;
using testing::HasSubstr;

/// Files 1, 2 and 3; 1 and 3 were applied before.
Observation late_two(int exit_code, std::string said) {
  Observation seen{.late = {2}};
  seen.on_disk = {{1, "a"}, {2, "late"}, {3, "c"}};
  seen.files = {{1, "001_a.up.sql", "CREATE TABLE a();"},
                {2, "002_late.up.sql", "CREATE TABLE b();"},
                {3, "003_c.up.sql", "CREATE TABLE c();"}};
  seen.history.replicas = 1;
  seen.history.events = {{.kind = core::Event::Kind::exited, .exit_code = exit_code}};
  seen.history.outputs = {{.out = {}, .err = std::move(said)}};
  return seen;
}

std::vector<std::string> ids_after(std::vector<Finding> findings, const Observation& seen) {
  core::Judgement judgement = core::judged(std::move(findings));
  name_holes(judgement, seen);
  std::vector<std::string> ids;
  for (const Finding& finding : judgement.findings) ids.push_back(finding.id);
  return ids;
}

TEST(Holes, PassedOverInSilenceAreOneFinding) {
  EXPECT_THAT(ids_after({{.id = "not-recorded", .where = {.version = 2}},
                         {.id = "not-applied", .where = {.version = 2}},
                         {.id = "not-recorded", .where = {.version = 3}}},
                        late_two(0, "")),
              ElementsAre("hole-skipped", "not-recorded"));
}

TEST(Holes, RefusedLoudlyAreAnotherWithAnotherRemedy) {
  core::Judgement judgement = core::judged({{.id = "replica-failed", .message = "exit 1"},
                                            {.id = "not-recorded", .where = {.version = 2}}});
  name_holes(judgement, late_two(1, "error: found 1 missing migration: 002_late.up.sql"));
  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "hole-refused");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("2 (late)"));
  EXPECT_THAT(judgement.findings[0].fix, HasSubstr("-allow-missing"));
}

TEST(Holes, AreNoReasonOfAFailureThatNamesAnotherFile) {
  EXPECT_THAT(ids_after({{.id = "replica-failed"}}, late_two(1, "cannot read 12_x, 20 left")),
              ElementsAre("replica-failed"));
}

TEST(Holes, ThatTheServerRefusedAreAFailureOfTheFile) {
  Observation seen = late_two(1, "the file failed");
  seen.history.steps = {
      {.step = {.sql = "CREATE TABLE b();"},
       .ruling = {},
       .reply = core::Reply{.ending = core::Reply::Ending::refused, .sqlstate = "42P07"}}};
  EXPECT_THAT(ids_after({{.id = "replica-failed"}}, seen), ElementsAre("replica-failed"));
}

TEST(Holes, AreNoneWhereNoFileCameLate) {
  Observation seen = late_two(0, "");
  seen.late.clear();
  EXPECT_THAT(ids_after({{.id = "not-recorded", .where = {.version = 2}}}, seen),
              ElementsAre("not-recorded"));
}

}  // namespace
}  // namespace gauntlet::oracle
