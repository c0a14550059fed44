#include "runner/values/migration.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
// EVP's door to the same code first loads every provider and the name of every algorithm: more work
// than all else that a run with nothing pending does.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

namespace gauntlet::runner {
namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

}  // namespace

std::string_view Script::sql() const noexcept {
  std::string_view text = bytes;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return text;
}

std::optional<std::string> Migration::checksum() const {
  if (up_code) return std::nullopt;
  return up.checksum;
}

std::string Migration::where() const {
  return up.file.empty() ? "code in the program" : up.file.string();
}

std::string to_string(const Migration& migration) {
  return fmt::format("{} ({})", migration.version.number, migration.name);
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_CTX context{};
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(digest.data(), &context);
  std::string text;
  text.reserve(2 * digest.size());
  constexpr std::string_view digits = "0123456789abcdef";
  for (const unsigned char byte : digest) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
}

std::size_t characters_in(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

std::string place_text(std::string_view file, Place place) {
  return fmt::format("{}:{}:{}", file, place.line, place.column);
}

Place place_of_byte(std::string_view text, std::size_t offset) {
  return place_after({}, text.substr(0, offset));
}

Place place_after(Place start, std::string_view passed) {
  const auto last_end = passed.rfind('\n');
  if (last_end != std::string_view::npos) {
    start.line += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    start.column = 1;
    passed.remove_prefix(last_end + 1);
  }
  start.column += static_cast<int>(characters_in(passed));
  return start;
}

Place place_of_character(std::string_view text, std::size_t position) {
  std::size_t seen = 0;
  std::size_t offset = 0;
  for (; offset < text.size(); ++offset)
    if (starts_character(text[offset]) && ++seen >= position) break;
  return place_of_byte(text, offset);
}

}  // namespace gauntlet::runner
