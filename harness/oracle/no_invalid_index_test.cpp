#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Catalogue;
using core::Verdict;
using ::testing::HasSubstr;

const Catalogue valid = {{"index public.i", "CREATE INDEX i ON public.a USING btree (x)"},
                         {"constraint public.a.c", "CHECK ((x > 0))"}};
const Catalogue invalid = {
    {"index public.i", "CREATE INDEX i ON public.a USING btree (x)\ninvalid\nnot ready"}};
const Catalogue not_validated = {{"constraint public.a.c", "CHECK ((x > 0)) (not validated)"}};

core::Judgement judge_no_invalid_index(const Catalogue& after,
                                       const std::vector<core::Snapshot>& serial = {}) {
  return ask(oracle("no-invalid-index"),
             {.after = core::Snapshot{.catalogue = after}, .serial = serial});
}

TEST(NoInvalidIndex, HoldsWhenAllIsValid) {
  EXPECT_EQ(judge_no_invalid_index(valid).verdict, Verdict::holds);
}

TEST(NoInvalidIndex, IsViolatedByAnInvalidIndexAndSaysHowToDropIt) {
  const auto judgement = judge_no_invalid_index(invalid, {{.catalogue = valid}});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "invalid-index-left");
  EXPECT_THAT(judgement.findings[0].message, HasSubstr("index public.i is left INVALID"));
  EXPECT_THAT(judgement.findings[0].fix, HasSubstr("DROP INDEX CONCURRENTLY public.i;"));
}

TEST(NoInvalidIndex, HoldsWhenASerialRunLeavesItInvalidToo) {
  EXPECT_EQ(judge_no_invalid_index(invalid, {{.catalogue = invalid}}).verdict, Verdict::holds);
}

TEST(NoInvalidIndex, HoldsWhenItWasInvalidBefore) {
  EXPECT_EQ(ask(oracle("no-invalid-index"), {.before = core::Snapshot{.catalogue = invalid},
                                             .after = core::Snapshot{.catalogue = invalid}})
                .verdict,
            Verdict::holds);
}

TEST(NoInvalidIndex, IsNotMisledByAnIndexThatIsCalledInvalid) {
  EXPECT_EQ(judge_no_invalid_index(
                {{"index public.invalid", "CREATE INDEX invalid ON public.a USING btree (x)"}})
                .verdict,
            Verdict::holds);
}

TEST(NoInvalidIndex, IsViolatedByAConstraintThatASerialRunValidates) {
  const auto judgement = judge_no_invalid_index(not_validated, {{.catalogue = valid}});

  ASSERT_EQ(judgement.findings.size(), 1U);
  EXPECT_EQ(judgement.findings[0].id, "not-valid-left");
}

TEST(NoInvalidIndex, HoldsForAConstraintThatAMigrationMayHaveWantedSo) {
  EXPECT_EQ(judge_no_invalid_index(not_validated).verdict, Verdict::holds);
}

TEST(NoInvalidIndex, IsUnknownWhenTheCatalogueCouldNotBeRead) {
  const auto judgement =
      ask(oracle("no-invalid-index"), {.after = core::Snapshot{.missing = "server gone"}});

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("server gone"));
}

}  // namespace
}  // namespace gauntlet::oracle
