#include "runner/values/migration.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

TEST(Sha256, IsTheDigestOfTheStandard) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, IsDefinedForNothing) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Script, IsSentWithoutItsByteOrderMark) {
  const Script script{.file = "1_a.up.sql", .bytes = "\xEF\xBB\xBFSELECT 1", .checksum = {}};
  EXPECT_EQ(script.sql(), "SELECT 1");
}

TEST(Script, KeepsAMarkThatDoesNotLead) {
  const Script script{.file = "1_a.up.sql", .bytes = "SELECT '\xEF\xBB\xBF'", .checksum = {}};
  EXPECT_EQ(script.sql(), script.bytes);
}

TEST(Migration, IsNamedByVersionAndDescription) {
  EXPECT_EQ(to_string(Migration{{12}, "add_index", {}, {}}), "12 (add_index)");
}

TEST(Version, IsOrderedAsANumber) { EXPECT_LT(Version{9}, Version{10}); }

TEST(Place, OfTheFirstByteIsLineOneColumnOne) { EXPECT_EQ(place_of_byte("x", 0), (Place{1, 1})); }

TEST(Place, CountsCharactersOfALine) {
  EXPECT_EQ(place_of_byte("a\n\xC3\xA9\xC3\xA9x", 6), (Place{2, 3}));
}

TEST(Place, TakesTheCarriageReturnForPartOfItsLine) {
  EXPECT_EQ(place_of_byte("a\r\nb", 3), (Place{2, 1}));
}

TEST(Place, PastTheEndIsTheEnd) { EXPECT_EQ(place_of_byte("a\nb", 99), (Place{2, 2})); }

TEST(Place, OfACharacterCountsAsTheServerDoes) {
  EXPECT_EQ(place_of_character("\xE2\x82\xAC\nab", 4), (Place{2, 2}));
}

TEST(Place, OfACharacterThatIsNotThereIsTheEnd) {
  EXPECT_EQ(place_of_character("ab", 9), (Place{1, 3}));
}

TEST(Place, GoesOnFromWhereItStood) {
  EXPECT_EQ(place_after({3, 4}, "ab\nc"), (Place{4, 2}));
  EXPECT_EQ(place_after({3, 4}, "ab"), (Place{3, 6}));
}

}  // namespace
}  // namespace gauntlet::runner
