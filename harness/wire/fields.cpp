#include "harness/wire/fields.h"

namespace gauntlet::wire {
namespace {

std::uint32_t network_order(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = (value << 8U) | static_cast<unsigned char>(byte);
  return value;
}

void put(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i)
    bytes[at + i] = static_cast<char>((value >> (24U - 8U * i)) & 0xFFU);
}

}  // namespace

void Fields::fail() noexcept {
  ok_ = false;
  rest_ = {};
}

std::string_view Fields::bytes(std::size_t count) noexcept {
  if (count > rest_.size()) {
    fail();
    return {};
  }
  const auto result = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return result;
}

std::uint8_t Fields::byte() noexcept { return static_cast<std::uint8_t>(network_order(bytes(1))); }

std::int16_t Fields::int16() noexcept {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(network_order(bytes(2))));
}

std::int32_t Fields::int32() noexcept { return static_cast<std::int32_t>(network_order(bytes(4))); }

std::string_view Fields::text() noexcept {
  const auto end = rest_.find('\0');
  if (end == std::string_view::npos) {
    fail();
    return {};
  }
  const auto result = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return result;
}

FrameWriter::FrameWriter(char type) : length_at_(type == 0 ? 0 : 1) {
  if (type != 0) bytes_.push_back(type);
  bytes_.append(4, '\0');
}

FrameWriter& FrameWriter::byte(char value) {
  bytes_.push_back(value);
  return *this;
}

FrameWriter& FrameWriter::int16(std::int16_t value) {
  const auto bits = static_cast<std::uint16_t>(value);
  return byte(static_cast<char>(bits >> 8U)).byte(static_cast<char>(bits & 0xFFU));
}

FrameWriter& FrameWriter::int32(std::int32_t value) {
  const auto at = bytes_.size();
  bytes_.append(4, '\0');
  put(bytes_, at, static_cast<std::uint32_t>(value));
  return *this;
}

FrameWriter& FrameWriter::text(std::string_view value) { return bytes(value).byte('\0'); }

FrameWriter& FrameWriter::bytes(std::string_view value) {
  bytes_.append(value);
  return *this;
}

std::string FrameWriter::frame() {
  put(bytes_, length_at_, static_cast<std::uint32_t>(bytes_.size() - length_at_));
  return std::move(bytes_);
}

}  // namespace gauntlet::wire
