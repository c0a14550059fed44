#include "runner/source/file_name.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gauntlet::runner {
namespace {

using Kind = FileName::Kind;

struct Case {
  std::string_view file;
  Kind kind;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.file; }

class Names : public testing::TestWithParam<Case> {};

TEST_P(Names, AreOfTheKindThatPeopleMean) {
  EXPECT_EQ(read_file_name(GetParam().file).kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Migrations, Names,
    testing::Values(Case{"001_init.up.sql", Kind::up}, Case{"1_init.up.sql", Kind::up},
                    Case{"20261120120000_init.up.sql", Kind::up}, Case{"0007_a.b.up.sql", Kind::up},
                    Case{"0_zero.up.sql", Kind::up}, Case{"1__two.up.sql", Kind::up},
                    Case{"1_x.up.sql.up.sql", Kind::up}, Case{"001_init.down.sql", Kind::down},
                    Case{"9223372036854775807_last.up.sql", Kind::up}));

INSTANTIATE_TEST_SUITE_P(
    Errors, Names,
    testing::Values(
        Case{"init.up.sql", Kind::unparseable}, Case{"_init.up.sql", Kind::unparseable},
        Case{" 1_init.up.sql", Kind::unparseable}, Case{"+1_init.up.sql", Kind::unparseable},
        Case{"004.up.sql", Kind::unparseable}, Case{"1.5_init.down.sql", Kind::unparseable},
        Case{".up.sql", Kind::unparseable}, Case{"004_.up.sql", Kind::empty_description},
        Case{"004_.down.sql", Kind::empty_description},
        Case{"9223372036854775808_x.up.sql", Kind::version_too_large},
        Case{"99999999999999999999999_x.up.sql", Kind::version_too_large}));

INSTANTIATE_TEST_SUITE_P(
    NearMisses, Names,
    testing::Values(
        Case{"004_x.sql", Kind::unrecognized}, Case{"004-x.up.sql", Kind::unrecognized},
        Case{"V4__x.sql", Kind::unrecognized}, Case{"v1.2__x.sql", Kind::unrecognized},
        Case{"R__views.sql", Kind::unrecognized}, Case{"0021_x_up.sql", Kind::unrecognized},
        Case{"004_x.UP.SQL", Kind::unrecognized}, Case{"004_x.Up.sql", Kind::unrecognized},
        Case{"004_x.up.sql ", Kind::unrecognized}, Case{"004_x.up.sql.txt", Kind::unrecognized},
        Case{"004 x.sql", Kind::unrecognized}, Case{"004.sql", Kind::unrecognized},
        Case{"004_x.up", Kind::unrecognized}, Case{"004_x.up.psql", Kind::unrecognized},
        Case{"1510262030_x.up.go", Kind::unrecognized}, Case{"004_x.py", Kind::unrecognized}));

INSTANTIATE_TEST_SUITE_P(
    Neighbours, Names,
    testing::Values(Case{"README.md", Kind::other}, Case{"embed.go", Kind::other},
                    Case{"schema.sql", Kind::other}, Case{"seed.sql", Kind::other},
                    Case{".gitkeep", Kind::other}, Case{"atlas.sum", Kind::other},
                    Case{"004_x.up.sql.bak", Kind::other}, Case{"004_x.up.sql~", Kind::other},
                    Case{".004_x.up.sql.swp", Kind::other}, Case{"004_x_test.go", Kind::other},
                    Case{"view__orders.sql", Kind::other}, Case{"2nd_draft.sql", Kind::other},
                    Case{"001_notes.md", Kind::other}, Case{"1_rows.csv", Kind::other},
                    Case{"", Kind::other}, Case{"001", Kind::other}));

TEST(FileName, KeepsTheDescriptionAsItIsWritten) {
  EXPECT_EQ(read_file_name("007_Add.Index_v2.up.sql").name, "Add.Index_v2");
}

TEST(FileName, RoundTripsEveryVersionAndDescription) {
  EXPECT_TRUE(rc::check("a well-formed name gives back its parts", [] {
    const auto number = *rc::gen::nonNegative<std::int64_t>();
    const auto zeros = *rc::gen::inRange<std::size_t>(0, 5);
    const auto name = *rc::gen::nonEmpty(rc::gen::string<std::string>());
    const bool up = *rc::gen::arbitrary<bool>();
    const auto file = std::string(zeros, '0') + std::to_string(number) + "_" + name +
                      (up ? ".up.sql" : ".down.sql");
    const FileName read = read_file_name(file);
    RC_ASSERT(read.kind == (up ? Kind::up : Kind::down));
    RC_ASSERT(read.version.number == number);
    RC_ASSERT(read.name == name);
  }));
}

TEST(FileName, TakesAnyBytes) {
  EXPECT_TRUE(rc::check("only up and down have a description", [](const std::string& file) {
    const FileName read = read_file_name(file);
    RC_ASSERT((read.kind == Kind::up || read.kind == Kind::down) == !read.name.empty());
  }));
}

}  // namespace
}  // namespace gauntlet::runner
