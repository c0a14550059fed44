#include "runner/turn/lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace gauntlet::runner {
namespace {

using std::chrono::milliseconds;

// FNV-1a-64's published vectors, so that other runners with the same rule exclude this one.
TEST(LockKey, IsFnv1a64) {
  EXPECT_EQ(lock_key_of(""), static_cast<std::int64_t>(0xcbf29ce484222325ULL));
  EXPECT_EQ(lock_key_of("a"), static_cast<std::int64_t>(0xaf63dc4c8601ec8cULL));
  EXPECT_EQ(lock_key_of("foobar"), static_cast<std::int64_t>(0x85944171f73967e8ULL));
}

TEST(LockKey, OfTheDefaultTrackerNeverChanges) {
  EXPECT_EQ(lock_key_of("public.applied_migrations"), 6004593293802252145);
}

TEST(FailureNotice, IsReadAsItWasWritten) {
  for (const char* checksum : {"abc", ""}) {
    const FailureNotice notice{
        .version = {42}, .checksum = checksum, .replica = "process 7 on web-7"};
    const auto read = FailureNotice::parse(notice.payload());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->version, Version{42});
    EXPECT_EQ(read->checksum, checksum);
    EXPECT_EQ(read->replica, "process 7 on web-7");
  }
}

TEST(FailureNotice, NamesThisProcessAndItsMachine) {
  EXPECT_TRUE(this_replica().starts_with("process " + std::to_string(getpid()) + " on "))
      << this_replica();
}

TEST(FailureNotice, IgnoresOtherPayloads) {
  for (const char* payload : {"", "applied", "failed", "failed ", "failed x y", "failed 1"}) {
    SCOPED_TRACE(payload);
    EXPECT_FALSE(FailureNotice::parse(payload));
  }
}

TEST(Fallback, StaysWithinItsBoundsAndGrows) {
  Fallback fallback(7);
  for (int round = 0; round < 1000; ++round) {
    const milliseconds early = fallback.next(milliseconds(0));
    EXPECT_TRUE(early >= milliseconds(125) && early <= milliseconds(250)) << early.count();
    const milliseconds late = fallback.next(milliseconds(60'000));
    EXPECT_TRUE(late >= milliseconds(500) && late <= milliseconds(1000)) << late.count();
  }
}

}  // namespace
}  // namespace gauntlet::runner
