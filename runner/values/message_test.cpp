#include "runner/values/message.h"

#include <gtest/gtest.h>

namespace gauntlet::runner {
namespace {

TEST(Message, EndsTheBodyWhateverItEndsIn) {
  const Message message{.before = {{Purpose::begin, "BEGIN"}},
                        .body = "SELECT 'ö';\nSELECT nope -- end",
                        .after = {{Purpose::record, "INSERT"}, {Purpose::commit, "COMMIT"}}};
  EXPECT_EQ(message.text(), "BEGIN;SELECT 'ö';\nSELECT nope -- end\n;\nINSERT;COMMIT");
}

TEST(Message, LeavesOutStatementsThatALockModeDoesNotHave) {
  std::vector<OwnStatement> statements;
  add_statement(statements, Purpose::proof, "");
  add_statement(statements, Purpose::commit, "COMMIT");
  EXPECT_EQ((Message{.before = statements, .body = {}, .after = {}}.text()), "COMMIT");
}

}  // namespace
}  // namespace gauntlet::runner
