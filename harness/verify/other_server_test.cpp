#include "harness/verify/other_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify {
namespace {

using core::Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

core::Report report_with(const std::string& message) {
  core::Report report;
  report.server = core::ServerFacts{.version = "15.18"};
  report.results.push_back(
      {.id = "check/dry-run",
       .judgement = core::judged({{.id = "migration-fails", .message = message}})});
  return report;
}

Options declared(int major) {
  Options options;
  options.server_version = major;
  return options;
}

TEST(OtherServer, TurnsAFailureOfClass42IntoUnknown) {
  core::Report report = report_with("2 (b) fails: syntax error (SQLSTATE 42601)");
  tell_other_server(declared(17), report);
  const core::Result& result = report.results.front();
  EXPECT_EQ(result.judgement.verdict, Verdict::unknown);
  EXPECT_THAT(result.judgement.findings, IsEmpty());
  EXPECT_THAT(result.notes,
              ElementsAre(HasSubstr("other-server-version: judged on PostgreSQL 15")));
}

TEST(OtherServer, LeavesEveryOtherFailureAFinding) {
  core::Report report = report_with("2 (b) fails: duplicate key (SQLSTATE 23505)");
  tell_other_server(declared(17), report);
  EXPECT_EQ(report.results.front().judgement.verdict, Verdict::violated);
  EXPECT_EQ(report.results.front().notes.size(), 1U);
}

TEST(OtherServer, SaysNothingOnTheDeclaredServer) {
  core::Report report = report_with("2 (b) fails: syntax error (SQLSTATE 42601)");
  tell_other_server(declared(15), report);
  EXPECT_EQ(report.results.front().judgement.verdict, Verdict::violated);
  EXPECT_THAT(report.results.front().notes, IsEmpty());
}

}  // namespace
}  // namespace gauntlet::verify
