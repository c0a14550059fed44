#include "harness/certify/lock_file.h"

#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::certify {
namespace {

using testing::HasSubstr;

Certificate sample() {
  return {.runner = "tool",
          .version = "2.1",
          .executables = {{"/bin/tool", "aa"}, {"/x/script", "bb"}},
          .date = "2026-01-02",
          .gauntlet = "1",
          .server = "PostgreSQL 15",
          .grades = {{.area = Area::lock, .what = "lock-is-noop", .grade = "needed", .why = "w"},
                     {.area = Area::drift, .what = "edited", .grade = "refused", .why = "w"},
                     {.area = Area::drift,
                      .what = "hole",
                      .grade = "skipped",
                      .why = "w",
                      .weight = Grade::Weight::harm,
                      .replay = "gauntlet certify"}},
          .promises = {{.id = "applies-late",
                        .page = "https://p",
                        .state = JudgedPromise::State::broken,
                        .why = "w"}}};
}

TEST(LockFile, IsReadAsItWasWritten) {
  const std::string text = lock_file(sample());
  EXPECT_EQ(lock_file(read_lock_file(text, "f")), text);
  EXPECT_EQ(read_lock_file(text, "f").verdict(), core::Verdict::violated);
}

TEST(LockFile, ThatIsNoneIsRefused) {
  for (const char* text : {"", "{}", "[]", "{\"schema\":2}", "nonsense"}) {
    try {
      read_lock_file(text, "runner.lock.json");
      ADD_FAILURE() << text;
    } catch (const runner::Error& error) {
      EXPECT_EQ(error.code(), "bad-lock-file");
      EXPECT_THAT(error.fix(), HasSubstr("gauntlet certify"));
    }
  }
}

TEST(LockFile, IsStaleWhereAFileOfTheRunnerIsAnother) {
  const Certificate certificate = sample();
  EXPECT_EQ(stale_reason(certificate, certificate.executables), "");
  EXPECT_EQ(stale_reason(certificate, {{"/elsewhere/tool", "aa"}, {"/x/script", "bb"}}), "");
  EXPECT_THAT(stale_reason(certificate, {{"/bin/tool", "aa"}, {"/x/script", "cc"}}),
              HasSubstr("script"));
  EXPECT_NE(stale_reason(certificate, {{"/bin/tool", "aa"}}), "");
}

TEST(LockFile, IsOneLineWithTheHeaviestGradeOfEachPart) {
  EXPECT_EQ(one_line(sample()),
            "tool (2.1) was certified on 2026-01-02: violated; lock needed; drift skipped; broke "
            "its promise applies-late");
}

}  // namespace
}  // namespace gauntlet::certify
