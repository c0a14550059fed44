#include "harness/core/fnv1a.h"

#include <gtest/gtest.h>

namespace gauntlet::core {
namespace {

TEST(Fnv1a, GivesTheNumbersThatItsAuthorsPublished) {
  EXPECT_EQ(fnv1a(""), 0xcbf29ce484222325U);
  EXPECT_EQ(fnv1a("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(fnv1a("foobar"), 0x85944171f73967e8U);
}

TEST(Fnv1a, GoesOnWhereItStopped) { EXPECT_EQ(fnv1a("bar", fnv1a("foo")), fnv1a("foobar")); }

}  // namespace
}  // namespace gauntlet::core
