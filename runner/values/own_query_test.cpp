#include "runner/values/own_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

TEST(OwnQuery, RefusesAReplyOfAnotherShape) {
  const Result reply{.columns = {"version"}, .rows = {{"1"}}, .tag = "SELECT 1"};
  EXPECT_NO_THROW(require_columns(reply, 1));
  try {
    require_columns(reply, 2);
    FAIL() << "a column is missing";
  } catch (const Error& error) {
    EXPECT_THAT(std::string(error.what()),
                testing::AllOf(testing::StartsWith("error[unexpected-reply]"),
                               testing::HasSubstr("1 columns, where 2 were asked for")));
  }
}

}  // namespace
}  // namespace gauntlet::runner
