// The server's side of a session: bytes in any chunks become what the client is to get, and with it
// which requests are answered. Tell it of every request that is sent, in order; what is answered
// by others is none of its business. Pure; one thread at a time.
// Source: PostgreSQL manual, "Message Flow".
#pragma once

#include "harness/wire/awaited.h"
#include "harness/wire/frame_reader.h"
#include "harness/wire/reply.h"
#include "harness/wire/request.h"
#include "harness/wire/startup.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

/// A frame, or a part of a long one, for the client.
struct ServerItem {
  /// What the client is to get: the frame as it came, or as it would have come without a rewrite.
  /// Valid until the stream is called again.
  std::string_view bytes = {};
  char type = 0;
  std::uint64_t request = 0;                ///< which request it answers; 0 for none
  std::vector<Reply> replies = {};          ///< the requests that are answered with it, in order
  bool first_ready = false;                 ///< the session has begun: authenticated, ready
  std::optional<ServerMessage> error = {};  ///< an ErrorResponse that answers no request: a FATAL
};

class ServerStream {
 public:
  explicit ServerStream(const Limits& limits = {});

  /// A request is on its way to the server. Returns the replies that need no answer: to a batch of
  /// nothing but a Flush, or to one that the server will skip.
  std::vector<Reply> expect(const Request& request);
  /// A ClientItem::Kind::copy_sync is on its way.
  void expect_copy_sync();

  /// Takes bytes. Call `next` until it has nothing before pushing more.
  void push(std::string_view bytes) { reader_.push(bytes); }
  std::optional<ServerItem> next();

  /// The connection has ended: what was not answered is lost.
  std::vector<Reply> end();

  /// Why this is no server of protocol 3; empty while it may be one. Final: `pending` then holds
  /// what could not be read (a server that cannot fork answers in protocol 2), to be passed on.
  const std::string& failure() const noexcept { return reader_.failure(); }
  std::string_view pending() const noexcept { return reader_.pending(); }

  TransactionStatus status() const noexcept { return status_; }
  bool ready() const noexcept { return ready_; }
  /// Requests that are sent and not answered.
  std::size_t awaited() const noexcept { return awaited_.size(); }
  /// Of BackendKeyData; process 0 before it came.
  const CancelRequest& cancel_key() const noexcept { return cancel_key_; }
  /// By ParameterStatus; the first 100 of them.
  const std::map<std::string, std::string>& parameters() const noexcept { return parameters_; }

 private:
  void take(const Frame& frame, ServerItem& item);
  void take_error(const Frame& frame, ServerItem& item);
  void take_ready(std::string_view body, ServerItem& item);
  void take_row_description(const Frame& frame, ServerItem& item);
  void take_parameter(std::string_view body);
  void take_answer(const Frame& frame, ServerItem& item);
  void settle(ServerItem& item);
  void skip(std::vector<Reply>& replies);

  FrameReader reader_;
  std::deque<Awaited> awaited_ = {};
  std::string changed_ = {};  ///< the frame that took another's place
  TransactionStatus status_ = TransactionStatus::idle;
  bool ready_ = false;
  bool skipping_ = false;  ///< the server passes over everything up to a Sync
  CancelRequest cancel_key_ = {};
  std::map<std::string, std::string> parameters_ = {};
};

}  // namespace gauntlet::wire
