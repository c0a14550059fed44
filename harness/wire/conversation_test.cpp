#include "harness/wire/conversation.h"

#include "harness/sql/lock_edits.h"
#include "harness/wire/frames_test.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace gauntlet::wire {
namespace {

using testing::ElementsAre;

/// What one side says in one go.
struct Said {
  enum class By { client, server };
  By by = By::client;
  std::string bytes = {};
};
using Dialogue = std::vector<Said>;
constexpr auto client = Said::By::client, server = Said::By::server;

void hear(Conversation& conversation, const Said& said) {
  if (said.by == client)
    conversation.from_client(said.bytes);
  else
    conversation.from_server(said.bytes);
}

std::vector<std::string> events(const Dialogue& dialogue) {
  Conversation conversation({});
  conversation.from_client(start());
  conversation.from_server(frame('R', bytes("\0\0\0\0")) + ready());
  for (const auto& said : dialogue) hear(conversation, said);
  conversation.end();
  return conversation.events();
}

TEST(Conversation, EndsASimpleQueryAtReadyForQuery) {
  EXPECT_THAT(events({{client, query("BEGIN; SELECT 1")},
                      {server, command_complete("BEGIN") + row_description("c") + data_row("1")},
                      {server, command_complete("SELECT 1") + ready('T')}}),
              ElementsAre("1? BEGIN; SELECT 1", "1! done T, BEGIN, SELECT 1 (1)"));
}

TEST(Conversation, SaysWhichStatementOfAQueryFailed) {
  EXPECT_THAT(events({{client, query("a; b; c")},
                      {server, command_complete("A") + error("22012", "m") + ready()}}),
              ElementsAre("1? a; b; c", "1! failed I, A, 22012 m in a; b; c"));
}

TEST(Conversation, KnowsWhatAPreparedStatementRuns) {
  EXPECT_THAT(events({{client, parse("s", "SELECT $1") + sync},
                      {server, frame('1') + ready()},
                      {client, bind("", "s", "7") + describe_portal() + execute() + sync},
                      {server, frame('2') + row_description("c") + data_row("7")},
                      {server, command_complete("SELECT 1") + ready()}}),
              ElementsAre("1? prepare: SELECT $1", "1! done I", "2? SELECT $1 (7)",
                          "2! done I, SELECT 1 (7)"));
}

TEST(Conversation, CountsRepliesWhereAFlushStandsForASync) {
  EXPECT_THAT(events({{client, parse("s", "SELECT $1") + describe_statement("s") + flush},
                      {server, frame('1') + frame('t', bytes("\0\0")) + row_description("c")},
                      {client, bind("p", "s", "7") + execute("p") + flush},
                      {server, frame('2') + data_row("7") + command_complete("SELECT 1")},
                      {client, sync},
                      {server, ready()}}),
              ElementsAre("1? prepare: SELECT $1", "1! done", "2? SELECT $1 (7)",
                          "2! done, SELECT 1 (7)", "3? sync", "3! done I"));
}

TEST(Conversation, SkipsWhatIsPipelinedBehindAnErrorUpToTheSync) {
  EXPECT_THAT(events({{client, parse("", "bad") + flush + parse("", "b") + flush},
                      {server, error("42601", "m", 1)},
                      {client, parse("", "c") + flush},
                      {client, sync},
                      {server, ready()}}),
              ElementsAre("1? prepare: bad", "2? prepare: b", "1! failed, 42601 m in bad",
                          "2! skipped", "3? prepare: c", "3! skipped", "4? sync", "4! done I"));
}

TEST(Conversation, PipelinesBatchesEachWithItsOwnSync) {
  const auto batch = parse("", "SELECT $1") + bind("", "", "1") + execute() + sync;
  EXPECT_THAT(events({{client, batch + batch},
                      {server, frame('1') + error("22012", "m") + ready()},
                      {server, frame('1') + frame('2') + data_row("1") +
                                   command_complete("SELECT 1") + ready()}}),
              ElementsAre("1? SELECT $1 (1)", "2? SELECT $1 (1)",
                          "1! failed I, 22012 m in SELECT $1", "2! done I, SELECT 1 (1)"));
}

TEST(Conversation, CopiesInWithTwoSyncsAndOneReadyForQuery) {
  const auto batch = parse("", "COPY t FROM STDIN") + bind("", "", "1") + execute() + sync;
  EXPECT_THAT(events({{client, batch},
                      {server, frame('1') + frame('2') + frame('G', bytes("\0\0\0"))},
                      {client, frame('d', "1\n") + frame('c') + sync + query("SELECT")},
                      {server, command_complete("COPY 1") + ready()},
                      {server, command_complete("SELECT 0") + ready()}}),
              ElementsAre("1? COPY t FROM STDIN (1)", "2? SELECT", "1! done I, COPY 1",
                          "2! done I, SELECT 0"));
}

TEST(Conversation, AnswersBothSyncsOfACopyThatNeverBegan) {
  const auto batch = parse("", "COPY t FROM STDIN") + bind("", "", "1") + execute() + sync;
  EXPECT_THAT(events({{client, batch + frame('d', "1\n") + frame('c') + sync + query("SELECT")},
                      {server, error("42P01", "m") + ready() + ready()},
                      {server, command_complete("SELECT 0") + ready()}}),
              ElementsAre("1? COPY t FROM STDIN (1)", "2? SELECT",
                          "1! failed I, 42P01 m in COPY t FROM STDIN", "2! done I, SELECT 0"));
}

TEST(Conversation, CopiesOutAndCallsFunctionsAndEndsAnEmptyQuery) {
  EXPECT_THAT(events({{client, query("COPY t TO STDOUT") + frame('F', "??????????") + query("")},
                      {server, frame('H', bytes("\0\0\0")) + frame('d', "1\n") + frame('c')},
                      {server, command_complete("COPY 1") + ready()},
                      {server, frame('V', bytes("\377\377\377\377")) + ready()},
                      {server, frame('I') + ready()}}),
              ElementsAre("1? COPY t TO STDOUT", "2? a function call", "3? ", "1! done I, COPY 1",
                          "2! done I, ", "3! done I, "));
}

TEST(Conversation, LosesWhatTheServerNeverAnswered) {
  EXPECT_THAT(events({{client, query("COMMIT")}, {server, command_complete("COMMIT")}}),
              ElementsAre("1? COMMIT", "1! lost, COMMIT"));
}

TEST(Conversation, CutsABatchBeforeAnotherKindOfMessage) {
  EXPECT_THAT(events({{client, parse("", "a") + query("b")},
                      {server, frame('1') + command_complete("B") + ready()}}),
              ElementsAre("1? prepare: a", "2? b", "1! done", "2! done I, B"));
}

TEST(ServerStream, KeepsTheKeyTheParametersAndAFatalError) {
  ServerStream stream;
  stream.push(frame('K', bytes("\0\0\0\7key")) + frame('S', bytes("a\0b\0")) + ready() +
              error("57P01", "m"));
  EXPECT_FALSE(stream.next()->first_ready);
  EXPECT_FALSE(stream.next()->first_ready);
  EXPECT_TRUE(stream.next()->first_ready);
  EXPECT_EQ(stream.next()->error->sqlstate, "57P01");
  EXPECT_EQ(stream.cancel_key(), (CancelRequest{7, "key"}));
  EXPECT_EQ(stream.parameters().at("a"), "b");
}

/// The one request in these bytes.
Request request_of(std::string_view bytes) {
  ClientStream stream;
  stream.push(start());
  stream.push(bytes);
  stream.next();
  return stream.next()->request;
}

TEST(Rewrite, RecomputesTheLengthsAndLeavesTheRest) {
  auto request = request_of(parse("s", "SELECT pg_try_advisory_lock($1)") + bind("", "s", "7") +
                            execute() + sync);
  EXPECT_TRUE(rewrite(request, sql::with_shared_advisory_locks));
  EXPECT_EQ(request.bytes, parse("s", "SELECT pg_try_advisory_lock_shared($1)") +
                               bind("", "s", "7") + execute() + sync);
  auto other = request_of(query("SELECT 'pg_advisory_lock(1)'"));
  EXPECT_FALSE(rewrite(other, sql::with_shared_advisory_locks));
  EXPECT_EQ(other.bytes, query("SELECT 'pg_advisory_lock(1)'"));
}

TEST(Rewrite, IsHiddenFromTheClientInPositionsAndColumns) {
  auto request = request_of(query("SELECT pg_advisory_lock(1), 'ä', x"));
  rewrite(request, sql::with_shared_advisory_locks);
  EXPECT_EQ(request.bytes, query("SELECT pg_advisory_lock_shared(1), 'ä', x"));
  ServerStream stream;
  stream.expect(request);
  stream.push(row_description("pg_advisory_lock_shared") + error("42703", "m", 41) + ready());
  EXPECT_EQ(stream.next()->bytes, row_description("pg_advisory_lock"));
  EXPECT_EQ(stream.next()->bytes, error("42703", "m", 34));
  EXPECT_EQ(stream.next()->replies.at(0).error->position, 34U);
}

TEST(Encode, AnswersInTheServersPlace) {
  const auto batch =
      request_of(parse("", "x") + bind("", "", "1") + describe_portal() + execute() + sync);
  EXPECT_EQ(success(batch, "INSERT 0 0", TransactionStatus::open),
            frame('1') + frame('2') + frame('n') + command_complete("INSERT 0 0") + ready('T'));
  EXPECT_EQ(failure(request_of(query("x")), {.severity = "ERROR", .sqlstate = "40001"},
                    TransactionStatus::failed),
            error_response({.severity = "ERROR", .sqlstate = "40001"}) + ready('E'));
}

TEST(ClientStream, NamesEncryptionCancelAndStartup) {
  ClientStream stream;
  stream.push(bytes("\0\0\0\10\4\322\26\57") + start() + frame('p', "secret"));
  EXPECT_TRUE(std::holds_alternative<EncryptionRequest>(stream.next()->startup));
  EXPECT_EQ(std::get<Startup>(stream.next()->startup).parameter("application_name"), "a");
  EXPECT_EQ(stream.next()->bytes, frame('p', "secret"));
}

TEST(ClientStream, TakesATypeOfZeroForNoStartupPacketOnceTheSessionBegan) {
  ClientStream stream;
  const auto odd = FrameWriter('?').int16(1234).int16(5679).frame();
  stream.push(start() + parse("", "x") + '\0' + odd.substr(1));
  stream.next();
  EXPECT_EQ(stream.next()->request.bytes, parse("", "x"));
  EXPECT_EQ(stream.next()->kind, ClientItem::Kind::opaque);
}

TEST(ClientStream, SaysWhatATlsHandshakeIs) {
  ClientStream stream;
  stream.push(bytes("\x16\x03\x01\x02\x00"));
  EXPECT_FALSE(stream.next().has_value());
  EXPECT_THAT(stream.failure(), testing::HasSubstr("TLS handshake"));
}

const Dialogue& everything() {
  static const Dialogue dialogue = {
      {client, bytes("\0\0\0\10\4\322\26\57") + start() + frame('p', "md5")},
      {server, frame('R', bytes("\0\0\0\0")) + frame('S', bytes("a\0b\0")) + ready()},
      {client, query("SELECT 1; SELECT 2") + parse("s", "SELECT $1") + flush},
      {server, row_description("c") + data_row("1") + command_complete("SELECT 1")},
      {server, frame('N', bytes("SNOTICE\0\0")) + error("22012", "m", 3) + ready('E')},
      {server, frame('1')},
      {client, bind("p", "s", "x") + execute("p") + frame('?', "unknown") + sync},
      {server, frame('2') + data_row(std::string(300, 'x')) + frame('A', "n") + frame('s')},
      {server, ready('T')},
      {client, query("COPY t FROM STDIN")},
      {server, frame('G', bytes("\0\0\0"))},
      {client, frame('d', std::string(300, 'd')) + frame('f', bytes("no\0")) + frame('X')},
      {server, error("57014", "m") + ready()}};
  return dialogue;
}

/// Sizes of chunks, used in turn.
rc::Gen<std::vector<std::size_t>> chunk_sizes() {
  return rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40)));
}

