// What gauntlet-migrate asks of the machine it is put on.
#include "harness/process/process.h"

#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::StartsWith;

// Of the dynamic section's lines `(NEEDED) Shared library: [libpq.so.5]`.
std::vector<std::string> libraries_asked_for_by(const std::string& program) {
  const auto finished =
      process::run({.argv = {"readelf", "-dW", program}}, std::chrono::seconds(60));
  std::vector<std::string> libraries;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t open = line.find('[');
    if (line.find("(NEEDED)") == std::string::npos || open == std::string::npos) continue;
    libraries.push_back(line.substr(open + 1, line.find(']') - open - 1));
  }
  return libraries;
}

TEST(LinkedLibraries, AreLibpqWhatItLoadsItselfAndTheCLibrary) {
  const auto libraries =
      libraries_asked_for_by(std::string(GAUNTLET_BINARY_DIR) + "/bin/gauntlet-migrate");
  EXPECT_THAT(libraries, Contains("libpq.so.5"));
  EXPECT_THAT(libraries, Each(AnyOf("libpq.so.5", StartsWith("libcrypto.so."), "libc.so.6",
                                    "libm.so.6", StartsWith("ld-linux-"))));
}

}  // namespace
}  // namespace gauntlet::runner
