#include "harness/wire/parts.h"

#include "harness/wire/client_stream.h"
#include "harness/wire/encode.h"
#include "harness/wire/fields.h"

#include <gtest/gtest.h>

namespace gauntlet::wire {
namespace {

std::string extended(const std::string& sql) {
  return FrameWriter('P').text("").text(sql).int16(0).frame() +
         FrameWriter('B').text("").text("").int16(0).int16(0).int16(0).frame() +
         FrameWriter('E').text("").int32(0).frame();
}

Request batch_of(const std::string& bytes) {
  ClientStream client;
  client.push(startup({.parameters = {{"user", "u"}}}));
  while (client.next()) {
  }
  client.push(bytes);
  return client.next().value().request;
}

TEST(Parts, AreOneForEachExecuteWithASyncOfItsOwn) {
  const std::string begin = extended("BEGIN"), insert = extended("INSERT INTO t VALUES (1)"),
                    sync = FrameWriter('S').frame();
  const auto parts = parts_of(batch_of(begin + insert + sync));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].bytes, begin + sync);
  EXPECT_EQ(parts[1].bytes, insert + sync);
  EXPECT_EQ(executed_by(parts[0])->sql, "BEGIN");
  EXPECT_EQ(executed_by(parts[1])->sql, "INSERT INTO t VALUES (1)");
  EXPECT_TRUE(parts[1].gives_ready());
  EXPECT_EQ(parts[0].id, parts[1].id);
}

TEST(Parts, HaveOneMoreOfWhatFollowsTheLastExecute) {
  const std::string one = extended("SELECT 1"), sync = FrameWriter('S').frame();
  const std::string close = FrameWriter('C').byte('P').text("").frame();
  const auto parts = parts_of(batch_of(one + close + sync));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].bytes, close + sync);
  EXPECT_EQ(executed_by(parts[1]), nullptr);
}

}  // namespace
}  // namespace gauntlet::wire
