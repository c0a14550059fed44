#include "harness/run/own_tracker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::run {
namespace {

core::History run_of(const std::vector<std::string>& texts) {
  core::History run{.replicas = 1};
  for (const std::string& text : texts) {
    core::StepRecord record{.step = {.sql = text}};
    record.reply = core::Reply{.statements = {{.tag = "OK"}}};
    run.steps.push_back(std::move(record));
  }
  return run;
}

std::optional<core::Applied> applied_in(const std::string& table) {
  return core::Applied{.tracker = table, .rows = {{.version = 1}}};
}

TEST(OwnTracker, IsNoTableThatTheProgramNamesNowhere) {
  OwnTracker tracker;
  tracker.learn(run_of({"SELECT version FROM applied", "INSERT INTO applied VALUES (1)"}), {}, {});
  EXPECT_TRUE(tracker.may_be("public.applied"));
  EXPECT_FALSE(tracker.may_be("public.schema_migrations"));
  std::string missing;
  auto foreign = applied_in("public.schema_migrations"), own = applied_in("public.applied");
  tracker.drop_foreign(foreign, missing);
  EXPECT_FALSE(foreign.has_value());
  EXPECT_THAT(missing, testing::HasSubstr("public.schema_migrations"));
  tracker.drop_foreign(own, missing);
  EXPECT_TRUE(own.has_value());
}

TEST(OwnTracker, MayBeNamedInAStringThatAFunctionExecutes) {
  OwnTracker tracker;
  tracker.learn(run_of({"DO $$ BEGIN EXECUTE 'INSERT INTO Schema_Migrations VALUES (1)'; END $$"}),
                {}, {});
  EXPECT_TRUE(tracker.may_be("public.schema_migrations"));
}

TEST(OwnTracker, IsReadWhereAStatementIsSeenToDoSo) {
  const RecogniseTracker recognise = [](const core::History&, const runner::Listing&) {
    return std::string("applied");
  };
  OwnTracker read, written;
  read.learn(run_of({"SELECT version FROM applied"}), {}, recognise);
  written.learn(run_of({"INSERT INTO applied VALUES (1)"}), {}, recognise);
  EXPECT_EQ(read.read_table(), "applied");
  EXPECT_EQ(written.read_table(), "");
}

TEST(OwnTracker, OfAProgramThatWasNotSeenMayBeAnyTable) {
  EXPECT_TRUE(OwnTracker().may_be("public.schema_migrations"));
}

}  // namespace
}  // namespace gauntlet::run
