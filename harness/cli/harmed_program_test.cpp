// Scenarios that harm a program where only its tracker and its lock are known: the small runner,
// and the same with one flaw at a time.
#include "harness/cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

struct HarmedCase {
  const char* scenario;
  const char* flaw;
  const char* finding;  ///< empty: it holds
};

class HarmedProgram : public testing::TestWithParam<HarmedCase> {};

TEST_P(HarmedProgram, HoldsUnlessItHasTheFlaw) {
  const std::string runner = std::string("env FLAW=") + GetParam().flaw +
                             " /usr/bin/python3 " GAUNTLET_SOURCE_DIR
                             "/harness/crash/runners/small.py {url} {migrations}";
  const auto done = gauntlet({"test", GetParam().scenario, "--runner", runner, "--format",
                              "gauntlet", "--timeout", "12s", "--database", "ephemeral", "--json"});
  const auto report = only_object_on(done.out);
  const auto& result = report["results"][0];
  const std::string finding = GetParam().finding;
  EXPECT_EQ(result["verdict"], finding.empty() ? "holds" : "violated") << result.dump(1);
  if (finding.empty()) return;
  EXPECT_THAT(result["findings"].dump(), testing::HasSubstr("\"" + finding + "\""));
}

INSTANTIATE_TEST_SUITE_P(
    Small, HarmedProgram,
    testing::Values(
        HarmedCase{"crash/tracker-read-error", "", ""},
        HarmedCase{"crash/tracker-read-error", "any-error-is-missing-table-no-key", "not-refused"},
        HarmedCase{"crash/no-transaction-partial", "", ""},
        HarmedCase{"crash/no-transaction-partial", "resumes-blindly", "applied-twice"},
        HarmedCase{"crash/statement-outlives-client", "", ""},
        HarmedCase{"locks/leak-on-cancel", "", ""},
        HarmedCase{"locks/long-reader", "lock-timeout", ""},
        HarmedCase{"locks/long-reader", "", "readers-wait"},
        HarmedCase{"locks/pooler", "no-lock", ""}, HarmedCase{"locks/pooler", "", "lock-leaked"},
        HarmedCase{"locks/unlock-false", "unlocks", ""},
        HarmedCase{"locks/unlock-false", "unlocks-blindly", "unlock-ignored"},
        HarmedCase{"locks/bounded-wait", "", ""},
        HarmedCase{"locks/bounded-wait", "goes-on-without-lock", "not-refused"},
        HarmedCase{"order/unparseable-name", "", ""},
        HarmedCase{"order/unparseable-name", "passes-over", "passed-over-in-silence"},
        HarmedCase{"order/unrecognized-file", "", ""},
        HarmedCase{"order/unrecognized-file", "passes-over", "passed-over-in-silence"},
        HarmedCase{"order/duplicate-version", "", ""},
        HarmedCase{"order/duplicate-version", "keeps-one-of-two", "duplicate-passed-over"},
        HarmedCase{"order/legacy-foreign", "", ""}),
    [](const auto& tested) {
      std::string name = std::string(tested.param.scenario) + "_" + tested.param.flaw;
      for (char& c : name)
        if (c == '/' || c == '-') c = '_';
      return name;
    });

TEST(HarmedProgramAlone, ThatCannotStartIsNotToldToGiveNoLockBack) {
  const auto done = gauntlet({"test", "locks/unlock-false", "--runner", "no-such-runner",
                              "--database", "ephemeral", "--json"});
  EXPECT_EQ(only_object_on(done.out)["results"][0]["verdict"], "unknown") << done.out;
}

}  // namespace
}  // namespace gauntlet::cli
