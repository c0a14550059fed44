#include "harness/arena/file_arena.h"

#include <fstream>

#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

TEST(FileArena, GivesEachDatabaseAFolderThatGoesWithIt) {
  const auto files = open_files();
  auto one = files->fresh("one");
  const auto other = files->fresh("other");
  const std::filesystem::path file = file_of(one->address());
  EXPECT_NE(file, file_of(other->address()));
  EXPECT_TRUE(std::filesystem::exists(file.parent_path()));
  EXPECT_FALSE(std::filesystem::exists(file));
  one.reset();
  EXPECT_FALSE(std::filesystem::exists(file.parent_path()));
}

TEST(FileArena, KeepsACopyOnDemand) {
  const auto files = open_files();
  auto database = files->fresh("kept");
  std::ofstream(file_of(database->address())) << "bytes";
  const std::filesystem::path kept = database->keep().substr(std::string("sqlite:").size());
  database.reset();
  EXPECT_EQ(std::filesystem::file_size(kept), 5U);
  std::filesystem::remove_all(kept.parent_path());
}

TEST(FileArena, AddressesTellOfTheFileAlone) {
  const Address address = address_of_file("/data/app.db");
  EXPECT_EQ(address.conninfo(), "sqlite:/data/app.db");
  EXPECT_EQ(address.url(), "sqlite:/data/app.db");
  EXPECT_EQ(address.masked(), "sqlite:/data/app.db");
  EXPECT_EQ(address.environment().at("DATABASE_URL"), "sqlite:/data/app.db");
  EXPECT_EQ(address.environment().size(), 1U);
  EXPECT_EQ(file_of(Address::parse("postgresql://h/d")), "");
}

}  // namespace
}  // namespace gauntlet::arena
