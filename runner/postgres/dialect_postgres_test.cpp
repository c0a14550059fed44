#include "runner/postgres/dialect_postgres.h"

#include "runner/values/session.h"

#include <cstdlib>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

class Dialect final : public PostgresDialect {
 public:
  const OutsideRules& outside_rules() const override { std::abort(); }
};

SqlError error_with(const std::string& sqlstate) {
  return SqlError({.sqlstate = sqlstate, .message = "it failed"}, 0);
}

// What another replica would meet at the same bytes, whatever else goes on.
TEST(PostgresErrors, OfTheBytesAreOfTheseClassesAndNoOthers) {
  for (const char* state : {"0A000", "22012", "22P05", "23505", "23503", "25001", "25006", "25P01",
                            "2BP01", "2D000", "3D000", "3F000", "42601", "42P01", "42501", "44000",
                            "P0001", "P0003", "55000", "55006", "55P04", "55P03"}) {
    EXPECT_TRUE(Dialect().is_the_bytes_fault(error_with(state))) << state;
  }
  for (const char* state : {"40001", "40P01", "40003", "08006", "08P01", "53100", "53200", "53300",
                            "57014", "57P01", "57P02", "57P03", "57P05", "58030", "58P01", "XX000",
                            "XX001", "XX002", "55P02", "54001", "28000", "00000", "01000", ""}) {
    EXPECT_FALSE(Dialect().is_the_bytes_fault(error_with(state))) << state;
  }
}

TEST(PostgresErrors, AreOfTheKindThatTheirSqlStateNames) {
  const std::pair<const char*, ErrorKind> kinds[] = {{"55P03", ErrorKind::lock_timeout},
                                                     {"57014", ErrorKind::cancelled},
                                                     {"25006", ErrorKind::read_only},
                                                     {"42501", ErrorKind::denied},
                                                     {"25001", ErrorKind::needs_no_frame},
                                                     {"2D000", ErrorKind::ends_transaction},
                                                     {"42601", ErrorKind::not_in_grammar},
                                                     {"22P05", ErrorKind::no_such_character},
                                                     {"42710", ErrorKind::name_taken},
                                                     {"42P01", ErrorKind::other},
                                                     {"", ErrorKind::other}};
  for (const auto& [state, kind] : kinds) {
    EXPECT_EQ(Dialect().kind_of(error_with(state)), kind) << state;
  }
  EXPECT_TRUE(Dialect().is_refused_at_once(error_with("42P07")));
  EXPECT_FALSE(Dialect().is_refused_at_once(error_with("22012")));
  EXPECT_TRUE(Dialect().is_of_another_server(error_with("08006")));
  EXPECT_FALSE(Dialect().is_of_another_server(error_with("42704")));
}

}  // namespace
}  // namespace gauntlet::runner