constexpr Limits small = {.startup_bytes = 500,
                          .whole_bytes = 64,
                          .frame_bytes = 1000,
                          .batch_bytes = 2000,
                          .batch_messages = 8,
                          .names_bytes = 4000};

void hear_in_chunks(Conversation& conversation, const Said& said,
                    const std::vector<std::size_t>& sizes) {
  std::string_view rest = said.bytes;
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const auto chunk = rest.substr(0, sizes[i % sizes.size()]);
    hear(conversation, {said.by, std::string(chunk)});
    rest.remove_prefix(chunk.size());
  }
}

TEST(Conversation, IsTheSameInEveryChunking) {
  Conversation whole(small);
  for (const auto& said : everything()) hear(whole, said);
  ASSERT_GE(whole.events().size(), 8U);
  EXPECT_TRUE(rc::check("same events, same bytes", [&] {
    const auto sizes = *chunk_sizes();
    Conversation chunked(small);
    for (const auto& said : everything()) hear_in_chunks(chunked, said, sizes);
    RC_ASSERT(chunked.events() == whole.events());
    RC_ASSERT(chunked.to_server() == whole.to_server());
    RC_ASSERT(chunked.to_client() == whole.to_client());
  }));
}

TEST(Conversation, PassesAnyBytesOnAsTheyCameAndKeepsFewOfThem) {
  EXPECT_TRUE(rc::check("what goes out came in", [] {
    const auto some = rc::gen::elementOf(bytes("QPBDECSHFXpdcf1234tTnZKRI\0\0\0\0\4\5\7\20"));
    std::string of_client = start(), of_server;
    Conversation conversation(small);
    conversation.from_client(of_client);
    const auto frames = *rc::gen::inRange(1, 30);
    for (int i = 0; i < frames; ++i) {
      const auto body = *rc::gen::container<std::string>(some);
      const auto said = *rc::gen::arbitrary<bool>() ? frame(*some, body) : body;
      const bool by_client = *rc::gen::arbitrary<bool>();
      (by_client ? of_client : of_server) += said;
      hear(conversation, {by_client ? client : server, said});
      RC_ASSERT(conversation.client().kept_bytes() <= 4200U);
    }
    RC_ASSERT(of_client.starts_with(conversation.to_server()));
    RC_ASSERT(of_server.starts_with(conversation.to_client()));
    conversation.end();
    RC_ASSERT(conversation.server().awaited() == 0U);
  }));
}

TEST(Names, ForgetRatherThanGrow) {
  Names names(2000);
  for (int i = 0; i < 100; ++i) {
    auto statement = std::make_shared<Statement>();
    statement->name = std::to_string(i);
    statement->sql = std::string(300, 'x');
    names.prepare(statement);
    names.bind(statement->name, {statement});
    ASSERT_LE(names.bytes(), 2000U);
  }
  EXPECT_NE(names.statement("99"), nullptr);
  EXPECT_EQ(names.statement("1"), nullptr);
}

}  // namespace
}  // namespace gauntlet::wire
