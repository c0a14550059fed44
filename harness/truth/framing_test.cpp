#include "harness/truth/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::truth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Transaction = Framing::Transaction;

const std::vector<File> two_files = {
    {.name = "1_a.up.sql",
     .version = 1,
     .sql = "CREATE TABLE a(i int);\nINSERT INTO a VALUES (1);\n"},
    {.name = "2_b.up.sql", .version = 2, .sql = "-- more\nUPDATE a SET i = 2;\n"}};

/// Steps of one replica, answered, with the transaction's state after each.
class Steps {
 public:
  Steps& say(const std::string& sql, bool in_transaction = false, std::size_t session = 0) {
    history.steps.push_back({.step = {.session = {.replica = 0, .number = session}, .sql = sql},
                             .reply = core::Reply{.in_transaction = in_transaction}});
    return *this;
  }
  core::History history;
};

TEST(SentFiles, OneMessageWithoutATransaction) {
  Steps steps;
  steps.say(two_files[0].sql).say(two_files[1].sql);

  const Sent sent = read_sent(steps.history, two_files);

  ASSERT_TRUE(sent.files[0].framing);
  EXPECT_EQ(sent.files[0].framing->transaction, Transaction::none);
  EXPECT_FALSE(sent.files[0].framing->by_statement);
  EXPECT_THAT(sent.files[0].unsent, IsEmpty());
}

// A registry has a connection of its own, with its schema on its search path.
TEST(SentFiles, ASettingIsOneOfItsConnectionAlone) {
  Steps steps;
  steps.say("SET search_path = registry", false, 0).say("SET ROLE deployer", false, 1);
  steps.say(two_files[0].sql, false, 1).say("SET search_path = registry", false, 0);
  steps.say(two_files[1].sql, false, 1);

  const Sent sent = read_sent(steps.history, two_files);

  EXPECT_EQ(sent.session, 1U);
  ASSERT_EQ(sent.session_setup.size(), 2U);
  EXPECT_EQ(sent.session_setup[0].session, 0U);
  EXPECT_EQ(sent.session_setup[1].session, 1U);
  EXPECT_THAT(sent.between_files, IsEmpty());
}

TEST(SentFiles, ByStatementInATransactionOfTheirOwn) {
  Steps steps;
  steps.say("BEGIN", true).say("CREATE TABLE a (i int)", true);
  steps.say("INSERT INTO a VALUES (1)", true).say("COMMIT");
  steps.say("BEGIN", true).say("UPDATE a SET i = 2", true).say("COMMIT");

  const Sent sent = read_sent(steps.history, two_files);

  EXPECT_TRUE(sent.files[0].framing->by_statement);
  EXPECT_EQ(sent.files[0].framing->transaction, Transaction::own);
  EXPECT_EQ(sent.files[1].framing->transaction, Transaction::own);
}

TEST(SentFiles, ByStatementAlsoBesideStatementsOfTheRunnersOwn) {
  Steps steps;
  steps.say("INSERT INTO progress VALUES (1); CREATE TABLE a(i int); SELECT 1");
  steps.say("INSERT INTO a VALUES (1)");

  const Sent sent = read_sent(steps.history, two_files);

  EXPECT_TRUE(sent.files[0].framing->by_statement);
}

TEST(SentFiles, EachStatementInATransactionOfItsOwn) {
  Steps steps;
  steps.say("BEGIN; CREATE TABLE a(i int); INSERT INTO progress VALUES (1); COMMIT");
  steps.say("BEGIN; INSERT INTO a VALUES (1); COMMIT");

  const Sent sent = read_sent(steps.history, two_files);

  EXPECT_TRUE(sent.files[0].framing->by_statement);
  EXPECT_EQ(sent.files[0].framing->transaction, Transaction::none);
}

TEST(SentFiles, OneTransactionForAll) {
  Steps steps;
  steps.say("BEGIN", true).say(two_files[0].sql, true).say(two_files[1].sql, true).say("COMMIT");

  const Sent sent = read_sent(steps.history, two_files);

  EXPECT_EQ(sent.files[0].framing->transaction, Transaction::own);
  EXPECT_EQ(sent.files[1].framing->transaction, Transaction::shared);
}

