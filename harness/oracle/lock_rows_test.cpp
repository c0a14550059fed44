#include "harness/oracle/lock_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Observation with_row(std::string said) {
  Observation seen{.lock_rows = {{.table = "public.knex_migrations_lock",
                                  .row = R"({"index":1,"is_locked":1})",
                                  .since = "2026-01-01",
                                  .removal = "`UPDATE …`"}}};
  seen.history.replicas = 1;
  seen.history.events = {{.kind = core::Event::Kind::exited, .exit_code = 1}};
  seen.history.outputs = {{.out = {}, .err = std::move(said)}};
  return seen;
}

core::Finding named(const Observation& seen, const std::string& id) {
  core::Judgement judgement = core::judged({{.id = id, .message = "exit 1", .fix = "look"}});
  name_lock_rows(judgement, seen);
  return judgement.findings.front();
}

TEST(LockRows, AreTheCauseWhereARunnerSaysThatItIsLocked) {
  const core::Finding finding = named(with_row("MigrationLocked: already locked"), "apply-failed");
  EXPECT_THAT(finding.message, HasSubstr("public.knex_migrations_lock holds the lock row"));
  EXPECT_THAT(finding.message, HasSubstr("since 2026-01-01"));
  EXPECT_THAT(finding.fix, HasSubstr("`UPDATE …`"));
}

TEST(LockRows, AreTheCauseOfAWaitThatNothingElseExplains) {
  Observation seen = with_row("");
  seen.history.events = {{.kind = core::Event::Kind::killed, .signal = 9}};
  EXPECT_THAT(named(seen, "replica-stuck").message, HasSubstr("lock row"));
}

TEST(LockRows, AreNoCauseOfAnotherFailure) {
  EXPECT_THAT(lock_row_cause(with_row("syntax error")), IsEmpty());
  EXPECT_EQ(named(with_row("syntax error"), "replica-failed").message, "exit 1");
}

TEST(LockRows, ExplainNoFindingAboutData) {
  EXPECT_EQ(named(with_row("locked"), "rows-missing").message, "exit 1");
}

}  // namespace
}  // namespace gauntlet::oracle
