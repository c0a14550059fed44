#include "runner/values/visible_text.h"

#include <fmt/format.h>

namespace gauntlet::runner {

namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

bool is_continuation_byte(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

bool turns_direction(std::uint32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

/// ECMA-48, 8.3.117 Select graphic rendition.
std::size_t colour_sequence(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end < text.size() && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

FirstCharacter first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {.is_valid = true, .code = lead};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {};
  std::uint32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (i >= text.size() || !is_continuation_byte(text[i])) return {.bytes = i};
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  // The shortest form only, no surrogates, at most U+10FFFF.
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  return {.bytes = bytes,
          .is_valid = code >= least[bytes] && code <= 0x10FFFF && !is_surrogate,
          .code = code};
}

bool is_visible(std::uint32_t code) {
  if (code == '\n' || code == '\t') return true;
  const bool is_control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  return !is_control && !turns_direction(code) && code != 0xFFFE && code != 0xFFFF;
}

std::string visible_text(std::string_view text, Colours colours) {
  std::string visible;
  visible.reserve(text.size());
  while (!text.empty()) {
    if (const std::size_t colour = colour_sequence(text); colour > 0 && colours == Colours::kept) {
      visible += text.substr(0, colour);
      text.remove_prefix(colour);
      continue;
    }
    const FirstCharacter first = first_character(text);
    visible += first.is_valid && is_visible(first.code) ? text.substr(0, first.bytes)
                                                        : replacement_character;
    text.remove_prefix(first.bytes);
  }
  return visible;
}

std::string one_line_text(std::string_view text) {
  std::string line;
  for (const char character : visible_text(text)) {
    if (character == '\n' || character == '\t') {
      line += replacement_character;
    } else {
      line += character;
    }
  }
  return line;
}

std::string visible_json(std::string_view json) {
  std::string visible;
  visible.reserve(json.size());
  while (!json.empty()) {
    const FirstCharacter first = first_character(json);
    if (!first.is_valid) {
      visible += replacement_character;
    } else if (is_visible(first.code)) {
      visible += json.substr(0, first.bytes);
    } else {
      // Outside of strings JSON holds ASCII only, and inside of them it escapes C0 itself.
      visible += fmt::format("\\u{:04x}", first.code);
    }
    json.remove_prefix(first.bytes);
  }
  return visible;
}

}  // namespace gauntlet::runner
