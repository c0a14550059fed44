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

TEST(Tracker, IsMadeAsTheToolOfTheFileMakesIt) {
  EXPECT_NE(statement_that_creates("schema_migrations", "1_a.up.sql").find("dirty"),
            std::string::npos);
  EXPECT_EQ(statement_that_creates("schema_migrations", "1_a.sql").find("dirty"),
            std::string::npos);
  EXPECT_NE(statement_that_creates("_sqlx_migrations", "1_a.sql"), "");
  EXPECT_EQ(statement_that_creates("parcels", "1_a.sql"), "");
}

}  // namespace
}  // namespace gauntlet::formats
