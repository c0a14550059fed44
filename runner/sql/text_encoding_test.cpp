#include "runner/sql/text_encoding.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

using namespace std::string_view_literals;

TEST(TextEncoding, TakesTextOfEveryLengthOfCharacter) {
  EXPECT_EQ(first_byte_not_utf8("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80, plain again"sv),
            std::nullopt);
}

TEST(TextEncoding, TakesANulByteForACharacter) {
  EXPECT_EQ(first_byte_not_utf8("a\0b"sv), std::nullopt);
}

class NotUtf8 : public testing::TestWithParam<std::string_view> {};

TEST_P(NotUtf8, IsFoundWhereItStands) {
  EXPECT_EQ(first_byte_not_utf8("twelve bytes" + std::string(GetParam()) + "ok"), 12U);
}

INSTANTIATE_TEST_SUITE_P(Rfc3629, NotUtf8,
                         testing::Values("\xE9"sv,              // latin-1
                                         "\xC0\xAF"sv,          // overlong
                                         "\xE0\x80\xAF"sv,      // overlong
                                         "\xF0\x80\x80\xAF"sv,  // overlong
                                         "\xED\xA0\x80"sv,      // a surrogate
                                         "\xF4\x90\x80\x80"sv,  // beyond U+10FFFF
                                         "\xE2\x82"sv,          // cut off
                                         "\x80"sv,              // a continuation alone
                                         "\xFF\xFE"sv));        // a UTF-16 mark

TEST(TextEncoding, FindsACharacterThatTheTextEndsIn) {
  EXPECT_EQ(first_byte_not_utf8("abc\xE2\x82"sv), 3U);
}

TEST(TextEncoding, ShowsWhatCannotBePrinted) {
  EXPECT_EQ(printable("caf\xE9\n\xC3\xA9"sv), "caf\\xe9\\x0a\xC3\xA9");
}

}  // namespace
}  // namespace gauntlet::runner
