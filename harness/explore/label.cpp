#include "harness/explore/label.h"

#include "harness/core/fnv1a.h"

#include <cctype>
#include <cstddef>

namespace gauntlet::explore {

namespace {

/// A number with so many digits is a key, a time or an id that is drawn anew in each run.
constexpr std::size_t digits_that_vary = 10;

bool is_digit(char character) { return std::isdigit(static_cast<unsigned char>(character)) != 0; }
bool is_space(char character) { return std::isspace(static_cast<unsigned char>(character)) != 0; }

/// Reads `process 4711 on web-7`, by which a runner names itself to others.
std::size_t length_of_a_process(std::string_view text) {
  constexpr std::string_view head = "process ", middle = " on ";
  if (!text.starts_with(head)) return 0;
  std::size_t at = head.size();
  while (at < text.size() && is_digit(text[at])) ++at;
  if (!text.substr(at).starts_with(middle)) return 0;
  at += middle.size();
  while (at < text.size() && !is_space(text[at]) && text[at] != '\'') ++at;
  return at;
}

/// A lock's key or a hash, in hexadecimal digits.
std::size_t length_of_a_hash(std::string_view sql, std::size_t at) {
  constexpr std::size_t digits_min = 16;
  if (at > 0 && std::isalnum(static_cast<unsigned char>(sql[at - 1])) != 0) return 0;
  std::size_t end = at;
  while (end < sql.size() && std::isxdigit(static_cast<unsigned char>(sql[end])) != 0) ++end;
  return end - at >= digits_min ? end - at : 0;
}

std::string masked(std::string_view sql) {
  std::string made;
  for (std::size_t at = 0; at < sql.size();) {
    if (const std::size_t length = length_of_a_hash(sql, at); length > 0) {
      if (!made.empty() && made.back() == '-') made.pop_back();
      made += '#';
      at += length;
      continue;
    }
    if (const std::size_t length = length_of_a_process(sql.substr(at)); length > 0) {
      made += "process #";
      at += length;
    } else if (is_digit(sql[at])) {
      std::size_t end = at;
      while (end < sql.size() && is_digit(sql[end])) ++end;
      const bool varies = end - at >= digits_that_vary;
      if (varies && !made.empty() && made.back() == '-') made.pop_back();
      made += varies ? std::string_view("#") : sql.substr(at, end - at);
      at = end;
    } else if (is_space(sql[at])) {
      while (at < sql.size() && is_space(sql[at])) ++at;
      if (!made.empty() && at < sql.size()) made += ' ';
    } else {
      made += sql[at++];
    }
  }
  return made;
}

/// Never inside a character of UTF-8.
std::string shortened(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "...";
}

}  // namespace

std::string text_of(const core::Step& step, std::size_t bytes_max) {
  if (step.kind == core::Step::Kind::wait) return "(waits for a notification)";
  return shortened(masked(step.sql), bytes_max);
}

std::uint64_t fingerprint_of(const core::Step& step) {
  return core::fnv1a(masked(step.sql), core::fnv1a(core::to_string(step.kind)));
}

}  // namespace gauntlet::explore
