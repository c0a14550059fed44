#include "harness/report/html_text.h"

#include <gtest/gtest.h>

namespace gauntlet::report {
namespace {

TEST(HtmlText, IsNoMarkup) {
  EXPECT_EQ(html_text("<b class=\"x\">&\n\x01ü</b>"),
            "&lt;b class=&quot;x&quot;&gt;&amp;  ü&lt;/b&gt;");
}

TEST(HtmlText, TurnsNoDirectionAndHoldsNoC1) {
  EXPECT_EQ(html_text("a\xE2\x80\xAEz\xC2\x9B"), "a\xEF\xBF\xBDz\xEF\xBF\xBD");
}

}  // namespace
}  // namespace gauntlet::report
