#include "runner/sqlite_fixture_test.h"

#include <regex>

namespace gauntlet::runner {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class IdsOnSqlite : public OnFile {
 protected:
  // The highest id, 3, is of a row that was deleted.
  void tickets() const {
    write(
        "1_a.up.sql",
        "CREATE TABLE \"it's\"(id INTEGER PRIMARY KEY AUTOINCREMENT, note text);"
        "INSERT INTO \"it's\"(note) VALUES ('a'), ('b'), ('c'); DELETE FROM \"it's\" WHERE id = 3");
    ASSERT_EQ(up().size(), 1U);
  }
  std::string next_id() const {
    return value("INSERT INTO \"it's\"(note) VALUES ('new') RETURNING id");
  }

  static std::string rebuild(const std::string& head = "", const std::string& tail = "") {
    return head +
           "CREATE TABLE renewed(id INTEGER PRIMARY KEY AUTOINCREMENT, note text NOT NULL);\n"
           "INSERT INTO renewed SELECT id, note FROM \"it's\";\nDROP TABLE \"it's\";\n"
           "ALTER TABLE renewed RENAME TO \"it's\";\n" +
           tail;
  }
};

TEST_F(IdsOnSqlite, OfDeletedRowsAreNotGivenAgainAfterARebuild) {
  tickets();
  for (const char* head : {"", "-- gauntlet: rebuild\n"}) {
    SCOPED_TRACE(head);
    write("2_b.up.sql", rebuild(head));
    EXPECT_THAT(failing_up(),
                AllOf(HasSubstr("error[ids-given-again]: migration 2 (b) rebuilt an AUTOINCREMENT "
                                "table without the mark of its highest id"),
                      HasSubstr("it's had given ids up to 3"), HasSubstr("nothing of it remains")));
    EXPECT_EQ(value("SELECT seq FROM sqlite_sequence"), "3");
  }
}

TEST_F(IdsOnSqlite, GoOnWhereTheFileSetsTheMarkAsItIsTold) {
  tickets();
  write("2_b.up.sql", rebuild());
  const std::string said = failing_up();
  std::smatch found;
  ASSERT_TRUE(std::regex_search(said, found, std::regex("DELETE FROM sqlite_sequence.*"))) << said;
  write("2_b.up.sql", rebuild("", found[0]));
  EXPECT_EQ(up().size(), 1U);
  EXPECT_EQ(next_id(), "4");
}

TEST_F(IdsOnSqlite, AreTheFilesOwnWhereItSaysSoOrKeepsNone) {
  tickets();
  write("2_b.up.sql",
        "ALTER TABLE \"it's\" RENAME TO x; ALTER TABLE x RENAME TO \"it's\";"
        " ALTER TABLE \"it's\" RENAME COLUMN note TO words;"
        " ALTER TABLE \"it's\" RENAME COLUMN words TO note");
  write("3_c.up.sql", rebuild("", "UPDATE sqlite_sequence SET seq = 2 WHERE name = 'it''s'"));
  write("4_d.up.sql",
        "CREATE TABLE renewed(id INTEGER PRIMARY KEY, note text); DROP TABLE \"it's\";"
        " ALTER TABLE renewed RENAME TO \"it's\"");
  EXPECT_EQ(up().size(), 3U);
}

}  // namespace
}  // namespace gauntlet::runner
