// The fields of a message, read from its bytes and written to them: integers in network order,
// texts that end in a zero byte. Reading never fails loudly, since the bytes are a stranger's: past
// the end it yields zeros and says so. Pure.
// Source: PostgreSQL manual, "Message Data Types".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gauntlet::wire {

/// Reads one field after the other from a message's body.
class Fields {
 public:
  explicit Fields(std::string_view body) noexcept : rest_(body) {}

  std::uint8_t byte() noexcept;
  std::int16_t int16() noexcept;
  /// A 16-bit count: never negative on the wire.
  std::size_t count() noexcept { return static_cast<std::uint16_t>(int16()); }
  std::int32_t int32() noexcept;
  std::uint32_t uint32() noexcept { return static_cast<std::uint32_t>(int32()); }
  /// Up to a zero byte, which is passed over.
  std::string_view text() noexcept;
  std::string_view bytes(std::size_t count) noexcept;

  /// What has not been read.
  std::string_view rest() const noexcept { return rest_; }
  /// False once a field was asked for that is not there; every later one is empty.
  bool ok() const noexcept { return ok_; }

 private:
  void fail() noexcept;

  std::string_view rest_;
  bool ok_ = true;
};

/// Writes one frame; its length is filled in at the end.
class FrameWriter {
 public:
  /// A frame of this type; of type 0, a startup packet, which has no type byte.
  explicit FrameWriter(char type);

  FrameWriter& byte(char value);
  FrameWriter& int16(std::int16_t value);
  FrameWriter& int32(std::int32_t value);
  FrameWriter& text(std::string_view value);
  FrameWriter& bytes(std::string_view value);

  /// The whole frame. The writer is spent.
  std::string frame();

 private:
  std::string bytes_;
  std::size_t length_at_;
};

}  // namespace gauntlet::wire
