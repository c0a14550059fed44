#include "runner/postgres/conninfo.h"

#include <cctype>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gauntlet::runner {
namespace {

TEST(MaskPassword, HidesItWhereverItStands) {
  EXPECT_EQ(mask_password("postgresql://u:secret@h:5432/d?sslmode=disable"),
            "postgresql://u:***@h:5432/d?sslmode=disable");
  EXPECT_EQ(mask_password("postgres://h/d?user=u&password=secret&x=y"),
            "postgres://h/d?user=u&password=***&x=y");
  EXPECT_EQ(mask_password("host=h password=secret user=u"), "host=h password=*** user=u");
  EXPECT_EQ(mask_password("password = 'se \\' cret' host=h"), "password = *** host=h");
  EXPECT_EQ(mask_password("sslpassword=secret host=h"), "sslpassword=*** host=h");
}

TEST(MaskPassword, HidesMoreRatherThanLessOfAMalformedUrl) {
  EXPECT_EQ(mask_password("postgresql://u:se/cr@et?x@h/d"), "postgresql://u:***@h/d");
}

TEST(MaskPassword, HidesWhatStandsForAPortAndIsNone) {
  EXPECT_EQ(mask_password("postgresql://u:secret/d"), "postgresql://u:***");
  EXPECT_EQ(mask_password("postgresql://u:secret"), "postgresql://u:***");
  EXPECT_EQ(mask_password("postgresql://h:5432/d"), "postgresql://h:5432/d");
  EXPECT_EQ(mask_password("postgresql://[::1]:5432/d"), "postgresql://[::1]:5432/d");
  EXPECT_EQ(mask_password("unknown word: postgresql://u:secret@h/d"),
            "unknown word: postgresql://u:***@h/d");
}

TEST(MaskPassword, ReadsKeywordsAsLibpqDoes) {
  EXPECT_EQ(mask_password("postgresql://h/d?pass%77ord=secret"), "postgresql://h/d?pass%77ord=***");
  EXPECT_EQ(mask_password("postgresql://h/d?password=a&password=b&sslpassword=c"),
            "postgresql://h/d?password=***&password=***&sslpassword=***");
  EXPECT_EQ(mask_password("dbname=postgresql://u:secret@h/d user=u"),
            "dbname=postgresql://u:***@h/d user=u");
}

// Two words with anything between them: neither may be left, however it is written.
rc::Gen<std::string> password() {
  return rc::gen::map(
      rc::gen::container<std::string>(rc::gen::element('@', ':', '/', '?', '#', '%', '&', '=', ' ',
                                                       '\'', '\\', '"', '*', 'x', '\xc3')),
      [](const std::string& middle) { return "hush" + middle + "mum"; });
}

std::string percent_encoded(const std::string& text) {
  std::string encoded;
  for (const char character : text) {
    encoded += std::isalnum(static_cast<unsigned char>(character)) != 0
                   ? std::string(1, character)
                   : fmt::format("%{:02X}", static_cast<unsigned char>(character));
  }
  return encoded;
}

std::string escaped(const std::string& text, const std::string& special) {
  std::string result;
  for (const char character : text) {
    if (special.find(character) != std::string::npos) result += '\\';
    result += character;
  }
  return result;
}

void is_hidden_in(const std::string& conninfo) {
  const std::string masked = mask_password(conninfo);
  RC_LOG() << conninfo << " became " << masked;
  RC_ASSERT(masked.find("hush") == std::string::npos);
  RC_ASSERT(masked.find("mum") == std::string::npos);
  RC_ASSERT(masked.find("app_owner") != std::string::npos);
}

TEST(MaskPassword, HidesAnyPasswordOfAUrl) {
  EXPECT_TRUE(rc::check("a URL's password is hidden", [] {
    const std::string any = *password();
    is_hidden_in("postgresql://app_owner:" + percent_encoded(any) + "@h:5432/d?sslmode=disable");
    is_hidden_in("postgres://app_owner:" + any + "@h/d");
    is_hidden_in("postgresql://h/d?user=app_owner&password=" + percent_encoded(any) + "&x=y");
    is_hidden_in("postgresql://h/d?%70assword=" + percent_encoded(any) + "&user=app_owner");
  }));
}

TEST(MaskPassword, HidesAnyPasswordOfAKeywordString) {
  EXPECT_TRUE(rc::check("a keyword string's password is hidden", [] {
    const std::string any = *password();
    const std::string space(*rc::gen::inRange<std::size_t>(0, 3), ' ');
    const std::string word = *rc::gen::element<std::string>("password", "sslpassword");
    const std::string equals = word + space + "=" + space;
    is_hidden_in("user=app_owner " + equals + "'" + escaped(any, "\\'") + "' host=h");
    is_hidden_in("user=app_owner " + equals + escaped(any, "\\' ") + " host=h");
  }));
}

TEST(MaskPassword, LeavesTheRestAlone) {
  for (const char* text : {"postgresql://h:5432/d", "postgresql://u@h/d", "host=h dbname=d", ""}) {
    EXPECT_EQ(mask_password(text), text);
  }
}

}  // namespace
}  // namespace gauntlet::runner
