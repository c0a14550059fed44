#include "harness/report/html_text.h"

#include <gtest/gtest.h>

namespace gauntlet::report {
namespace {

TEST(HtmlText, IsNoMarkup) {
  EXPECT_EQ(html_text("<b class=\"x\">&\n\x01ü</b>"),
            "&lt;b class=&quot;x&quot;&gt;&amp;  ü&lt;/b&gt;");
}

}  // namespace
}  // namespace gauntlet::report
