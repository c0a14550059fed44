#include "harness/wire/frame_reader.h"

#include "harness/wire/fields.h"

#include <algorithm>

#include <fmt/format.h>

namespace gauntlet::wire {
namespace {

constexpr std::size_t header_bytes = 5;
/// What the server itself allows a message: MaxAllocSize.
constexpr std::size_t length_max = 0x3FFFFFFF;

std::string told(char type) {
  const auto byte = static_cast<unsigned char>(type);
  return byte > 0x20U && byte < 0x7FU ? fmt::format("'{}'", type) : fmt::format("0x{:02X}", byte);
}

}  // namespace

void FrameReader::push(std::string_view bytes) {
  if (!failure_.empty()) return;
  if (at_ == buffer_.size() || at_ > buffer_.size() / 2) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_.append(bytes);
}

std::string_view FrameReader::take(std::size_t count) noexcept {
  const auto result = pending().substr(0, count);
  at_ += result.size();
  return result;
}

std::optional<Frame> FrameReader::next() {
  if (!failure_.empty()) return std::nullopt;
  if (remaining_ > 0) return next_part();
  if (startup_) return next_startup();
  if (pending().size() < header_bytes) return std::nullopt;

  Fields header(pending());
  const char type = static_cast<char>(header.byte());
  const std::size_t length = header.uint32();
  const bool streams = streams_(type);
  if (length < 4 || length > length_max || (!streams && length + 1 > limits_.frame_bytes)) {
    failure_ = fmt::format("a message {} of {} bytes", told(type), length);
    return std::nullopt;
  }
  const std::size_t total = length + 1;
  const std::size_t head = streams ? std::min(total, limits_.whole_bytes) : total;
  if (pending().size() < head) return std::nullopt;
  remaining_ = total - head;
  streaming_ = type;
  return Frame{type, take(head), true, remaining_ == 0};
}

std::optional<Frame> FrameReader::next_part() {
  const auto bytes = take(remaining_);
  if (bytes.empty()) return std::nullopt;
  remaining_ -= bytes.size();
  return Frame{streaming_, bytes, false, remaining_ == 0};
}

std::optional<Frame> FrameReader::next_startup() {
  if (pending().size() < 4) return std::nullopt;
  const std::size_t length = Fields(pending()).uint32();
  if (length < 8 || length > limits_.startup_bytes) {
    failure_ = pending().substr(0, 2) == "\x16\x03"
                   ? "a TLS handshake without asking for it first (sslnegotiation=direct)"
                   : fmt::format("a startup packet of {} bytes", length);
    return std::nullopt;
  }
  if (pending().size() < length) return std::nullopt;
  startup_ = false;
  return Frame{.bytes = take(length), .startup = true};
}

}  // namespace gauntlet::wire
