#include "runner/values/direction.h"

#include "runner/values/error.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

TEST(Direction, IsExactlyUpOrDown) {
  EXPECT_EQ(parse_direction("up"), Direction::up);
  EXPECT_EQ(parse_direction("down"), Direction::down);
}

TEST(Direction, RefusesEveryOtherWord) {
  for (const char* word : {"", "UP", "DOWN", "rollback", "x", " up ", "down ", "Up", "up\n"}) {
    SCOPED_TRACE(word);
    EXPECT_THROW(parse_direction(word), Error);
  }
}

}  // namespace
}  // namespace gauntlet::runner
