#include "harness/oracle/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using ::testing::HasSubstr;

TEST(Difference, ShowsWhatIsMissingAddedAndChangedInTheOrderOfNames) {
  EXPECT_EQ(diff(changes({{"table a", "x"}, {"table b", "y"}, {"table same", "z"}},
                         {{"table 0", "w"}, {"table b", "Y"}, {"table same", "z"}})),
            "table 0\n  + w\ntable a\n  - x\ntable b\n  - y\n  + Y");
}

TEST(Difference, ShowsOnlyTheLinesThatDifferOfALongText) {
  EXPECT_EQ(diff(changes({{"f", "begin\none\nend"}}, {{"f", "begin\ntwo\nend"}})),
            "f\n  - one\n  + two");
}

TEST(Difference, ShowsThatSomethingWithoutATextIsThere) {
  EXPECT_EQ(diff(changes({{"a", ""}}, {})), "a\n  - (present)");
}

TEST(Difference, CountsWhatItLeavesOut) {
  Texts many;
  for (int i = 0; i < 30; ++i) many["table " + std::to_string(i)] = "x";

  EXPECT_THAT(diff(changes({}, many)), HasSubstr("\n… and 18 more"));
}

TEST(Difference, BoundsLinesAndTheirLength) {
  std::string text = std::string(159, 'a') + "éééé";
  for (int i = 0; i < 9; ++i) text += "\nx";

  const std::string shown = diff(changes({{"f", text}}, {}));

  EXPECT_THAT(shown, HasSubstr("- " + std::string(159, 'a') + "…\n"));
  EXPECT_THAT(shown, HasSubstr("- … 4 more lines"));
}

TEST(SomeOf, CountsTheNamesThatItLeavesOut) {
  EXPECT_EQ(some_of({"a", "b", "c"}, 2), "a, b and 1 more");
  EXPECT_EQ(some_of({"a", "b"}, 2), "a, b");
}

}  // namespace
}  // namespace gauntlet::oracle
