#include "harness/trace/lock_use.h"

#include "harness/oracle/test_history.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::trace {
namespace {

using core::SessionId;
using oracle::TestHistory;
using testing::HasSubstr;

constexpr SessionId session_a{.replica = 0, .number = 0}, session_b{.replica = 0, .number = 1};
constexpr const char* take = "SELECT pg_try_advisory_lock(42)";

Trace trace_of(TestHistory& history, std::vector<Source> sources = {}) {
  history.exits(0, 0);
  TestHistory idle(1);
  idle.exits(0, 0);
  return read(history.history(), idle.history(), std::move(sources));
}

TEST(LockUse, ALockThatItsSessionTakesAgainIsOneLockWithACount) {
  TestHistory history(1);
  history.opens(session_a, 7)
      .asks(session_a, take, "t")
      .asks(session_a, take, "t")
      .closes(session_a);
  const Trace trace = trace_of(history);
  ASSERT_EQ(trace.first.locks.size(), 1U);
  EXPECT_EQ(trace.first.locks.front().taken_again, 1U);
  EXPECT_THAT(text(trace), HasSubstr("taken 1 more time while the session had it"));
  EXPECT_THAT(html(trace), HasSubstr("taken 1 more time while the session had it"));
}

TEST(LockUse, ALockThatIsTakenAfterItsReleaseIsASecondLock) {
  TestHistory history(1);
  history.opens(session_a, 7)
      .asks(session_a, take, "t")
      .asks(session_a, "SELECT pg_advisory_unlock(42)", "t")
      .asks(session_a, take, "t")
      .closes(session_a);
  const Trace trace = trace_of(history);
  ASSERT_EQ(trace.first.locks.size(), 2U);
  EXPECT_EQ(trace.first.locks.front().taken_again, 0U);
}

TEST(LockUse, TwoSessionsThatHoldOneLockHaveALockEach) {
  TestHistory history(1);
  history.opens(session_a, 7).opens(session_b, 8);
  history.asks(session_a, take, "t").asks(session_b, take, "t").closes(session_a).closes(session_b);
  EXPECT_EQ(trace_of(history).first.locks.size(), 2U);
}

/// CPU seconds that it takes to read a run of `count` statements, each under its own taking of the
/// lock.
double seconds_to_read(std::size_t count) {
  TestHistory history(1);
  history.opens(session_a, 7);
  std::string file;
  for (std::size_t number = 0; number < count; ++number) {
    const std::string statement = fmt::format("INSERT INTO t VALUES ({})", number);
    file += statement + ";\n";
    history.asks(session_a, take, "t").does(session_a, statement, "INSERT 0 1");
    history.does(session_a, "UPDATE history SET done = done + 1", "UPDATE 1");
  }
  history.closes(session_a);
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  const double start = now();
  const Trace trace = trace_of(history, {{.name = "1_m", .version = "1", .text = file}});
  EXPECT_EQ(trace.first.bodies, count);
  EXPECT_EQ(trace.first.locks.size(), 1U);
  const std::size_t page = html(trace).size();
  EXPECT_LT(page, 100'000 + 300 * 3 * count);
  return now() - start;
}

TEST(LockUse, ReadingARunIsLinearInItsStatements) {
  // CPU time, so that a loaded machine changes little. Linear is 4, quadratic 16.
  double ratio = 100;
  for (int attempt = 0; attempt < 3 && ratio > 8; ++attempt)
    ratio = std::min(ratio, seconds_to_read(4'000) / seconds_to_read(1'000));
  EXPECT_LT(ratio, 8);
}

}  // namespace
}  // namespace gauntlet::trace
