#include "harness/arena/clean_room.h"

#include "harness/arena/address.h"

#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

/// Sets one variable while it lives, and leaves it unset.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

/// Leaves behind nothing that it set itself.
class CleanRoom : public testing::Test {
 protected:
  void TearDown() override {
    for (const char* name : {"PGPASSFILE", "PSQLRC", "LC_ALL"}) ::unsetenv(name);
  }
};

std::string value_of(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "(not set)";
}

TEST_F(CleanRoom, OnAThrowawayServerNoVariableOfLibpqIsLeft) {
  for (const char* name :
       {"PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSERVICE",
        "PGSSLMODE", "PGCHANNELBINDING", "PGTARGETSESSIONATTRS", "PGOPTIONS", "PGTZ", "PGDATESTYLE",
        "PGCLIENTENCODING", "PGCONNECT_TIMEOUT", "PGGEQO", "LC_ALL", "LC_NUMERIC", "LANGUAGE"}) {
    SCOPED_TRACE(name);
    const Variable variable(name, "nosuch");
    const CallerEnvironment caller = clean_environment("ephemeral");
    EXPECT_THAT(caller.withheld, Contains(name));
    EXPECT_TRUE(caller.passed.empty());
    EXPECT_NE(value_of(name), "nosuch");
  }
}

TEST_F(CleanRoom, OnAGivenServerItsAddressPassesAndNothingElse) {
  const Variable host("PGHOST", "db.example");
  const Variable mode("PGSSLMODE", "require");
  const Variable options("PGOPTIONS", "-c search_path=nosuch");
  const Variable zone("PGTZ", "nosuch");
  const CallerEnvironment caller = clean_environment("postgresql://ann@/shop");
  EXPECT_EQ(value_of("PGHOST"), "db.example");
  EXPECT_EQ(value_of("PGSSLMODE"), "require");
  EXPECT_EQ(value_of("PGOPTIONS"), "(not set)");
  EXPECT_EQ(value_of("PGTZ"), "(not set)");
  EXPECT_THAT(caller.text(), HasSubstr("PGHOST, PGSSLMODE decide how the given server is reached"));
  EXPECT_THAT(caller.text(), HasSubstr("PGOPTIONS, PGTZ ignored"));
  EXPECT_EQ(Address::parse("postgresql://ann@/shop").host(), "db.example");
}

TEST_F(CleanRoom, EveryChildHasTheSameLocale) {
  const Variable language("LANG", "tr_TR.UTF-8");
  const Variable all("LC_ALL", "nosuch");
  clean_environment("ephemeral");
  EXPECT_EQ(value_of("LC_ALL"), "C.UTF-8");
  EXPECT_EQ(value_of("LANG"), "(not set)");
}

TEST_F(CleanRoom, SaysNothingWhereNothingWasSet) {
  clean_environment("ephemeral");
  TearDown();
  EXPECT_EQ(clean_environment("ephemeral").text(), "");
  EXPECT_THAT(clean_environment("postgresql://ann@h/d").text(), Not(HasSubstr("LC_ALL")));
}

}  // namespace
}  // namespace gauntlet::arena