TEST(SentFiles, ASessionForEachFile) {
  Steps steps;
  steps.say(two_files[0].sql, false, 0).say(two_files[1].sql, false, 1);

  EXPECT_TRUE(read_sent(steps.history, two_files).files[1].framing->new_session);
}

TEST(SentFiles, AStatementThatIsNotSentIsNamed) {
  Steps steps;
  steps.say("CREATE TABLE a (i int)").say("UPDATE a SET i = 2");
  steps.say("INSERT INTO history VALUES (1)");

  const Sent sent = read_sent(steps.history, two_files);

  EXPECT_THAT(sent.files[0].unsent, ElementsAre(1U));
  EXPECT_EQ(sent.not_as_written, "");
  EXPECT_THAT(unsent_text(sent, two_files),
              HasSubstr("statement 2 of 2 of 1_a.up.sql was not sent: INSERT INTO a"));
}

TEST(SentFiles, AStatementInAnotherFormIsNotAsWritten) {
  Steps steps;
  steps.say("CREATE TABLE a (i int, made_by text)").say("INSERT INTO a VALUES (1)");
  steps.say("UPDATE a SET i = 2");

  EXPECT_EQ(read_sent(steps.history, two_files).not_as_written,
            "1_a.up.sql says \"CREATE TABLE a ( i int )\", the runner sent "
            "\"CREATE TABLE a ( i int , made_by text )\"");
}

TEST(SentFiles, WhatMakesAFileSaySomethingElseIsNotRepeated) {
  Steps steps;
  steps.history.events.push_back(
      {.kind = core::Event::Kind::opened, .text = "session_replication_role=replica\nuser=owner"});
  steps.say("SET client_encoding TO 'LATIN1'").say("SET standard_conforming_strings = off");
  steps.say("SET search_path = app").say(two_files[0].sql).say(two_files[1].sql);

  const Sent sent = read_sent(steps.history, two_files);

  ASSERT_THAT(sent.session_setup, SizeIs(1));
  EXPECT_EQ(sent.session_setup[0].sql, "SET search_path = app");
  EXPECT_THAT(sent.startup, IsEmpty());
  EXPECT_THAT(sent.twisting, ElementsAre("SET standard_conforming_strings = off",
                                         "session_replication_role=replica"));
}

TEST(SentFiles, SettingsBeforeTheFirstFileAreKeptAndTimeoutsAreNot) {
  Steps steps;
  steps.say("SET search_path = app").say("SET statement_timeout = '1500ms'");
  steps.say("CREATE TABLE history(version int)");
  steps.say("BEGIN", true).say("SET LOCAL ROLE app", true).say(two_files[0].sql, true);
  steps.say("COMMIT").say("RESET ALL").say(two_files[1].sql);

  const Sent sent = read_sent(steps.history, two_files);

  ASSERT_THAT(sent.session_setup, SizeIs(2));
  EXPECT_EQ(sent.session_setup[0].sql, "SET search_path = app");
  EXPECT_EQ(sent.session_setup[1].sql, "CREATE TABLE history(version int)");
  ASSERT_THAT(sent.transaction_setup, SizeIs(1));
  ASSERT_THAT(sent.between_files, SizeIs(1));
  EXPECT_EQ(sent.between_files[0].sql, "RESET ALL");
}

TEST(SentFiles, TheUserAndTheSettingsOfAConnectionAreKept) {
  Steps steps;
  steps.history.events.push_back(
      {.kind = core::Event::Kind::opened, .text = "search_path=app\nuser=owner"});

  const Sent sent = read_sent(steps.history, two_files);

  EXPECT_EQ(sent.user, "owner");
  EXPECT_THAT(sent.startup, ElementsAre(std::pair<std::string, std::string>("search_path", "app")));
}

TEST(SentFiles, ARunnersCommitIsNoPartOfAFileThatSaysCommit) {
  const std::vector<File> files = {
      {.name = "1_a.up.sql", .version = 1, .sql = "BEGIN; CREATE TABLE a(i int); COMMIT;"}};
  Steps steps;
  steps.say("BEGIN", true).say("CREATE TABLE history(i int)", true).say("COMMIT");
  steps.say(files[0].sql);

  const Sent sent = read_sent(steps.history, files);

  EXPECT_EQ(sent.files[0].framing->transaction, Transaction::none);
  EXPECT_THAT(sent.files[0].unsent, IsEmpty());
}

}  // namespace
}  // namespace gauntlet::truth
