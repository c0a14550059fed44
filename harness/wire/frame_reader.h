// Bytes in any chunks become frames: a type byte, a length, a body. Small frames come whole; those
// that may be large and that nobody needs whole (rows, COPY data, unknown types) come in parts, so
// that what is kept is bounded whatever a peer announces. Pure; one thread at a time.
// Source: PostgreSQL manual, "Message Flow" and "Message Formats".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::wire {

/// What a peer may make us keep.
struct Limits {
  std::size_t startup_bytes = 10'000;    ///< the server's own limit
  std::size_t whole_bytes = 1U << 20U;   ///< a frame up to this length comes whole, whatever it is
  std::size_t frame_bytes = 64U << 20U;  ///< a longer one that must come whole is malformed
  std::size_t batch_bytes = 64U << 20U;  ///< of extended messages that wait for a Sync or Flush
  std::size_t batch_messages = 10'000;   ///< likewise; past either, the batch is cut
  std::size_t names_bytes = 64U << 20U;  ///< of prepared statements and portals remembered
};

/// A frame, or a part of one. `bytes` are those received, header included, and stay valid until
/// the reader is called again.
struct Frame {
  char type = 0;
  std::string_view bytes = {};
  bool first = true, last = true;  ///< both for a whole frame
  bool startup = false;            ///< a packet without a type, which a connection begins with

  bool whole() const noexcept { return first && last; }
  /// What follows the header; of the first part, as much of it as is there.
  std::string_view body() const noexcept { return bytes.substr(startup ? 4 : 5); }
};

class FrameReader {
 public:
  /// Whether a frame of this type may come in parts.
  using Streams = bool (*)(char type);

  FrameReader(const Limits& limits, Streams streams) noexcept
      : limits_(limits), streams_(streams) {}

  /// Takes bytes. Call `next` until it has nothing before pushing more: what is kept is then at
  /// most one frame that is not complete.
  void push(std::string_view bytes);

  /// The next frame or part, nullopt when more bytes are needed or when the bytes are malformed.
  std::optional<Frame> next();

  /// The next frame is a startup packet: without a type.
  void expect_startup() noexcept { startup_ = true; }

  /// Why these bytes cannot be frames; empty while they can. Final: nothing comes any more.
  const std::string& failure() const noexcept { return failure_; }

  /// The bytes that were pushed and not yet returned.
  std::string_view pending() const noexcept { return std::string_view(buffer_).substr(at_); }

 private:
  std::optional<Frame> next_startup();
  std::optional<Frame> next_part();
  std::string_view take(std::size_t count) noexcept;

  Limits limits_;
  Streams streams_;
  std::string buffer_ = {};
  std::size_t at_ = 0;
  std::size_t remaining_ = 0;  ///< of the frame that is coming in parts
  char streaming_ = 0;
  bool startup_ = false;
  std::string failure_ = {};
};

}  // namespace gauntlet::wire
