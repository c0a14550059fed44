#include "harness/oracle/file_statements.h"

#include "harness/oracle/test_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::oracle {
namespace {

using core::Reply;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<MigrationFile> two_files() {
  return {{.version = 1, .name = "1_a.up.sql", .sql = "CREATE TABLE a(i int); SELECT pg_sleep(0);"},
          {.version = 2, .name = "2_b.up.sql", .sql = "UPDATE a SET i = 1; SELECT pg_sleep(0);"}};
}

Reply told(std::string tag, bool in_transaction) {
  return {.statements = {{.tag = std::move(tag)}}, .in_transaction = in_transaction};
}

std::vector<Fate> fates_of(const FileStatements& statements) {
  std::vector<Fate> fates;
  for (const FileStatement& each : statements.all()) fates.push_back(each.fate);
  return fates;
}

std::vector<std::size_t> files_of(const FileStatements& statements) {
  std::vector<std::size_t> files;
  for (const FileStatement& each : statements.all()) files.push_back(each.file);
  return files;
}

TEST(FileStatements, AreToldByTokensAndEqualOnesByWhatTheSessionHasCompleted) {
  TestHistory history(1);
  history.does(first_session, "CREATE TABLE a ( i int ) -- here", "CREATE TABLE")
      .does(first_session, "SELECT pg_sleep(0)", "SELECT 1")
      .does(first_session, "UPDATE a SET i = 1", "UPDATE 0")
      .does(first_session, "SELECT pg_sleep(0)", "SELECT 1")
      .does(first_session, "INSERT INTO tracker VALUES (2)", "INSERT 0 1");
  const FileStatements statements(history.history(), two_files());
  EXPECT_THAT(files_of(statements), ElementsAre(0, 0, 1, 1));
  EXPECT_TRUE(statements.is_committed(0));
  EXPECT_TRUE(statements.is_committed(1));
}

TEST(FileStatements, AreCommittedOnlyWithTheirTransaction) {
  TestHistory history(2);
  history.sends(first_session, "BEGIN")
      .is_told(told("BEGIN", true))
      .sends(first_session, "UPDATE a SET i = 1")
      .is_told(told("UPDATE 1", true))
      .sends(second_session, "BEGIN; UPDATE a SET i = 1; SELECT pg_sleep(0); COMMIT")
      .is_told({.statements = {{.tag = "BEGIN"},
                               {.tag = "UPDATE 1"},
                               {.tag = "SELECT 1"},
                               {.tag = "COMMIT"}}})
      .closes(first_session);
  const FileStatements statements(history.history(), two_files());
  EXPECT_THAT(fates_of(statements),
              ElementsAre(Fate::rolled_back, Fate::committed, Fate::committed));
  EXPECT_THAT(statements.replicas_that_committed(1), ElementsAre(1));
}

TEST(FileStatements, OfAFailedTransactionAreRolledBackByItsCommit) {
  TestHistory history(1);
  history.sends(first_session, "BEGIN")
      .is_told(told("BEGIN", true))
      .sends(first_session, "CREATE TABLE a(i int)")
      .is_told(told("CREATE TABLE", true))
      .sends(first_session, "SELECT pg_sleep(0)")
      .is_told({.ending = Reply::Ending::refused, .sqlstate = "57014", .in_transaction = true})
      .sends(first_session, "COMMIT")
      .is_told(told("ROLLBACK", false));
  EXPECT_THAT(fates_of(FileStatements(history.history(), two_files())),
              ElementsAre(Fate::rolled_back, Fate::refused));
}

TEST(FileStatements, AfterASavepointGoBackToItAlone) {
  TestHistory history(1);
  history.sends(first_session, "BEGIN; CREATE TABLE a(i int); SAVEPOINT s; SELECT pg_sleep(0)")
      .is_told({.statements = {{.tag = "BEGIN"},
                               {.tag = "CREATE TABLE"},
                               {.tag = "SAVEPOINT"},
                               {.tag = "SELECT 1"}},
                .in_transaction = true})
      .sends(first_session, "ROLLBACK TO SAVEPOINT s")
      .is_told(told("ROLLBACK", true))
      .sends(first_session, "COMMIT")
      .is_told(told("COMMIT", false));
  EXPECT_THAT(fates_of(FileStatements(history.history(), two_files())),
              ElementsAre(Fate::committed, Fate::rolled_back));
}

TEST(FileStatements, WhoseReplyWasLostAreInDoubt) {
  TestHistory history(1);
  history.sends(first_session, "BEGIN; UPDATE a SET i = 1; COMMIT")
      .is_told({.ending = Reply::Ending::lost});
  EXPECT_THAT(fates_of(FileStatements(history.history(), two_files())),
              ElementsAre(Fate::in_doubt));
}

TEST(FileStatements, ARunnersOwnStatementsAreNone) {
  TestHistory history(1);
  history.does(first_session, "SET search_path = a", "SET").does(first_session, "BEGIN", "BEGIN");
  const std::vector<MigrationFile> files = {{.version = 1, .sql = "SET search_path = a; BEGIN;"}};
  const FileStatements statements(history.history(), files);
  EXPECT_THAT(statements.all(), IsEmpty());
  EXPECT_EQ(statements.size_of(0), 0U);
}

TEST(FileStatements, ThatStandElsewhereTooProveNothingAboutTheirFile) {
  TestHistory history(2);
  history.does(first_session, "UPDATE a SET i = i + 1", "UPDATE 1")
      .does(second_session, "UPDATE a SET i = i + 1", "UPDATE 1");
  const std::vector<MigrationFile> files = {{.version = 1, .sql = "UPDATE a SET i = i + 1"},
                                            {.version = 2, .sql = "UPDATE a SET i = i + 1;"}};
  const FileStatements statements(history.history(), files);
  ASSERT_EQ(statements.all().size(), 2U);
  EXPECT_TRUE(statements.all()[0].is_ambiguous);
  EXPECT_FALSE(statements.is_committed(0));
}

}  // namespace
}  // namespace gauntlet::oracle
