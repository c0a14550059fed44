#include "harness/arena/file_arena.h"

#include <fstream>

#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

TEST(FileArena, GivesEachDatabaseAFolderThatGoesWithIt) {
  const auto files = open_files();
  auto one = files->fresh("one");
  const auto other = files->fresh("other");
  const std::filesystem::path file = one->address().file();
  EXPECT_NE(file, other->address().file());
  EXPECT_TRUE(std::filesystem::exists(file.parent_path()));
  EXPECT_FALSE(std::filesystem::exists(file));
  one.reset();
  EXPECT_FALSE(std::filesystem::exists(file.parent_path()));
}

TEST(FileArena, KeepsACopyOnDemand) {
  const auto files = open_files();
  auto database = files->fresh("kept");
  std::ofstream(database->address().file()) << "bytes";
  const std::filesystem::path kept = database->keep().substr(std::string("sqlite:").size());
  database.reset();
  EXPECT_EQ(std::filesystem::file_size(kept), 5U);
  std::filesystem::remove_all(kept.parent_path());
}

}  // namespace
}  // namespace gauntlet::arena
