#include "harness/report/legible.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::report {
namespace {

using ::testing::ElementsAre;

constexpr const char* replaced = "\xEF\xBF\xBD";

TEST(Legible, KeepsCharactersOfEveryLength) {
  EXPECT_EQ(legible("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x98\n"),
            "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x90\x98\n");
}

TEST(Legible, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(legible("\xFF"), replaced);
  EXPECT_EQ(legible("\x80"), replaced);
  EXPECT_EQ(legible("\xC3("), std::string(replaced) + "(");
  EXPECT_EQ(legible("\xE2\x82"), replaced);
  EXPECT_EQ(legible("\xC0\x80"), std::string(replaced) + replaced);
  EXPECT_EQ(legible("\xED\xA0\x80"), replaced);
  EXPECT_EQ(legible("\xF4\x90\x80\x80"), replaced);
}

TEST(Legible, ReplacesControlCharacters) {
  EXPECT_EQ(legible(std::string_view("a\0b\x07", 4)), std::string("a") + replaced + "b" + replaced);
  EXPECT_EQ(legible("\xC2\x85"), replaced);
  EXPECT_EQ(legible("\x1b"), replaced);
}

TEST(Legible, ReplacesMarksThatTurnTheDirectionOfText) {
  EXPECT_EQ(legible("a\xE2\x80\xAE"
                    "b"),
            std::string("a") + replaced + "b");
}

TEST(Legible, DropsColoursAndUnifiesLineEnds) {
  EXPECT_EQ(legible("\x1b[31;1mred\x1b[0m\r\ntwo\rthree"), "red\ntwo\nthree");
}

TEST(Cut, MarksWhatItLeavesOut) {
  EXPECT_EQ(cut("\xC3\xA9tude", 5), "\xC3\xA9tude");
  EXPECT_EQ(cut("\xC3\xA9tudes", 4), "\xC3\xA9tu…");
}

TEST(Wrapped, BreaksAtBlanksAndInsideWordsThatAreTooLong) {
  EXPECT_THAT(wrapped("one two three", 8), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("abcdefgh ij", 3), ElementsAre("abc", "def", "gh", "ij"));
}

TEST(Wrapped, KeepsLinesAndTheirIndentation) {
  EXPECT_THAT(wrapped("a\n\n  - b", 20), ElementsAre("a", "", "  - b"));
}

TEST(Wrapped, CountsCharactersNotBytes) {
  EXPECT_THAT(wrapped("\xC3\xA9\xC3\xA9 \xC3\xA9\xC3\xA9", 5),
              ElementsAre("\xC3\xA9\xC3\xA9 \xC3\xA9\xC3\xA9"));
}

TEST(Wrapped, GivesNoLineForNoText) { EXPECT_TRUE(wrapped("", 10).empty()); }

}  // namespace
}  // namespace gauntlet::report
