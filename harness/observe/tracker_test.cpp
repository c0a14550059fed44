#include "harness/observe/tracker.h"

#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

TEST(Tracker, OfGolangMigrateAndOfRailsAreToldApartByTheirColumns) {
  EXPECT_EQ(recognise("schema_migrations", {"version", "dirty"})->tool, "golang-migrate");
  EXPECT_EQ(recognise("schema_migrations", {"version"})->tool, "dbmate or Rails");
  EXPECT_EQ(recognise("schema_migrations", {"version", "dirty", "note"}), nullptr);
}

TEST(Tracker, IsNotRecognisedByItsNameAlone) {
  EXPECT_EQ(recognise("goose_db_version", {"id"}), nullptr);
}

TEST(VersionOf, ReadsTheLeadingDigits) {
  EXPECT_EQ(version_of("0003_add.sql"), 3);
  EXPECT_EQ(version_of("20240102030405"), 20240102030405);
  EXPECT_EQ(version_of("abc"), std::nullopt);
  EXPECT_EQ(version_of("-1"), std::nullopt);
  EXPECT_EQ(version_of("99999999999999999999"), std::nullopt);
}

TEST(NameOf, DropsVersionAndExtension) {
  EXPECT_EQ(name_of("0003_add.index.up.sql", 3), "add.index");
  EXPECT_EQ(name_of("1389_first-one.js", 1389), "first-one");
  EXPECT_EQ(name_of("add_index", 3), "add_index");
  EXPECT_EQ(name_of("2_factor", 7), "2_factor");
  EXPECT_EQ(name_of("7", 7), "7");
}

}  // namespace
}  // namespace gauntlet::observe
