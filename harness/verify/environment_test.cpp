#include "harness/verify/environment.h"

#include "harness/verify/test_ground.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::verify::test {
namespace {

using testing::HasSubstr;

runner::Migration migration(const std::string& sql) {
  runner::Migration made;
  made.up.bytes = sql;
  return made;
}

/// What the server lacks for these scripts; empty if nothing.
std::string fault(const GivenServer& server, const std::vector<std::string>& scripts) {
  std::vector<runner::Migration> migrations;
  migrations.reserve(scripts.size());
  for (const std::string& script : scripts) migrations.push_back(migration(script));
  return environment_fault(*server.connect(), migrations).value_or("");
}

TEST(Environment, LacksNothingForOrdinaryFiles) {
  EXPECT_EQ(
      fault(GivenServer(), {"CREATE TABLE a (t text COLLATE \"C\")", "CREATE EXTENSION plpgsql"}),
      "");
}

TEST(Environment, NamesAMissingExtensionAndItsPackage) {
  EXPECT_THAT(fault(GivenServer(), {"CREATE EXTENSION IF NOT EXISTS vector"}),
              HasSubstr("extension \"vector\" is not installed on this PostgreSQL"));
  EXPECT_THAT(fault(GivenServer(), {"CREATE EXTENSION vector"}), HasSubstr("-pgvector"));
}

TEST(Environment, NamesAMissingExtensionOfABlock) {
  const GivenServer server;
  const runner::Migration block = migration(
      "DO $$ BEGIN IF true THEN\n  Create  Extension IF NOT EXISTS PgAudit; END IF; END $$");
  const runner::ServerMessage said{
      .sqlstate = "0A000", .message = "", .detail = "", .hint = "", .context = "", .position = {}};

  EXPECT_THAT(environment_fault(*server.connect(), block, said, {}).value_or(""),
              HasSubstr("extension \"pgaudit\" is not installed"));
}

TEST(Environment, ClaimsNoPackageThatItIsNotSureOf) {
  EXPECT_THAT(fault(GivenServer(), {"CREATE EXTENSION no_such"}),
              HasSubstr("install the package that brings it on that server"));
}

TEST(Environment, NamesAMissingRole) {
  EXPECT_THAT(fault(GivenServer(), {"CREATE TABLE a (id int)", "GRANT SELECT ON a TO reader"}),
              HasSubstr("no role \"reader\" on this server"));
}

TEST(Environment, TakesARoleThatAMigrationCreates) {
  EXPECT_EQ(fault(GivenServer(), {"CREATE ROLE reader", "GRANT SELECT ON a TO reader, PUBLIC"}),
            "");
}

TEST(Environment, NamesAMissingCollationLanguageAndTablespace) {
  const GivenServer server;
  EXPECT_THAT(fault(server, {"CREATE TABLE a (t text COLLATE \"xx_XX\")"}),
              HasSubstr("no collation \"xx_XX\""));
  EXPECT_THAT(fault(server, {"CREATE FUNCTION f() RETURNS int LANGUAGE plfoo AS 'x'"}),
              HasSubstr("no language \"plfoo\""));
  EXPECT_THAT(fault(server, {"CREATE TABLE a (id int) TABLESPACE fast"}),
              HasSubstr("no tablespace \"fast\""));
}

TEST(Environment, DoesNotExcuseAFailureOfAnotherKind) {
  const GivenServer server;
  const runner::Migration broken = migration("GRANT SELECT ON missing TO reader");
  const runner::ServerMessage said{
      .sqlstate = "42P01", .message = "", .detail = "", .hint = "", .context = "", .position = {}};

  EXPECT_EQ(environment_fault(*server.connect(), broken, said, {}), std::nullopt);
}

TEST(Environment, DoesNotExcuseAMissingObjectThatIsNoneOfTheServers) {
  const GivenServer server;
  const runner::Migration broken = migration("DROP TYPE missing");
  const runner::ServerMessage said{
      .sqlstate = "42704", .message = "", .detail = "", .hint = "", .context = "", .position = {}};

  EXPECT_EQ(environment_fault(*server.connect(), broken, said, {}), std::nullopt);
}

}  // namespace
}  // namespace gauntlet::verify::test
