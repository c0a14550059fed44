#include "harness/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Catalogue;
using core::Verdict;
using ::testing::HasSubstr;

core::Judgement judge_schema_equals_serial(const Catalogue& first, const Catalogue& second,
                                           const Catalogue& here) {
  return ask(oracle("schema-equals-serial"),
             {.after = core::Snapshot{.catalogue = here},
              .serial = {{.catalogue = first}, {.catalogue = second}}});
}

TEST(SchemaEqualsSerial, HoldsWhenTheCatalogueIsTheSame) {
  const Catalogue serial = {{"table public.a", "x"}};

  const auto judgement = judge_schema_equals_serial(serial, serial, serial);

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_EQ(judgement.reason, "");
}

TEST(SchemaEqualsSerial, IsViolatedByWhatIsMissingAddedOrDifferentAndShowsIt) {
  const Catalogue serial = {{"table public.a", "x"}, {"table public.b", "y"}};

  const auto judgement = judge_schema_equals_serial(
      serial, serial, {{"table public.a", "z"}, {"table public.c", "w"}});

  ASSERT_EQ(judgement.verdict, Verdict::violated);
  EXPECT_EQ(judgement.findings[0].id, "schema-differs");
  EXPECT_EQ(judgement.findings[0].message,
            "the schema differs from a serial run's in 3 objects (- serial, + here):\n"
            "table public.a\n  - x\n  + z\ntable public.b\n  - y\ntable public.c\n  + w");
}

TEST(SchemaEqualsSerial, DoesNotCompareWhatTwoSerialRunsLeaveDifferently) {
  const auto judgement =
      judge_schema_equals_serial({{"a", "x"}, {"only here", ""}}, {{"a", "y"}}, {{"a", "z"}});

  EXPECT_EQ(judgement.verdict, Verdict::holds);
  EXPECT_THAT(judgement.reason, HasSubstr("differ there: a, only here"));
}

TEST(SchemaEqualsSerial, DoesNotCompareANameThatEveryRunMakesAnew) {
  EXPECT_EQ(
      judge_schema_equals_serial({{"table public.backup_1", ""}}, {{"table public.backup_22", ""}},
                                 {{"table public.backup_333", ""}})
          .verdict,
      Verdict::holds);
  EXPECT_EQ(
      judge_schema_equals_serial({{"table public.backup_1", ""}}, {{"table public.backup_22", ""}},
                                 {{"table public.other_3", ""}})
          .verdict,
      Verdict::violated);
}

TEST(SchemaEqualsSerial, IsUnknownWithoutTwoSerialRuns) {
  const Observation seen = {.after = core::Snapshot{.catalogue = Catalogue{}},
                            .serial = {{.catalogue = Catalogue{}}}};

  EXPECT_EQ(ask(oracle("schema-equals-serial"), seen).verdict, Verdict::unknown);
}

TEST(SchemaEqualsSerial, IsUnknownWhenASerialCatalogueCouldNotBeRead) {
  const Observation seen = {.after = core::Snapshot{.catalogue = Catalogue{}},
                            .serial = {{.catalogue = Catalogue{}}, {.missing = "timed out"}}};

  const auto judgement = ask(oracle("schema-equals-serial"), seen);

  EXPECT_EQ(judgement.verdict, Verdict::unknown);
  EXPECT_THAT(judgement.reason, HasSubstr("timed out"));
}

TEST(SchemaEqualsSerial, IsUnknownWhenNobodyLooked) {
  EXPECT_EQ(ask(oracle("schema-equals-serial"), {}).verdict, Verdict::unknown);
}

}  // namespace
}  // namespace gauntlet::oracle
