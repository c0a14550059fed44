// The library as others get it: installed, found by find_package, in a project of ten lines.
#include "harness/process/process.h"
#include "harness/reference/server_fixture_test.h"

namespace gauntlet::runner {
namespace {

class Installed : public OnServer {
 protected:
  /// What it printed; fails unless it ended well.
  static std::string done(const std::vector<std::string>& argv,
                          const std::filesystem::path& directory = "/") {
    const auto finished = process::run(
        {.argv = argv, .environment = {{"CMAKE_GENERATOR", "Ninja"}}, .directory = directory},
        std::chrono::minutes(2));
    EXPECT_TRUE(finished.exit.ok()) << argv.front() << ": " << finished.exit.text() << "\n"
                                    << finished.out << finished.err;
    return finished.out;
  }
};

// A prefix, a project and a program that all stand outside of the tree; the program runs when the
// folder of its migrations is gone.
TEST_F(Installed, LibraryBuildsAProgramThatCarriesItsMigrations) {
  const std::string prefix = folder_ / "prefix", project = folder_ / "project",
                    tree = folder_ / "tree";
  done({GAUNTLET_CMAKE, "--install", GAUNTLET_BINARY_DIR, "--component", "library", "--prefix",
        prefix});
  std::filesystem::copy(GAUNTLET_SOURCE_DIR "/runner/fixtures/consumer", project,
                        std::filesystem::copy_options::recursive);
  done({GAUNTLET_CMAKE, "-S", project, "-B", tree, "-DCMAKE_PREFIX_PATH=" + prefix,
        std::string("-DCMAKE_CXX_COMPILER=") + GAUNTLET_CXX, "-DCMAKE_BUILD_TYPE=Debug"});
  done({GAUNTLET_CMAKE, "--build", tree});
  std::filesystem::remove_all(project);
  EXPECT_EQ(done({tree + "/consumer", conninfo()}), "2 applied, compatible: 2 applied\n");
  EXPECT_EQ(done({tree + "/consumer", conninfo()}), "0 applied, compatible: 2 applied\n");
  EXPECT_EQ(value("SELECT name FROM people"), "Ada");
}

}  // namespace
}  // namespace gauntlet::runner
