#include "harness/proxy/step_of.h"

#include "harness/sql/lock_edits.h"
#include "harness/wire/client_stream.h"
#include "harness/wire/frames_test.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::proxy {
namespace {

using core::Step;
using testing::ElementsAre;
using testing::HasSubstr;
using wire::bind;
using wire::execute;
using wire::parse;
using wire::sync;

/// The requests in what a client says after it began.
std::vector<wire::Request> requests(const std::string& bytes) {
  wire::ClientStream stream;
  stream.push(wire::start() + bytes);
  std::vector<wire::Request> all;
  while (auto item = stream.next())
    if (item->kind == wire::ClientItem::Kind::request) all.push_back(std::move(item->request));
  return all;
}
wire::Request request(const std::string& bytes) { return requests(bytes).back(); }

TEST(AStep, IsASimpleQueryWithItsWholeText) {
  const auto step = step_of(request(wire::query("SELECT 1; SELECT 2")));
  EXPECT_EQ(step->kind, Step::Kind::message);
  EXPECT_EQ(step->sql, "SELECT 1; SELECT 2");
}

TEST(AStep, IsABatchWithTheParametersOfItsStatement) {
  const auto step =
      step_of(request(parse("", "SELECT $1") + bind("", "", "it's") + execute() + sync));
  EXPECT_EQ(step->kind, Step::Kind::query);
  EXPECT_EQ(step->sql, "SELECT $1");
  EXPECT_THAT(step->parameters, ElementsAre("it's"));
}

TEST(AStep, KnowsTheTextOfAStatementThatWasPreparedBefore) {
  const auto all =
      requests(parse("one", "SELECT $1") + sync + bind("", "one", "7") + execute() + sync);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(step_of(all[0])->kind, Step::Kind::prepare);
  EXPECT_EQ(step_of(all[1])->sql, "SELECT $1");
}

TEST(AStep, IsNothingThatNeitherRunsNorPrepares) {
  EXPECT_EQ(step_of(request(sync)), std::nullopt);
  EXPECT_EQ(step_of(request(wire::terminate())), std::nullopt);
}

TEST(AStep, OfAStatementThatNobodyPreparedSaysSo) {
  EXPECT_THAT(step_of(request(bind("", "gone", "1") + execute() + sync))->sql,
              HasSubstr("not known"));
}

TEST(ARewrite, ReachesEveryTextOfABatch) {
  auto batch = request(parse("", "SELECT pg_advisory_lock($1)") + bind("", "", "1") + execute() +
                       parse("", "SELECT 1") + bind("", "", "1") + execute() + sync);
  const auto text = sql::with_shared_advisory_locks(step_of(batch)->sql);
  ASSERT_TRUE(text);
  ASSERT_TRUE(rewrite_to(batch, text->sql));
  EXPECT_THAT(batch.bytes, HasSubstr("SELECT pg_advisory_lock_shared($1)"));
  EXPECT_EQ(batch.messages.front().statement->sent_as->columns.size(), 1U);
}

TEST(ARewrite, OfAnyTextKnowsWhichPartWasChanged) {
  auto query = request(wire::query("SELECT 'ä', nothing"));
  ASSERT_TRUE(rewrite_to(query, "SELECT 'ö', 42, nothing"));
  const auto& sent = *query.messages.front().statement->sent_as;
  // `nothing` stands at 18 in what was sent.
  EXPECT_EQ(sql::original_position("SELECT 'ä', nothing", sent, 17), 13U);
}

TEST(ARewrite, IsNotPossibleWhereTheTextWasSentBefore) {
  auto later = requests(parse("one", "SELECT $1") + sync + bind("", "one", "7") + execute() + sync);
  EXPECT_FALSE(rewrite_to(later.back(), "SELECT 2"));
}

TEST(AReply, ThatEndsTheSessionIsLostAndSaysWhy) {
  const wire::Reply reply{
      .end = wire::Reply::End::failed,
      .error = wire::ServerMessage{.severity = "FATAL", .sqlstate = "57P01", .text = "bye"}};
  const auto told = reply_of(reply, wire::TransactionStatus::open);
  EXPECT_EQ(told.ending, core::Reply::Ending::lost);
  EXPECT_EQ(told.sqlstate, "57P01");
  EXPECT_TRUE(told.in_transaction);
}

TEST(AReply, TellsTheFirstValueOfEachStatementAsText) {
  wire::Reply reply;
  for (const char* bytes : {"t", "\1"})
    reply.results.push_back({.tag = "SELECT 1", .rows = 1, .first_rows = {{{.bytes = bytes}}}});
  const auto told = reply_of(reply, wire::TransactionStatus::idle);
  EXPECT_EQ(told.statements.at(0).value, "t");
  EXPECT_EQ(told.statements.at(1).value, "t");
}

}  // namespace
}  // namespace gauntlet::proxy
