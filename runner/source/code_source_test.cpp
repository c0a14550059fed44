#include "runner/source/source.h"
#include "runner/values/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const Code nothing = [](Session&) {};

TEST(CodeSource, OrdersFilesAndCodeInOneList) {
  const Listing listing = combine(
      {list_scripts({{"3_files.up.sql", "SELECT 3", {}}, {"1_files.up.sql", "SELECT 1", {}}}),
       list_code({{Version{4}, "code", nothing}, {Version{2}, "code", nothing}})});

  EXPECT_THAT(listing.problems, IsEmpty());
  EXPECT_THAT(
      listing.migrations,
      ElementsAre(Field(&Migration::version, Version{1}), Field(&Migration::version, Version{2}),
                  Field(&Migration::version, Version{3}), Field(&Migration::version, Version{4})));
}

TEST(CodeSource, RefusesAVersionOfTwoListsAndNamesBoth) {
  const Listing listing = combine({list_scripts({{"m/2_files.up.sql", "SELECT 1", {}}}),
                                   list_code({{Version{2}, "code", nothing}})});

  ASSERT_EQ(listing.problems.size(), 1U);
  EXPECT_EQ(listing.problems.front().id, "duplicate-version");
  EXPECT_THAT(listing.problems.front().message, AllOf(HasSubstr("2 (files) (m/2_files.up.sql)"),
                                                      HasSubstr("2 (code) (code in the program)")));
  EXPECT_THROW(refuse_problems(listing), Error);
}

TEST(CodeSource, RefusesTheSameVersionTwiceInAListOfCode) {
  const Listing listing = list_code({{Version{7}, "one", nothing}, {Version{7}, "other", nothing}});

  EXPECT_THAT(listing.problems, ElementsAre(Field(&Problem::id, "duplicate-version")));
}

TEST(CodeSource, RefusesWhatHasNoNameNoCodeOrANegativeVersion) {
  const Listing listing = list_code(
      {{Version{-1}, "below", nothing}, {Version{1}, "", nothing}, {Version{2}, "idle", nullptr}});

  EXPECT_THAT(listing.problems,
              ElementsAre(Field(&Problem::id, "version-too-small"),
                          Field(&Problem::id, "empty-name"), Field(&Problem::id, "no-code")));
}

TEST(CodeSource, HasNoChecksumWhereCodeHasAPartInIt) {
  Migration both{.version = {1}, .name = "both", .up = {"1_both.up.sql", "SELECT 1", "abc"}};
  EXPECT_EQ(both.checksum(), "abc");

  both.up_code = nothing;
  EXPECT_EQ(both.checksum(), std::nullopt);
}

}  // namespace
}  // namespace gauntlet::runner
