// Runners of other people, those that Debian has, before scenarios whose files say what is right:
// what they do well holds, and what they do not is named for what it is.
#include "harness/cli/program.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gauntlet::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Judged {
  const char* name;
  const char* subject_file;
  const char* of_a_late_file;  ///< the finding; empty: it is run
};

void PrintTo(const Judged& judged, std::ostream* out) { *out << judged.name; }

class JudgedRunner : public testing::TestWithParam<Judged> {};

TEST_P(JudgedRunner, HoldsWhereItIsRightAndIsNamedWhereItIsNot) {
  const auto run = gauntlet({"test", "transactions/atomic-apply", "order/populated-upgrade",
                             "order/skip-hole", "--database", "ephemeral", "--json", "--subject",
                             std::string(GAUNTLET_SOURCE_DIR "/") + GetParam().subject_file});
  const json report = only_object_on(run.out);
  ASSERT_TRUE(report.is_object()) << run.out << run.err;
  const std::string late = GetParam().of_a_late_file;
  for (const json& result : report.at("results")) {
    const bool is_violated = !late.empty() && result.at("id") == "order/skip-hole";
    EXPECT_EQ(result.at("verdict"), is_violated ? "violated" : "holds") << result.dump(1);
    if (!is_violated) continue;
    EXPECT_THAT(result.at("findings").dump(), HasSubstr("\"id\":\"" + late + "\""));
  }
}

INSTANTIATE_TEST_SUITE_P(
    OfDebian, JudgedRunner,
    testing::Values(Judged{"Sqitch", "scenarios/subjects/sqitch.toml", "hole-refused"},
                    Judged{"yoyo", "harness/cli/runners/yoyo.toml", ""},
                    Judged{"Alembic", "harness/cli/runners/alembic.toml", "hole-skipped"}),
    [](const auto& judged) { return std::string(judged.param.name); });

}  // namespace
}  // namespace gauntlet::cli
