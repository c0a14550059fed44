#include "harness/formats/tracker.h"

#include <gtest/gtest.h>

namespace gauntlet::formats {
namespace {

TEST(Tracker, OfGolangMigrateAndOfRailsAreToldApartByTheirColumns) {
  EXPECT_EQ(recognise("schema_migrations", {"version", "dirty"})->tool, "golang-migrate");
  EXPECT_EQ(recognise("schema_migrations", {"version"})->tool, "dbmate or Rails");
  EXPECT_EQ(recognise("schema_migrations", {"version", "dirty", "note"}), nullptr);
}

TEST(Tracker, IsNotRecognisedByItsNameAlone) {
  EXPECT_EQ(recognise("goose_db_version", {"id"}), nullptr);
}

TEST(Tracker, OfATableIsNamedInAnyCase) {
  EXPECT_EQ(tools_of_table("SequelizeMeta"), "Sequelize and Umzug");
  EXPECT_EQ(tools_of_table("sequelizemeta"), "Sequelize and Umzug");
  EXPECT_EQ(tools_of_table("schema_migrations"), "golang-migrate, dbmate or Rails, Ecto");
  EXPECT_EQ(tools_of_table("parcels"), "");
}

}  // namespace
}  // namespace gauntlet::formats
