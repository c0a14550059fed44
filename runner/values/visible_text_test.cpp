#include "runner/values/visible_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::runner {
namespace {

using nlohmann::json;

constexpr const char* replaced = "\xEF\xBF\xBD";

class Steering : public testing::TestWithParam<const char*> {};

TEST_P(Steering, IsReplacedInText) {
  EXPECT_EQ(visible_text(std::string("a") + GetParam() + "b"), std::string("a") + replaced + "b");
}

TEST_P(Steering, StaysTheSameValueInJsonButIsNotRaw) {
  const json value = std::string("a") + GetParam() + "b";
  const std::string shown = visible_json(value.dump());
  EXPECT_EQ(shown.find(GetParam()), std::string::npos) << shown;
  EXPECT_EQ(json::parse(shown), value);
}

INSTANTIATE_TEST_SUITE_P(Characters, Steering,
                         testing::Values("\x1b", "\x07", "\x08", "\r", "\x7f", "\xC2\x85" /* NEL */,
                                         "\xC2\x9B" /* CSI */, "\xD8\x9C" /* Arabic letter mark */,
                                         "\xE2\x80\x8E" /* left-to-right mark */, "\xE2\x80\x8F",
                                         "\xE2\x80\xAA" /* embedding */,
                                         "\xE2\x80\xAE" /* override */,
                                         "\xE2\x81\xA6" /* isolate */, "\xE2\x81\xA9",
                                         "\xEF\xBF\xBF"));

class Ordinary : public testing::TestWithParam<const char*> {};

TEST_P(Ordinary, IsKept) {
  EXPECT_EQ(visible_text(GetParam()), GetParam());
  const std::string quoted = json(GetParam()).dump();
  EXPECT_EQ(visible_json(quoted), quoted);
}

INSTANTIATE_TEST_SUITE_P(Characters, Ordinary,
                         testing::Values("a\nb\tc", "caf\xC3\xA9", "\xE2\x82\xAC",
                                         "\xF0\x9F\x90\x98", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D",
                                         "\xE2\x80\x8D" /* joins emoji */, "\xE2\x80\xA6"));

TEST(VisibleText, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(visible_text("\xFFz"), std::string(replaced) + "z");
  EXPECT_EQ(visible_text("\xC3("), std::string(replaced) + "(");
}

TEST(VisibleText, KeepsColoursOnlyIfTold) {
  EXPECT_EQ(visible_text("\x1b[31;1mred\x1b[0m", Colours::kept), "\x1b[31;1mred\x1b[0m");
  EXPECT_EQ(visible_text("\x1b[31m"), std::string(replaced) + "[31m");
  EXPECT_EQ(visible_text("\x1b[2J\x1b]0;t\x07", Colours::kept),
            std::string(replaced) + "[2J" + replaced + "]0;t" + replaced);
}

}  // namespace
}  // namespace gauntlet::runner
