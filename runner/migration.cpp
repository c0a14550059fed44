#include "runner/migration.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace gauntlet::runner {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

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
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL offers no SHA-256");
  std::string text;
  text.reserve(std::size_t{2} * length);
  constexpr std::string_view digits = "0123456789abcdef";
  for (const unsigned char byte : std::basic_string_view(digest.data(), length)) {
    text += digits[byte >> 4U];
    text += digits[byte & 0xFU];
  }
  return text;
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
  start.column += static_cast<int>(std::count_if(passed.begin(), passed.end(), starts_character));
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
