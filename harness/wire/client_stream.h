// The client's side of a session: bytes in any chunks become requests, and what is no request
// passes as it came. Nothing is lost and nothing is added: the bytes of all items, in order, are
// those that were pushed. Pure; one thread at a time.
// Source: PostgreSQL manual, "Message Flow".
#pragma once

#include "harness/wire/frame_reader.h"
#include "harness/wire/names.h"
#include "harness/wire/request.h"
#include "harness/wire/startup.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::wire {

/// What a client sent. `startup` holds something for the packets that begin a connection, `request`
/// for what a gate is asked about; the rest (passwords, COPY data, unknown messages) is opaque.
struct ClientItem {
  enum class Kind {
    startup,
    request,
    opaque,
    /// The Sync that follows COPY data in the extended protocol: it belongs to the batch that
    /// started the COPY, whose own Sync the server ignores. Tell ServerStream::expect_copy_sync.
    copy_sync,
  };

  Kind kind = Kind::opaque;
  StartupPacket startup = {};
  Request request = {};    ///< holds its own bytes
  std::string bytes = {};  ///< of the others, as they came
};

class ClientStream {
 public:
  explicit ClientStream(const Limits& limits = {});

  /// Takes bytes. Call `next` until it has nothing before pushing more.
  void push(std::string_view bytes) { reader_.push(bytes); }
  std::optional<ClientItem> next();

  /// Why this is no client of PostgreSQL's protocol 3; empty while it may be one. Final.
  const std::string& failure() const noexcept { return reader_.failure(); }

  /// The bytes that are kept: a frame or a batch that is not complete. Of a failed stream, what
  /// could not be read.
  std::size_t kept_bytes() const noexcept { return batch_.bytes.size() + reader_.pending().size(); }
  /// The same, as bytes: for passing them on when the client ends in the midst of them.
  std::string take_kept();

 private:
  void take(const Frame& frame);
  void take_typed(const Frame& frame);
  void take_startup(const Frame& frame);
  void take_extended(const Frame& frame);
  void take_sync(const Frame& frame);
  void take_single(const Frame& frame, Request::Kind kind);
  void take_opaque(const Frame& frame);
  void end_batch(Request::End end);
  void emit(Request request);

  /// Does a COPY's data make the next bare Sync part of the batch that started it?
  enum class Copy { none, batch_synced, data_ended };

  Limits limits_;
  FrameReader reader_;
  Names names_;
  Request batch_ = {};
  std::deque<ClientItem> items_ = {};
  std::uint64_t last_id_ = 0;
  Copy copy_ = Copy::none;
};

}  // namespace gauntlet::wire
