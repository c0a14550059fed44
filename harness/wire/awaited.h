// One request that the server has been sent and has not answered completely: which of its messages
// it has come to, by counting replies, since a batch that ends in Flush is followed by no
// ReadyForQuery. Pure.
// Source: PostgreSQL manual, "Extended Query" and "COPY Operations".
#pragma once

#include "harness/wire/reply.h"
#include "harness/wire/request.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

class Awaited {
 public:
  explicit Awaited(const Request& request);
  /// The Sync after COPY data: answered by ReadyForQuery only when its batch's own Sync was.
  static Awaited copy_sync();

  /// Takes a reply that belongs to it: any but ErrorResponse, ReadyForQuery and notices.
  void take(char type, std::string_view body);
  void fail(ServerMessage error);
  void note(ServerMessage notice);

  /// Have all its messages been answered? Then a batch without a Sync is over.
  bool all_answered() const noexcept { return at_ >= messages_.size(); }
  bool gives_ready() const noexcept { return gives_ready_; }
  bool is_copy_sync() const noexcept { return copy_sync_; }
  /// Has the server passed over this batch's own Sync, having been in COPY when it came?
  bool ignored_its_sync() const noexcept { return batch_ && copied_in_; }
  bool is_batch() const noexcept { return batch_; }
  std::uint64_t id() const noexcept { return reply_.request; }

  /// The statement that the server has come to; null where that is not known.
  const std::shared_ptr<Statement>& statement() const noexcept;

  /// What was answered, ended like this; a failed one stays failed. Spends it.
  Reply reply(Reply::End end, std::optional<TransactionStatus> status);

 private:
  struct Part {
    Message::Kind kind = Message::Kind::unreadable;
    std::shared_ptr<Statement> statement = {};
  };

  Awaited() = default;
  void complete(char type, std::string_view body);

  bool batch_ = false, gives_ready_ = true, copy_sync_ = false, copied_in_ = false;
  std::vector<Part> messages_ = {};
  std::size_t at_ = 0;
  StatementResult current_ = {};
  Reply reply_ = {};
};

}  // namespace gauntlet::wire
