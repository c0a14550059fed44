#include "runner/source/file_name.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gauntlet::runner {
namespace {

using NameKind = FileName::Kind;

struct Case {
  std::string_view file;
  NameKind kind;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.file; }

class Names : public testing::TestWithParam<Case> {};

TEST_P(Names, AreOfTheKindThatPeopleMean) {
  EXPECT_EQ(read_file_name(GetParam().file).kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Migrations, Names,
    testing::Values(Case{"001_init.up.sql", NameKind::up}, Case{"1_init.up.sql", NameKind::up},
                    Case{"20261120120000_init.up.sql", NameKind::up},
                    Case{"0007_a.b.up.sql", NameKind::up}, Case{"0_zero.up.sql", NameKind::up},
                    Case{"1__two.up.sql", NameKind::up}, Case{"1_x.up.sql.up.sql", NameKind::up},
                    Case{"001_init.down.sql", NameKind::down},
                    Case{"9223372036854775807_last.up.sql", NameKind::up}));

INSTANTIATE_TEST_SUITE_P(
    Errors, Names,
    testing::Values(
        Case{"init.up.sql", NameKind::unparseable}, Case{"_init.up.sql", NameKind::unparseable},
        Case{" 1_init.up.sql", NameKind::unparseable},
        Case{"+1_init.up.sql", NameKind::unparseable}, Case{"004.up.sql", NameKind::unparseable},
        Case{"1.5_init.down.sql", NameKind::unparseable}, Case{".up.sql", NameKind::unparseable},
        Case{"004_.up.sql", NameKind::empty_description},
        Case{"004_.down.sql", NameKind::empty_description},
        Case{"9223372036854775808_x.up.sql", NameKind::version_too_large},
        Case{"99999999999999999999999_x.up.sql", NameKind::version_too_large}));

INSTANTIATE_TEST_SUITE_P(
    NearMisses, Names,
    testing::Values(
        Case{"004_x.sql", NameKind::unrecognized}, Case{"004-x.up.sql", NameKind::unrecognized},
        Case{"V4__x.sql", NameKind::unrecognized}, Case{"v1.2__x.sql", NameKind::unrecognized},
        Case{"R__views.sql", NameKind::unrecognized}, Case{"0021_x_up.sql", NameKind::unrecognized},
        Case{"004_x.UP.SQL", NameKind::unrecognized}, Case{"004_x.Up.sql", NameKind::unrecognized},
        Case{"004_x.up.sql ", NameKind::unrecognized},
        Case{"004_x.up.sql.txt", NameKind::unrecognized}, Case{"004 x.sql", NameKind::unrecognized},
        Case{"004.sql", NameKind::unrecognized}, Case{"004_x.up", NameKind::unrecognized},
        Case{"004_x.up.psql", NameKind::unrecognized},
        Case{"1510262030_x.up.go", NameKind::unrecognized},
        Case{"004_x.py", NameKind::unrecognized}));

INSTANTIATE_TEST_SUITE_P(
    Neighbours, Names,
    testing::Values(
        Case{"README.md", NameKind::other}, Case{"embed.go", NameKind::other},
        Case{"schema.sql", NameKind::other}, Case{"seed.sql", NameKind::other},
        Case{".gitkeep", NameKind::other}, Case{"atlas.sum", NameKind::other},
        Case{"004_x.up.sql.bak", NameKind::other}, Case{"004_x.up.sql~", NameKind::other},
        Case{".004_x.up.sql.swp", NameKind::other}, Case{"004_x_test.go", NameKind::other},
        Case{"view__orders.sql", NameKind::other}, Case{"2nd_draft.sql", NameKind::other},
        Case{"001_notes.md", NameKind::other}, Case{"1_rows.csv", NameKind::other},
        Case{"", NameKind::other}, Case{"001", NameKind::other}));

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
    RC_ASSERT(read.kind == (up ? NameKind::up : NameKind::down));
    RC_ASSERT(read.version.number == number);
    RC_ASSERT(read.name == name);
  }));
}

TEST(FileName, TakesAnyBytes) {
  EXPECT_TRUE(rc::check("only up and down have a description", [](const std::string& file) {
    const FileName read = read_file_name(file);
    RC_ASSERT((read.kind == NameKind::up || read.kind == NameKind::down) == !read.name.empty());
  }));
}

}  // namespace
}  // namespace gauntlet::runner
