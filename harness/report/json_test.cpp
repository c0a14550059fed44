#include "harness/report/golden.h"
#include "harness/report/report.h"
#include "harness/report/sample_reports.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::report {
namespace {

using nlohmann::json;

TEST(Json, OfAReportThatHolds) {
  const std::string now = report::json(all_hold());
  EXPECT_EQ(now, golden("all_hold.json", now));
}

TEST(Json, OfAReportWithFindings) {
  const std::string now = report::json(much_is_wrong());
  EXPECT_EQ(now, golden("much_is_wrong.json", now));
}

TEST(Json, OfAScenarioThatFails) {
  const std::string now = report::json(a_scenario_fails());
  EXPECT_EQ(now, golden("a_scenario_fails.json", now));
}

TEST(Json, IsOneObjectOfSchemaOne) {
  const json object = json::parse(report::json(much_is_wrong()));

  EXPECT_EQ(object["schema"], 1);
  EXPECT_EQ(object["verdict"], "violated");
  EXPECT_EQ(object["server"], "15.20");
  EXPECT_EQ(object["server_settings"]["fsync"], "off");
  EXPECT_EQ(object["seed"], 18446744073709551615U);
}

TEST(Json, LeavesOutWhatIsNotKnownButAlwaysHasFindings) {
  const json object = json::parse(report::json(all_hold()));
  const json& lint = object["results"][0];

  EXPECT_TRUE(lint["findings"].is_array());
  EXPECT_FALSE(lint.contains("reason"));
  EXPECT_FALSE(lint.contains("replay"));
  EXPECT_FALSE(lint.contains("files"));
}

TEST(Json, LeavesOutAPlaceOfWhichNothingIsKnown) {
  const json object = json::parse(report::json(much_is_wrong()));

  EXPECT_FALSE(object["results"][3]["findings"][0].contains("where"));
  EXPECT_EQ(object["results"][3]["findings"][1]["where"], (json{{"version", 3}}));
}

TEST(Json, LeavesOutTheServerWhenNoneWasAsked) {
  const json object = json::parse(report::json(nothing_ran()));

  EXPECT_FALSE(object.contains("server"));
  EXPECT_EQ(object["verdict"], "unknown");
  EXPECT_EQ(object["results"], json::array());
}

TEST(Json, SurvivesAnyBytes) {
  const json object = json::parse(report::json(any_bytes()));

  EXPECT_EQ(object["results"][0]["subject"], "./serve \xEF\xBF\xBD");
}

}  // namespace
}  // namespace gauntlet::report
