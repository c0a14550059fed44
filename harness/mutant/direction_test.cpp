#include "harness/mutant/direction.h"

#include "runner/values/error.h"

#include <gtest/gtest.h>

namespace gauntlet::mutant {
namespace {

TEST(Direction, IsExactlyUpOrDown) {
  EXPECT_EQ(parse_direction("up"), runner::Direction::up);
  EXPECT_EQ(parse_direction("down"), runner::Direction::down);
}

TEST(Direction, RefusesEveryOtherWord) {
  for (const char* word : {"", "UP", "DOWN", "rollback", "x", " up ", "down ", "Up", "up\n"}) {
    SCOPED_TRACE(word);
    EXPECT_THROW(parse_direction(word), runner::Error);
  }
}

}  // namespace
}  // namespace gauntlet::mutant
