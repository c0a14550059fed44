#include "runner/turn/applied_notice.h"

#include "runner/folder_test.h"
#include "runner/source/source.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

const std::string tracker = R"("public"."applied_migrations")";

class AppliedNotice : public testing::Test {
 protected:
  std::vector<Migration> ours() const { return read_folder(folder_.path()).migrations; }

  static std::string notice_of(const std::vector<Migration>& migrations) {
    std::vector<AppliedRow> rows;
    rows.reserve(migrations.size());
    for (const Migration& migration : migrations) rows.push_back(row_of(migration));
    return applied_notice(tracker, rows);
  }

  const TestFolder folder_;
};

TEST_F(AppliedNotice, IsOursInAnyOrderOfTheRowsAndAtAnyTime) {
  folder_.write("1_a.up.sql", "SELECT 1");
  folder_.write("2_b.up.sql", "SELECT 2");
  const auto migrations = ours();
  std::vector<AppliedRow> rows{row_of(migrations[1]), row_of(migrations[0])};
  rows[0].applied_at = "2026-01-02T03:04:05Z";
  EXPECT_TRUE(says_that_all_is_applied(applied_notice(tracker, rows), tracker, migrations));
}

TEST_F(AppliedNotice, IsNotOursWithARowMoreOrLess) {
  folder_.write("1_a.up.sql", "SELECT 1");
  const auto one = ours();
  folder_.write("2_b.up.sql", "SELECT 2");
  EXPECT_FALSE(says_that_all_is_applied(notice_of(one), tracker, ours()));
  EXPECT_FALSE(says_that_all_is_applied(notice_of(ours()), tracker, one));
}

TEST_F(AppliedNotice, IsNotOursWithAnotherNameOrTextOrWithoutAChecksum) {
  folder_.write("1_a.up.sql", "SELECT 1");
  AppliedRow row = row_of(ours().front());
  row.name = "b";
  EXPECT_FALSE(says_that_all_is_applied(applied_notice(tracker, {row}), tracker, ours()));
  row = row_of(ours().front());
  row.checksum.reset();
  EXPECT_FALSE(says_that_all_is_applied(applied_notice(tracker, {row}), tracker, ours()));
  const std::string before = notice_of(ours());
  folder_.write("1_a.up.sql", "SELECT 2");
  EXPECT_FALSE(says_that_all_is_applied(before, tracker, ours()));
}

TEST_F(AppliedNotice, IsNotOursOfAnotherTracker) {
  folder_.write("1_a.up.sql", "SELECT 1");
  EXPECT_FALSE(says_that_all_is_applied(notice_of(ours()), R"("b"."applied_migrations")", ours()));
}

TEST_F(AppliedNotice, IsNothingElse) {
  EXPECT_FALSE(says_that_all_is_applied(applied_notice(tracker, {}), tracker, {}));
  folder_.write("1_a.up.sql", "SELECT 1");
  for (const char* payload : {"", "applied", "applied ", "failed 1 abc", "applied 1"})
    EXPECT_FALSE(says_that_all_is_applied(payload, tracker, ours())) << payload;
}

}  // namespace
}  // namespace gauntlet::runner
