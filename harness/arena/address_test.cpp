#include "harness/arena/address.h"

#include "runner/values/error.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::arena {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Address, ReadsAUrl) {
  const Address address =
      Address::parse("postgresql://ann:s3cret@db.example:5433/shop?sslmode=require");
  EXPECT_EQ(address.host(), "db.example");
  EXPECT_EQ(address.port(), "5433");
  EXPECT_EQ(address.user(), "ann");
  EXPECT_EQ(address.password(), "s3cret");
  EXPECT_EQ(address.database(), "shop");
  EXPECT_EQ(address.url(), "postgresql://ann:s3cret@db.example:5433/shop?sslmode=require");
}

TEST(Address, ReadsAKeywordString) {
  const Address address =
      Address::parse("host=localhost user=ann dbname='my shop' password='it\\'s'");
  EXPECT_EQ(address.url(), "postgresql://ann:it%27s@localhost:5432/my%20shop");
}

TEST(Address, FillsInUserPortAndDatabaseAsLibpqDoes) {
  const Address address = Address::parse("postgresql://ann@db.example");
  EXPECT_EQ(address.port(), "5432");
  EXPECT_EQ(address.database(), "ann");
}

TEST(Address, WithoutAHostItIsTheSocketFolderOfLibpq) {
  const Address address = Address::parse("dbname=shop");
  EXPECT_TRUE(address.is_unix_socket()) << address.host();
}

TEST(Address, AUrlNamesNoParameterThatNobodySaid) {
  EXPECT_EQ(Address::parse("postgresql://ann@db.example/shop").url(),
            "postgresql://ann@db.example:5432/shop");
}

TEST(Address, EveryByteOfAPasswordSurvivesTheUrl) {
  std::string password;
  for (int c = 1; c < 256; ++c) password += static_cast<char>(c);
  const Address address = Address::parse("postgresql://ann@h/d").with("password", password);
  EXPECT_EQ(Address::parse(address.url()).password(), password);
  EXPECT_EQ(Address::parse(address.conninfo()).password(), password);
}

TEST(Address, ASocketFolderStandsInTheQuery) {
  const Address address = Address::parse("postgresql:///shop?host=/run/pg&port=5433&user=ann");
  EXPECT_TRUE(address.is_unix_socket());
  EXPECT_EQ(address.url(), "postgresql://ann@/shop?host=%2Frun%2Fpg&port=5433");
  EXPECT_EQ(Address::parse(address.url()).host(), "/run/pg");
}

TEST(Address, SeveralHostsAndIpv6SurviveTheUrl) {
  for (const std::string url :
       {"postgresql://ann@a:1,b:2/shop", "postgresql://ann@[::1]:5433/shop"}) {
    SCOPED_TRACE(url);
    const Address address = Address::parse(url);
    EXPECT_EQ(Address::parse(address.url()).host(), address.host());
    EXPECT_EQ(Address::parse(address.url()).port(), address.port());
  }
}

TEST(Address, MaskedHoldsNoPassword) {
  const Address address = Address::parse("postgresql://ann:s3cret@h/d?sslpassword=s3cret2");
  EXPECT_EQ(address.masked(), "postgresql://ann:***@h:5432/d?sslpassword=***");
}

TEST(Address, AnAddressThatCannotBeReadIsAnErrorWithoutThePassword) {
  for (const std::string bad :
       {"postgresql://ann:s3cret@h:port:1/d?x", "postgresql://h/d?s3cret",
        "host=h password=s3 cret", "password=s3cret host", "mysql s3cret",
        // libpq reads each as another address, and quotes parts of the password when it fails.
        "postgresql://ann:s3cret/x@127.0.0.1:5432/d", "postgresql://ann:123/s3cret@h/d",
        "postgresql://ann:s3cret@x@h/d", "postgresql://ann:s3cret?x=y@h/d",
        "postgresql://ann:123?user=s3cret@h/d", "postgres://ann:s3cret/x", "host=h port=s3cret",
        "host=x@s3cret"}) {
    SCOPED_TRACE(bad);
    try {
      Address::parse(bad);
      ADD_FAILURE() << "read";
    } catch (const runner::Error& error) {
      EXPECT_EQ(error.code(), "bad-database-url");
      EXPECT_THAT(error.what(), Not(HasSubstr("cret")));
    }
  }
}

TEST(Address, KeepsAnAtSignWhereItIsNoPartOfAPassword) {
  EXPECT_EQ(Address::parse("postgresql://h/d?user=ann%40corp").user(), "ann@corp");
  EXPECT_EQ(Address::parse("postgresql://h/d?user=ann@corp").user(), "ann@corp");
  EXPECT_EQ(Address::parse("postgresql://ann:s3cret%2Fx%40@h/d").password(), "s3cret/x@");
  EXPECT_EQ(Address::parse("host=@abstract user=ann").host(), "@abstract");
}

TEST(Address, TellsAChildAllOfItsParts) {
  const auto environment =
      Address::parse("postgresql://ann:pw@h:1/d?sslmode=disable").environment();
  EXPECT_EQ(environment.at("PGHOST"), "h");
  EXPECT_EQ(environment.at("PGPORT"), "1");
  EXPECT_EQ(environment.at("PGUSER"), "ann");
  EXPECT_EQ(environment.at("PGPASSWORD"), "pw");
  EXPECT_EQ(environment.at("PGDATABASE"), "d");
  EXPECT_EQ(environment.at("PGSSLMODE"), "disable");
  EXPECT_EQ(environment.at("DATABASE_URL"), "postgresql://ann:pw@h:1/d?sslmode=disable");
}

TEST(Address, OfAFileTellsOfTheFileAlone) {
  const Address address = Address::of_file("/data/app.db");
  EXPECT_EQ(address.file(), "/data/app.db");
  EXPECT_EQ(address.conninfo(), "sqlite:/data/app.db");
  EXPECT_EQ(address.url(), "sqlite:/data/app.db");
  EXPECT_EQ(address.masked(), "sqlite:/data/app.db");
  EXPECT_EQ(address.environment().at("DATABASE_URL"), "sqlite:/data/app.db");
  EXPECT_EQ(address.environment().size(), 1U);
  EXPECT_EQ(Address::parse("postgresql://h/d").file(), "");
}

}  // namespace
}  // namespace gauntlet::arena
