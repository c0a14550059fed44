// Conversations of real clients with a real server, recorded as the fuzzer reads them: a byte whose
// lowest bit says which side and the others how long, then that many bytes.
#include "harness/wire/conversation.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gauntlet::wire {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::string recorded(const std::string& name) {
  const auto file = std::filesystem::path(GAUNTLET_SOURCE_DIR) / "harness/wire/corpus" / name;
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Hears it all, each recorded chunk in pieces of `piece` bytes.
void hear(Conversation& conversation, std::string_view rest, std::size_t piece) {
  while (!rest.empty()) {
    const auto head = static_cast<unsigned char>(rest[0]);
    auto chunk = rest.substr(1, head / 2U);
    rest.remove_prefix(1 + chunk.size());
    for (; !chunk.empty(); chunk.remove_prefix(std::min(piece, chunk.size())))
      if (head % 2U == 0)
        conversation.from_client(chunk.substr(0, piece));
      else
        conversation.from_server(chunk.substr(0, piece));
  }
}

class Recorded : public testing::TestWithParam<const char*> {};

TEST_P(Recorded, HasEveryRequestAnsweredInAnyChunking) {
  const auto bytes = recorded(GetParam());
  ASSERT_FALSE(bytes.empty());
  Conversation whole({});
  hear(whole, bytes, bytes.size());
  EXPECT_EQ(whole.client().failure(), "");
  EXPECT_EQ(whole.server().failure(), "");
  EXPECT_EQ(whole.server().awaited(), 0U) << testing::PrintToString(whole.events());
  EXPECT_GE(whole.events().size(), 4U);
  EXPECT_THAT(whole.events(), testing::Not(Contains(HasSubstr("! skipped"))));
  for (std::size_t piece = 1; piece < 40; ++piece) {
    SCOPED_TRACE(piece);
    Conversation chunked({});
    hear(chunked, bytes, piece);
    EXPECT_EQ(chunked.events(), whole.events());
  }
}

INSTANTIATE_TEST_SUITE_P(Clients, Recorded,
                         testing::Values("asyncpg", "pg8000", "psql", "psycopg2", "psycopg3"),
                         [](const auto& client) { return std::string(client.param); });

TEST(Corpus, ShowsTheValueOfATriedLock) {
  Conversation conversation({});
  hear(conversation, recorded("psycopg2"), 200);
  EXPECT_THAT(conversation.events(), Contains(HasSubstr("? select pg_try_advisory_lock(7)")));
  EXPECT_THAT(conversation.events(), Contains(HasSubstr("SELECT 1 ('t')")));
}

}  // namespace
}  // namespace gauntlet::wire
