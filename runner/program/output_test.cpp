#include "runner/program/output.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

Inspection inspection() {
  Inspection seen;
  seen.state = Inspection::State::incompatible;
  seen.tracker = "public.applied_migrations";
  seen.known_max = Version{3};
  Entry applied{.version = {1}, .name = "init"};
  applied.state = Entry::State::applied;
  applied.recorded_checksum = "abc";
  applied.applied_at = "2026-01-02T03:04:05Z";
  Entry renamed{.version = {2}, .name = "new"};
  renamed.state = Entry::State::renamed;
  renamed.recorded_name = "old";
  Entry pending{.version = {3}, .name = "add_index"};
  seen.entries = {applied, renamed, pending};
  return seen;
}

TEST(StatusJson, KeepsItsContract) {
  EXPECT_EQ(
      status_json(inspection(), {}),
      R"({"schema":1,"state":"incompatible","known_max":3,"migrations":[)"
      R"({"version":1,"name":"init","state":"applied","applied_at":"2026-01-02T03:04:05Z","checksum":"abc"},)"
      R"({"version":2,"name":"new","state":"renamed","applied_at":null,"checksum":null,"recorded_name":"old"},)"
      R"({"version":3,"name":"add_index","state":"pending","applied_at":null,"checksum":null}],)"
      R"("tracker":"public.applied_migrations","legacy":null,"lock_holder":null})"
      "\n");
}

TEST(StatusText, IsATableAndALine) {
  EXPECT_EQ(status_text(inspection(), {}),
            "       1  init       applied      2026-01-02T03:04:05Z\n"
            "       2  new        renamed      applied as old\n"
            "       3  add_index  pending\n"
            "incompatible: renamed [2], pending [3]\n");
}

// The tracker's names are whoever's wrote them: one could pass for a line of its own.
TEST(StatusText, KeepsANameToItsLine) {
  Inspection seen;
  seen.entries = {{.version = {1}, .name = "a\n       2  b  applied\t"}};
  EXPECT_EQ(std::ranges::count(status_text(seen, {}), '\n'), 2);
}

TEST(FailureJson, StandsInTheAnswersPlace) {
  EXPECT_EQ(failure_json(Error("code", "it is so", "here", "do that")),
            R"({"schema":1,"error":{"code":"code","message":"it is so","where":"here",)"
            R"("fix":"do that"}})"
            "\n");
}

TEST(StatusText, NamesTheHolderOfTheLock) {
  LockHolder holder;
  holder.pid = 7;
  holder.application = "app";
  holder.since = "then";
  holder.state = "active";
  holder.statement = "SELECT 1";
  EXPECT_NE(
      status_text(inspection(), holder)
          .find("migration lock held by pid 7 \"app\" over a local socket, since then, active, "
                "statement: SELECT 1 (to end it: SELECT pg_terminate_backend(7))"),
      std::string::npos);
}

TEST(CheckJson, CarriesLineCodeAndVersions) {
  EXPECT_EQ(check_json(inspection()),
            R"({"schema":1,"state":"incompatible","line":"incompatible: renamed [2], pending [3]",)"
            R"("exit_code":2,"versions":{"renamed":[2],"pending":[3]}})"
            "\n");
}

TEST(PlanOutput, TellsHowEachFileIsSentAndWhatIsInTheWay) {
  Migration migration;
  migration.version = {4};
  migration.name = "x";
  migration.up = {.file = "m/4_x.up.sql", .bytes = {}, .checksum = "abc"};
  const Preview preview{.pending = {{&migration, Delivery::by_statement}},
                        .problems = {Error("code", "it is so", "here", "do that")}};
  EXPECT_EQ(plan_text(preview),
            "4 (x)  statement by statement, outside a transaction\n"
            "error[code]: it is so\n  where: here\n  fix:   do that\n"
            "1 pending, 1 problems\n");
  EXPECT_EQ(
      plan_json(preview),
      R"({"schema":1,"pending":[{"version":4,"name":"x","file":"m/4_x.up.sql","transaction":false,)"
      R"("checksum":"abc"}],"problems":[{"code":"code","message":"it is so","where":"here","fix":"do that"}]})"
      "\n");
}

TEST(EventJson, IsOneLineForEveryEvent) {
  using std::chrono::microseconds;
  using std::chrono::milliseconds;
  EXPECT_EQ(event_json(RunStarted{2}), "{\"event\":\"run-started\",\"pending\":2}\n");
  EXPECT_EQ(event_json(Waiting{"pid 1", milliseconds(1500)}),
            "{\"event\":\"waiting\",\"holder\":\"pid 1\",\"seconds\":1.5}\n");
  EXPECT_EQ(event_json(MigrationFinished{{3}, "x", microseconds(2500)}),
            "{\"event\":\"migration-finished\",\"version\":3,\"name\":\"x\",\"seconds\":0.0025}\n");
  EXPECT_EQ(event_json(Warned{"bad \xff byte\n"}),
            "{\"event\":\"warning\",\"message\":\"bad \xef\xbf\xbd byte\\n\"}\n");
  EXPECT_EQ(event_json(RunFinished{1, microseconds(500'000)}),
            "{\"event\":\"run-finished\",\"applied\":1,\"seconds\":0.5}\n");
}

}  // namespace
}  // namespace gauntlet::runner
