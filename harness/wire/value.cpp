#include "harness/wire/value.h"

#include "harness/wire/fields.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace gauntlet::wire {
namespace {

constexpr std::uint32_t bool_oid = 16, int8_oid = 20, int2_oid = 21, int4_oid = 23, text_oid = 25,
                        varchar_oid = 1043;
constexpr std::size_t printed_max = 64;

/// How many bytes the UTF-8 character at the front of `text` has; 0 where there is none to print.
std::size_t printable_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first >= 0x20U && first < 0x7FU) return 1;
  const std::size_t size = first >= 0xF1U ? 0 : first >= 0xE1U ? 3 : first >= 0xC3U ? 2 : 0;
  if (size == 0 || first == 0xF0U || (first >= 0xE0U && size == 2) || text.size() < size) return 0;
  if (first == 0xEDU) return 0;  // surrogates
  const auto tail = text.substr(1, size - 1);
  const bool continued = std::all_of(tail.begin(), tail.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
  });
  return continued ? size : 0;
}

/// How much of `text` is printed, up to `printed_max`; nullopt if it is no text to print.
std::optional<std::size_t> printable_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto size = printable_character(text.substr(at));
    if (size == 0) return std::nullopt;
    if (at + size > printed_max) break;
    at += size;
  }
  return at;
}

std::string cut_mark(const Value& value, std::size_t printed) {
  return printed < value.size ? fmt::format("… ({} bytes)", value.size) : std::string();
}

std::string hexadecimal(const Value& value) {
  const auto shown = std::string_view(*value.bytes).substr(0, printed_max / 2);
  std::string result = "\\x";
  for (const char byte : shown) result += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return result + cut_mark(value, shown.size());
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         text.find_first_not_of("0123456789", text[0] == '-' ? 1 : 0) == std::string_view::npos &&
         text != "-";
}

std::string quoted(const Value& value) {
  const auto printed = printable_bytes(*value.bytes);
  if (!printed) return hexadecimal(value);
  const auto shown = std::string_view(*value.bytes).substr(0, *printed);
  if (is_number(shown) && shown.size() == value.size) return std::string(shown);
  std::string result = "'";
  for (const char c : shown) result.append(c == '\'' ? 2U : 1U, c);
  return result + "'" + cut_mark(value, shown.size());
}

bool is_text(const Value& value) {
  return value.format == Value::Format::text || value.type == text_oid || value.type == varchar_oid;
}

}  // namespace

std::optional<std::int64_t> as_integer(const Value& value) {
  if (!value.bytes || value.size != value.bytes->size()) return std::nullopt;
  if (value.format == Value::Format::text) {
    std::int64_t result = 0;
    const char* end = value.bytes->data() + value.bytes->size();
    const auto parsed = std::from_chars(value.bytes->data(), end, result);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return result;
  }
  Fields fields(*value.bytes);
  if (value.size == 2) return fields.int16();
  if (value.size == 4) return fields.int32();
  if (value.size != 8) return std::nullopt;
  const std::uint64_t high = fields.uint32();
  return static_cast<std::int64_t>((high << 32U) | fields.uint32());
}

std::string to_string(const Value& value) {
  if (!value.bytes) return "NULL";
  if (is_text(value)) return quoted(value);
  if (value.type == bool_oid && value.size == 1) return (*value.bytes)[0] == 0 ? "false" : "true";
  const bool integer = value.type == int2_oid || value.type == int4_oid || value.type == int8_oid;
  if (const auto number = as_integer(value); integer && number) return fmt::format("{}", *number);
  return hexadecimal(value);
}

std::string to_string(const std::vector<Value>& values) {
  std::string result = "(";
  for (const auto& value : values) result += (result.size() > 1 ? ", " : "") + to_string(value);
  return result + ")";
}

Value read_value(Fields& fields, Value::Format format, std::uint32_t type) {
  Value value{format, type};
  const auto size = fields.int32();
  if (!fields.ok() || size < 0) return value;
  const auto bytes = fields.bytes(static_cast<std::size_t>(size));
  if (!fields.ok()) return value;
  value.size = bytes.size();
  value.bytes = bytes.substr(0, value_bytes_max);
  return value;
}

}  // namespace gauntlet::wire
