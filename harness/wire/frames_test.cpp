#include "harness/wire/frames_test.h"

#include "harness/wire/frame_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::wire {
namespace {

// The layouts of the manual's "Message Formats", byte by byte.
TEST(Frames, AreTheManualsBytes) {
  EXPECT_EQ(query("x"), bytes("Q\0\0\0\6x\0"));
  EXPECT_EQ(terminate(), bytes("X\0\0\0\4"));
  EXPECT_EQ(ready_for_query(TransactionStatus::open), bytes("Z\0\0\0\5T"));
  EXPECT_EQ(command_complete("BEGIN"), bytes("C\0\0\0\12BEGIN\0"));
  EXPECT_EQ(error("42601", "m", 7), bytes("E\0\0\0\40SERROR\0VERROR\0C42601\0Mm\0P7\0\0"));
  EXPECT_EQ(startup({.parameters = {{"user", "u"}}}), bytes("\0\0\0\20\0\3\0\0user\0u\0\0"));
  EXPECT_EQ(cancel_request({258, bytes("\1\2\3\4")}),
            bytes("\0\0\0\20\4\322\26\56\0\0\1\2\1\2\3\4"));
}

TEST(Startup, IsToldFromTheOtherUntypedPackets) {
  const auto read = read_startup(bytes("\0\3\0\0user\0u\0database\0d\0\0"));
  ASSERT_TRUE(std::holds_alternative<Startup>(read));
  EXPECT_EQ(std::get<Startup>(read).parameter("database"), "d");
  EXPECT_EQ(std::get<Startup>(read).parameter("options"), "");

  const auto tls = read_startup(bytes("\4\322\26\57"));
  ASSERT_TRUE(std::holds_alternative<EncryptionRequest>(tls));
  EXPECT_EQ(std::get<EncryptionRequest>(tls).kind, EncryptionRequest::Kind::tls);
  const auto gssapi = read_startup(bytes("\4\322\26\60"));
  ASSERT_TRUE(std::holds_alternative<EncryptionRequest>(gssapi));
  EXPECT_EQ(std::get<EncryptionRequest>(gssapi).kind, EncryptionRequest::Kind::gssapi);
}

TEST(Startup, ReadsTheLongCancelKeysOfProtocol32) {
  const std::string key(32, 'k');
  const auto packet = cancel_request({7, key});
  const auto read = read_startup(std::string_view(packet).substr(4));
  ASSERT_TRUE(std::holds_alternative<CancelRequest>(read));
  EXPECT_EQ(std::get<CancelRequest>(read), (CancelRequest{7, key}));
}

TEST(Startup, RefusesWhatIsCutShortOrOfAnotherProtocol) {
  for (const auto& body : {bytes("\0\3\0\0user\0u"), bytes("\0\3"), bytes("\0\2\0\0\0"),
                           bytes("\4\322\26\56\0\0\0\1"), bytes("\0\3\0\0user\0u\0")}) {
    SCOPED_TRACE(testing::PrintToString(body));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(read_startup(body)));
  }
}

TEST(FrameReader, GivesALongRowInPartsAndKeepsNoneOfIt) {
  FrameReader reader({.whole_bytes = 10}, [](char) { return true; });
  reader.push(frame('D', std::string(100, 'x')).substr(0, 50));
  const auto head = reader.next();
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->bytes.size(), 10U);
  EXPECT_TRUE(head->first && !head->last);
  ASSERT_TRUE(reader.next().has_value());
  EXPECT_EQ(reader.pending().size(), 0U);
}

TEST(FrameReader, RefusesALengthThatMustBeKeptAndIsTooLong) {
  FrameReader reader({.frame_bytes = 100}, [](char) { return false; });
  reader.push(bytes("Q\0\0\1\0"));
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.failure(), "a message 'Q' of 256 bytes");
}

TEST(FrameReader, RefusesALengthShorterThanItself) {
  FrameReader reader({}, [](char) { return true; });
  reader.push(bytes("\1\0\0\0\3"));
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.failure(), "a message 0x01 of 3 bytes");
}

TEST(Fields, YieldNothingPastTheirEnd) {
  Fields fields("ab");
  EXPECT_EQ(fields.int32(), 0);
  EXPECT_FALSE(fields.ok());
  EXPECT_EQ(fields.text(), "");
  EXPECT_EQ(fields.bytes(1), "");
}

TEST(Value, IsPrintedWhateverItIs) {
  const auto text = [](std::string value) {
    const auto size = value.size();
    return to_string(Value{.bytes = std::move(value), .size = size});
  };
  EXPECT_EQ(text("7"), "7");
  EXPECT_EQ(text("it's"), "'it''s'");
  EXPECT_EQ(text("größe"), "'größe'");
  EXPECT_EQ(text(bytes("a\0b")), "\\x610062");
  EXPECT_EQ(text("\xff"), "\\xff");
  EXPECT_EQ(to_string(Value{}), "NULL");
  EXPECT_EQ(text(std::string(100, 'a')), "'" + std::string(64, 'a') + "'… (100 bytes)");
  EXPECT_EQ(
      to_string(Value{
          .format = Value::Format::binary, .type = 23, .bytes = bytes("\0\0\0\7"), .size = 4}),
      "7");
}

TEST(Value, GivesAnAdvisoryKeyInAnyForm) {
  EXPECT_EQ(as_integer({.bytes = "-42", .size = 3}), -42);
  EXPECT_EQ(as_integer({.format = Value::Format::binary,
                        .bytes = bytes("\377\377\377\377\377\377\377\376"),
                        .size = 8}),
            -2);
  EXPECT_EQ(as_integer({.bytes = "4x", .size = 2}), std::nullopt);
}

}  // namespace
}  // namespace gauntlet::wire
