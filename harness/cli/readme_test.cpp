// The files that the README shows are read as it says. Its commands are run by `.ci/readme`.
#include "harness/fleet/subject_file.h"
#include "harness/oracle/oracle.h"
#include "harness/scenario/load.h"
#include "runner/folder_test.h"

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace gauntlet::cli {
namespace {

/// The TOML file of the README that begins so; empty if there is none.
std::string shown(const std::string& beginning) {
  std::ostringstream readme;
  readme << std::ifstream(GAUNTLET_SOURCE_DIR "/README.md").rdbuf();
  const std::string text = readme.str(), fence = "```toml\n";
  const std::size_t found = text.find(fence + beginning);
  if (found == std::string::npos) return {};
  const std::size_t begin = found + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

TEST(Readme, ShowsAScenarioThatIsRead) {
  const runner::TestFolder folder;
  folder.write("db/migrations/2_more.up.sql", "INSERT INTO accounts VALUES (2, 5)");
  std::vector<std::string_view> oracles;
  for (const oracle::Oracle& oracle : oracle::oracles()) oracles.push_back(oracle.id);

  scenario::Loaded loaded;
  scenario::load(folder.write("mine.toml", shown("id = ")), oracles, loaded);

  EXPECT_EQ(loaded.scenario.id, "mine/two-releases");
  ASSERT_EQ(loaded.scenario.stages.size(), 2U);
  EXPECT_EQ(loaded.scenario.stages[1].replicas, 8U);
}

TEST(Readme, ShowsASubjectFileThatIsRead) {
  const runner::TestFolder folder;
  const auto subject = fleet::read_subject_file(folder.write("our.toml", shown("name = ")));

  EXPECT_EQ(subject.subject.name, "our script");
  EXPECT_EQ(subject.subject.success_codes, (std::vector<int>{0, 3}));
}

}  // namespace
}  // namespace gauntlet::cli
