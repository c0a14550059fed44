#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_idempotent(const Observation& observation) {
  return ask(oracle("idempotent"), observation);
}

core::Snapshot complete() {
  return {.catalogue = core::Catalogue{{"table public.a", "x"}},
          .data = core::Data{{"public.a", {.rows = 1, .columns = {{"id", "5"}}}}},
          .sequences = core::Sequences{{"public.a_id_seq", "1 (called)"}}};
}

TEST(Idempotent, HoldsWhenASecondRunLeavesAllAsItWas) {
  EXPECT_EQ(judge_idempotent({.before = complete(), .after = complete()}).verdict, Verdict::holds);
}

TEST(Idempotent, LetsARunnerLogItsRunsInATableOfItsOwn) {
  Observation seen{.before = complete(), .after = complete()};
  seen.after->data->at("public.a").rows = 2;
  seen.after->sequences->at("public.a_id_seq") = "2 (called)";
  EXPECT_EQ(judge_idempotent(seen).verdict, Verdict::violated);
  seen.own_tables = {"a"};
  EXPECT_EQ(judge_idempotent(seen).verdict, Verdict::holds);
}

TEST(Idempotent, IsViolatedByAChangeOfTheCatalogue) {
  core::Snapshot after = complete();
  (*after.catalogue)["index public.i"] = "create index";

  const auto judgement = judge_idempotent({.before = complete(), .after = after});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "second-run-changed");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("index public.i\n  + create index"));
}

TEST(Idempotent, IsViolatedByAFileBesideADatabaseFileThatOnlyOneSideHas) {
  core::Snapshot before = complete();
  before.files = core::Files{{"app.db", "4096 bytes"}};
  core::Snapshot after = before;
  EXPECT_EQ(judge_idempotent({.before = before, .after = after}).verdict, Verdict::holds);
  after.files->emplace("app.db-wal", "32 bytes");
  const auto judgement = judge_idempotent({.before = before, .after = after});
  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("app.db-wal\n  + 32 bytes"));
  after.files.reset();
  EXPECT_EQ(judge_idempotent({.before = before, .after = after}).verdict, Verdict::unknown);
}

TEST(Idempotent, IsViolatedByAValueThatChangedInEqualRowCounts) {
  core::Snapshot after = complete();
  (*after.data)["public.a"].columns["id"] = "6";

  const auto judgement = judge_idempotent({.before = complete(), .after = after});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("public.a.id"));
}

TEST(Idempotent, IsViolatedByASequenceThatMoved) {
  core::Snapshot after = complete();
  (*after.sequences)["public.a_id_seq"] = "2 (called)";

  EXPECT_EQ(judge_idempotent({.before = complete(), .after = after}).verdict, Verdict::violated);
}

TEST(Idempotent, IsUnknownWithoutALookBefore) {
  EXPECT_EQ(judge_idempotent({.after = complete()}).verdict, Verdict::unknown);
}

TEST(Idempotent, IsUnknownWhenAPartCouldNotBeRead) {
  core::Snapshot after = complete();
  after.data.reset();
  after.missing = "public.secret: permission denied";

  const auto judgement = judge_idempotent({.before = complete(), .after = after});

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("permission denied"));
}

}  // namespace
}  // namespace gauntlet::oracle
