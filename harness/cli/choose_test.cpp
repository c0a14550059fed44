#include "harness/cli/choose.h"

#include "harness/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string_view> ids = {"concurrency/data-only", "concurrency/pending",
                                           "order/skip-hole"};

TEST(Choose, TakesIdsFamiliesAndGlobsEachOnceAndInOrder) {
  EXPECT_THAT(chosen(ids, {"order/skip-hole", "concurrency/pending"}, "scenario"),
              ElementsAre(1, 2));
  EXPECT_THAT(chosen(ids, {"concurrency"}, "scenario"), ElementsAre(0, 1));
  EXPECT_THAT(chosen(ids, {"*/p*", "concurrency/*"}, "scenario"), ElementsAre(0, 1));
  EXPECT_THAT(chosen(ids, {"*"}, "scenario"), ElementsAre(0, 1, 2));
}

TEST(Choose, TakesAllWhereNothingIsSaid) {
  EXPECT_THAT(chosen(ids, {}, "scenario"), ElementsAre(0, 1, 2));
}

TEST(Choose, RefusesAWordThatMeansNothing) {
  for (const std::string word : {"concurrenc", "pending", "concurrency/pendin", ""}) {
    SCOPED_TRACE(word);
    EXPECT_THAT(
        [&] {
          chosen(ids, {"order", word}, "scenario");
        },
        testing::ThrowsMessage<UsageError>(HasSubstr("gauntlet list scenarios")));
  }
}

}  // namespace
}  // namespace gauntlet::cli
