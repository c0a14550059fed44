#include "harness/observe/observe.h"
#include "harness/observe/test_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::observe {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::Pair;

TEST(ServerFacts, TellVersionAndLocale) {
  const auto server = arena::Server::start({.locale = "C.UTF-8"});

  const core::ServerFacts facts = server_facts(server->local());

  EXPECT_THAT(facts.version, MatchesRegex("[0-9]+[.][0-9]+"));
  EXPECT_EQ(facts.locale, "C.UTF-8");
}

TEST(ServerFacts, TellSettingsThatSomebodyChoseAndNoPlaces) {
  const auto server = arena::Server::start({.settings = {{"work_mem", "7MB"}}});

  const core::ServerFacts facts = server_facts(server->local());

  EXPECT_THAT(facts.settings, Contains(Pair("work_mem", "7MB")));
  EXPECT_THAT(facts.settings, Contains(Pair("fsync", "off")));
  EXPECT_THAT(facts.settings, Not(Contains(Key("data_directory"))));
  EXPECT_THAT(facts.settings, Not(Contains(Key("port"))));
  EXPECT_THAT(facts.settings, Not(Contains(Key("unix_socket_directories"))));
  EXPECT_THAT(facts.settings, Not(Contains(Key("lc_messages"))));
}

TEST(ServerFacts, TellASettingOfTheDatabase) {
  const TestDatabase database;
  database.run("alter database postgres set statement_timeout = '5s'");

  EXPECT_THAT(server_facts(database.address()).settings,
              Contains(Pair("statement_timeout", "5000ms")));
}

TEST(SharedCatalogue, SeesChangesThatReachBeyondADatabase) {
  const TestDatabase database;
  core::Catalogue before = shared_catalogue(database.address());
  for (const char* change :
       {"create role a", "alter role a createdb", "create role b", "grant a to b",
        "alter role a set work_mem = '8MB'",
        "alter role a in database postgres set work_mem = '9MB'", "create database c",
        "alter database c connection limit 3", "alter database c set jit = off",
        "grant pg_read_all_data to a", "comment on role a is 'x'",
        "alter role b password 'p' login", "alter system set work_mem = '9MB'", "drop role b"}) {
    SCOPED_TRACE(change);
    database.run(change);
    core::Catalogue after = shared_catalogue(database.address());
    EXPECT_NE(before, after);
    before = std::move(after);
  }
}

TEST(SharedCatalogue, LeavesOutDatabasesThatAreOurOwn) {
  const TestDatabase database;
  const core::Catalogue before = shared_catalogue(database.address());
  database.run("create database gauntlet_x");
  database.run("alter database gauntlet_x set jit = off");

  EXPECT_EQ(shared_catalogue(database.address()), before);
}

TEST(SharedCatalogue, CanBeReadByAnybodyAndHoldsNoPassword) {
  const TestDatabase database;
  database.run("create role guest login password 's3cret'");

  const core::Catalogue catalogue = shared_catalogue(database.address().with("user", "guest"));

  EXPECT_EQ(catalogue.at("role guest"), "login");
}

}  // namespace
}  // namespace gauntlet::observe
