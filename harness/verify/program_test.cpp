#include "harness/verify/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using testing::HasSubstr;

Program any() { return {.subject = {.name = "any", .command = {"any"}}, .has_marker = false}; }
Program reference() {
  return {.subject = {.name = "gauntlet-migrate", .command = {"gauntlet-migrate"}},
          .told = Program::Told::key_and_table};
}

scenario::Scenario of(scenario::Stage stage) {
  return {.id = "a/b",
          .claim = "it holds",
          .why = "or not",
          .stages = {{.name = "before"}, std::move(stage)}};
}

TEST(Program, IsAskedWhatNeedsOnlyProcesses) {
  EXPECT_EQ(objection(of({.name = "deploy"}), any()), "");
  EXPECT_EQ(objection(of({.name = "deploy", .arrival = scenario::Arrival::staggered}), any()), "");
}

TEST(Program, IsNotAskedWhatOnlyThreadsCanAnswer) {
  EXPECT_THAT(objection(of({.name = "deploy", .connections = 8}), reference()),
              HasSubstr("one process"));
  EXPECT_THAT(
      objection(of({.name = "deploy", .foreign_lock = scenario::ForeignLock{}}), reference()),
      HasSubstr("not seen"));
}

TEST(Program, IsNotAskedForATrackerThatItCannotBeTold) {
  EXPECT_THAT(objection(of({.name = "deploy", .table = "fresh.tracker"}), any()),
              HasSubstr("tracker"));
  EXPECT_EQ(objection(of({.name = "deploy", .table = "fresh.tracker"}), reference()), "");
}

TEST(Program, IsNotGivenAMarkerThatItsFormatDoesNotKnow) {
  const scenario::Scenario marked =
      of({.name = "deploy", .files = {{"1_a.up.sql", "-- gauntlet: no-transaction\nVACUUM;\n"}}});
  EXPECT_THAT(objection(marked, any()), HasSubstr("no-transaction"));
  EXPECT_EQ(objection(marked, reference()), "");
}

}  // namespace
}  // namespace gauntlet::verify
