#include "harness/report/golden.h"
#include "harness/report/report.h"
#include "harness/report/sample_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pugixml.hpp>

namespace gauntlet::report {
namespace {

using ::testing::HasSubstr;

pugi::xml_document parsed(const core::Report& report) {
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_string(junit(report).c_str());
  EXPECT_TRUE(result) << result.description();
  return document;
}

TEST(JUnit, OfAReportWithFindings) {
  const std::string now = junit(much_is_wrong());
  EXPECT_EQ(now, golden("much_is_wrong.xml", now));
}

TEST(JUnit, OfMessagesOfAnyBytes) {
  const std::string now = junit(any_bytes());
  EXPECT_EQ(now, golden("any_bytes.xml", now));
}

TEST(JUnit, CountsFailuresErrorsAndSkips) {
  const pugi::xml_document document = parsed(much_is_wrong());
  const pugi::xml_node suite = document.child("testsuites").child("testsuite");

  EXPECT_EQ(suite.attribute("tests").as_int(), 5);
  EXPECT_EQ(suite.attribute("failures").as_int(), 3);
  EXPECT_EQ(suite.attribute("errors").as_int(), 1);
  EXPECT_EQ(suite.attribute("skipped").as_int(), 1);
}

TEST(JUnit, HasOneFailureForEachViolation) {
  const pugi::xml_document document = parsed(much_is_wrong());
  const pugi::xml_node failure =
      document.select_node("//testcase[@name='check/replicas applied-twice']/failure").node();

  EXPECT_STREQ(failure.attribute("type").value(), "applied-twice");
  EXPECT_THAT(failure.text().get(), HasSubstr("hold one lock"));
  EXPECT_TRUE(document.select_node("//testcase[@name='check/replicas schema-differs']/failure"));
}

TEST(JUnit, HasTheWarningsOfWhatHoldsAsOutput) {
  const pugi::xml_document document = parsed(all_hold());

  EXPECT_FALSE(document.select_node("//failure"));
  EXPECT_THAT(document.select_node("//system-out").node().text().get(),
              HasSubstr("warning[lock-blocks-writes]"));
}

TEST(JUnit, IsAnErrorWhenNothingRan) {
  const pugi::xml_document document = parsed(nothing_ran());

  EXPECT_STREQ(document.select_node("//testcase/error").node().attribute("message").value(),
               "nothing was judged");
}

}  // namespace
}  // namespace gauntlet::report
