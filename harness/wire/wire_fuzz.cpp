// Any bytes of either side, in any chunks: nothing crashes, nothing hangs, what goes through is
// what came in, and what is kept is bounded. An input is a list of chunks: a byte whose lowest bit
// says which side, the others how long; then its bytes. `make fuzz` runs it.
#include "harness/sql/lock_edits.h"
#include "harness/wire/conversation.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace gauntlet::wire;

constexpr Limits limits = {.startup_bytes = 500,
                           .whole_bytes = 64,
                           .frame_bytes = 1000,
                           .batch_bytes = 2000,
                           .batch_messages = 8,
                           .names_bytes = 4000};

void require(bool holds) {
  if (!holds) std::abort();
}

void look_at_sql(std::string_view text) {
  for (const auto& edit : {sql::with_shared_advisory_locks(text), sql::with_weak_table_locks(text),
                           sql::without_row_locks(text)})
    if (edit)
      for (std::size_t at = 0; at <= edit->sql.size() + 1; ++at)
        require(sql::original_position(text, *edit, at) <= text.size() + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  look_at_sql(rest);
  Conversation conversation(limits);
  std::string of_client, of_server;
  while (!rest.empty()) {
    const auto head = static_cast<unsigned char>(rest[0]);
    const auto chunk = rest.substr(1, head / 2U);
    rest.remove_prefix(1 + chunk.size());
    if (head % 2U == 0) {
      of_client += chunk;
      conversation.from_client(chunk);
    } else {
      of_server += chunk;
      conversation.from_server(chunk);
    }
    require(conversation.client().kept_bytes() <= limits.frame_bytes + limits.batch_bytes + 1200);
    require(conversation.server().pending().size() <= limits.whole_bytes + 128);
  }
  require(of_client.starts_with(conversation.to_server()));
  require(of_server.starts_with(conversation.to_client()));
  conversation.end();
  require(conversation.server().awaited() == 0);
  return 0;
}
