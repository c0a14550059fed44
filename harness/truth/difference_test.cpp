#include "harness/truth/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::truth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

core::Snapshot snapshot(core::Catalogue catalogue, core::Data data = {}) {
  return {.catalogue = std::move(catalogue), .data = std::move(data)};
}

std::vector<std::string> ids_of(const Differences& differences) {
  std::vector<std::string> ids;
  for (const core::Finding& finding : differences.findings) ids.push_back(finding.id);
  return ids;
}

TEST(Difference, TheRunnersOwnTablesDoNotCount) {
  const core::Snapshot files = snapshot({{"table public.a", ""}});
  const core::Snapshot run = snapshot({{"table public.a", ""},
                                       {"table public.history", ""},
                                       {"column public.history.version", "1: int"}});

  EXPECT_THAT(compare({.files = files, .run = run, .file_texts = "CREATE TABLE a()"}).findings,
              IsEmpty());
}

TEST(Difference, ATableThatAFileDropsMustBeGone) {
  const core::Snapshot files = snapshot({{"table public.a", ""}});
  const core::Snapshot run = snapshot({{"table public.a", ""}, {"table public.old", ""}});

  const Differences found =
      compare({.files = files, .run = run, .file_texts = "CREATE TABLE a(); DROP TABLE old;"});

  ASSERT_THAT(ids_of(found), ElementsAre("schema-differs-from-files"));
  EXPECT_THAT(found.findings[0].message, HasSubstr("table public.old"));
}

TEST(Difference, AnIndexOfARunnersOwnTableDoesNotCount) {
  const auto index = [](const char* column) {
    return snapshot({{"index public.own_pkey",
                      std::string("CREATE UNIQUE INDEX own_pkey ON public.own (") + column + ")"}});
  };
  const core::Snapshot files = index("id"), run = index("hash");
  EXPECT_THAT(compare({.files = files, .run = run, .own_tables = {"own"}}).findings, IsEmpty());
  EXPECT_THAT(ids_of(compare({.files = files, .run = run, .own_tables = {"other"}})),
              ElementsAre("schema-differs-from-files"));
}

TEST(Difference, NoTableOfTheFilesThere) {
  const core::Snapshot files = snapshot({{"table public.a", ""}});
  const core::Snapshot run = snapshot({{"table public.history", ""}});

  EXPECT_TRUE(
      compare({.files = files, .run = run, .own_tables = {"public.history"}}).nothing_there);
}

TEST(Difference, RowsAndValuesCount) {
  const auto data = [](std::int64_t rows, const std::string& hash) {
    return core::Data{
        {"public.a", {.rows = rows, .columns = {{"i", hash}}, .by_key = {{"i", "k"}}}}};
  };
  const core::Snapshot files = snapshot({}, data(2, "x")), fewer = snapshot({}, data(1, "x")),
                       more = snapshot({}, data(3, "x")), other = snapshot({}, data(2, "y"));

  EXPECT_THAT(ids_of(compare({.files = files, .run = fewer})), ElementsAre("rows-missing"));
  EXPECT_THAT(ids_of(compare({.files = files, .run = more})), ElementsAre("rows-added"));
  EXPECT_THAT(ids_of(compare({.files = files, .run = other})),
              ElementsAre("data-differs-from-files"));
  EXPECT_THAT(compare({.files = files, .run = other, .unstable_columns = {"a.i"}}).findings,
              IsEmpty());
}

TEST(Difference, ACalibrationWithdrawsWhatDiffersByItself) {
  const auto data = [](const std::string& hash) {
    return core::Data{
        {"public.a", {.rows = 2, .columns = {{"at", hash}}, .by_key = {{"at", hash}}}}};
  };
  const core::Snapshot files = snapshot({{"table public.b_1", ""}}, data("x"));
  const core::Snapshot run = snapshot({}, data("y"));
  const core::Snapshot calibration = snapshot({{"table public.b_2", ""}}, data("z"));

  const Differences found = compare({.files = files, .run = run, .calibration = &calibration});

  EXPECT_THAT(found.findings, IsEmpty());
  EXPECT_THAT(found.withdrawn, SizeIs(2));
}

TEST(Difference, ACalibrationThatAgreesWithdrawsNothing) {
  const core::Snapshot files = snapshot({{"table public.b", ""}});
  const core::Snapshot run = snapshot({});

  EXPECT_THAT(ids_of(compare({.files = files, .run = run, .calibration = &files})),
              ElementsAre("schema-differs-from-files"));
}

TEST(RelationOf, IsTheQualifiedName) {
  EXPECT_EQ(relation_of("index public.orders_at"), "public.orders_at");
  EXPECT_EQ(relation_of("triggers of constraint public.\"a b\".k"), "public.\"a b\".k");
  EXPECT_EQ(relation_of("comment on table column public.t.c"), "public.t.c");
  EXPECT_EQ(relation_of("function public.f(integer, text)"), "public.f(integer,");
  EXPECT_EQ(relation_of("schema app"), "app");
}

}  // namespace
}  // namespace gauntlet::truth
