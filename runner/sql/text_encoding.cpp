#include "runner/sql/text_encoding.h"

#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace gauntlet::runner {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
}

bool is_continuation(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

/// How many bytes the character at `at` has; 0 if none is there.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  const unsigned second = byte_at(text, at + 1);
  if (first < 0x80U) return 1;
  if (first < 0xC2U || first > 0xF4U || !is_continuation(second)) return 0;
  if (first < 0xE0U) return 2;
  // Overlong forms, surrogates, and what lies beyond U+10FFFF.
  if ((first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU)) return 0;
  if ((first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU)) return 0;
  if (!is_continuation(byte_at(text, at + 2))) return 0;
  if (first < 0xF0U) return 3;
  return is_continuation(byte_at(text, at + 3)) ? 4 : 0;
}

/// Eight bytes at once: migrations are ASCII for the most part.
bool is_ascii_word(std::string_view text, std::size_t at) {
  if (at + sizeof(std::uint64_t) > text.size()) return false;
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

}  // namespace

std::optional<std::size_t> first_byte_not_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_ascii_word(text, at)) {
      at += sizeof(std::uint64_t);
      continue;
    }
    const auto length = character_bytes(text, at);
    if (length == 0) return at;
    at += length;
  }
  return std::nullopt;
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = character_bytes(text, at);
    const unsigned first = byte_at(text, at);
    if (length == 0 || first < 0x20U || first == 0x7FU) {
      result += fmt::format("\\x{:02x}", first);
      ++at;
    } else {
      result += text.substr(at, length);
      at += length;
    }
  }
  return result;
}

}  // namespace gauntlet::runner
