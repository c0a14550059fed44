// One small round of everything that is measured. What it takes is nobody's business here.
#include "harness/process/process.h"

#include <gtest/gtest.h>

namespace gauntlet::benchmarks {
namespace {

class Benchmark : public testing::TestWithParam<const char*> {};

TEST_P(Benchmark, MeasuresEverythingOnce) {
  const process::Finished finished = process::run(
      {.argv = {std::string(GAUNTLET_BINARY_DIR) + "/bin/" + GetParam() + "_benchmark", "--quick"}},
      std::chrono::minutes(2));
  EXPECT_TRUE(finished.exit.ok()) << finished.exit.text() << "\n" << finished.out << finished.err;
  EXPECT_NE(finished.out.find("medians of 1 rounds"), std::string::npos) << finished.out;
}

INSTANTIATE_TEST_SUITE_P(Every, Benchmark,
                         testing::Values("startup", "apply", "replicas", "takeover", "history",
                                         "proxy", "contention"),
                         [](const auto& about) { return std::string(about.param); });

}  // namespace
}  // namespace gauntlet::benchmarks
