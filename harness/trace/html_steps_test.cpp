#include "harness/trace/html_steps.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::trace {
namespace {

using testing::HasSubstr;
using testing::Not;

TracedStep step_of(Role role, std::string text) {
  return {.statements = {{.role = role, .text = std::move(text)}}, .outcome = "INSERT 0 1"};
}

/// A run whose `count` bodies are long statements, each with its number in it.
Trace trace_of_bodies(std::size_t count) {
  Trace trace;
  trace.first.sessions = 1;
  for (std::size_t number = 0; number < count; ++number) {
    trace.first.steps.push_back(step_of(
        Role::body, fmt::format("INSERT INTO t VALUES ({}, '{}')", number, std::string(500, 'x'))));
    trace.first.steps.back().asked = std::chrono::milliseconds(number);
    trace.first.steps.back().answered = std::chrono::milliseconds(number + 1);
  }
  return trace;
}

TEST(StepsTable, GrowsBySomeHundredBytesAStatementAndNamesEachOne) {
  const Trace trace = trace_of_bodies(1'000);
  EXPECT_LT(html(trace).size(), 300'000U);
  const std::string table = steps_table(trace.first, trace);
  EXPECT_THAT(table, HasSubstr("984 more round trips: 984 body"));
  for (const int number : {0, 8, 500, 999})
    EXPECT_THAT(table, HasSubstr(fmt::format("VALUES ({},", number)));
}

TEST(StepsTable, ShowsAFailureInAFoldedStretchAsARowOfItsOwn) {
  Trace trace = trace_of_bodies(200);
  trace.first.steps[100].failed = true;
  trace.first.steps[100].outcome = "22012 division by zero";
  EXPECT_THAT(steps_table(trace.first, trace),
              HasSubstr("<td class=bad>22012 division by zero</tr>"));
}

TEST(StepsTable, ShowsALockInAFoldedStretchAsARowOfItsOwn) {
  Trace trace = trace_of_bodies(200);
  trace.first.steps[100] = step_of(Role::lock, "SELECT pg_advisory_lock(42)");
  EXPECT_THAT(steps_table(trace.first, trace),
              HasSubstr("<code>SELECT pg_advisory_lock(42)</code>"));
}

TEST(StepsTable, FoldsNothingInAShortRun) {
  const Trace trace = trace_of_bodies(20);
  EXPECT_THAT(steps_table(trace.first, trace), Not(HasSubstr("<details>")));
}

TEST(StepsTable, CountsWhatItLeavesOutOfALongMessage) {
  Trace trace;
  trace.first.sessions = 1;
  TracedStep step = step_of(Role::body, "SELECT 0");
  step.statements.resize(1'000, {.role = Role::body, .text = "SELECT 1"});
  trace.first.steps = {step};
  EXPECT_THAT(steps_table(trace.first, trace),
              HasSubstr("and 984 more statements in the same message"));
}

}  // namespace
}  // namespace gauntlet::trace
