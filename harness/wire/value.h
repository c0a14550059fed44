// One value as it crosses the wire: a parameter of a Bind, a column of a row. Bounded, so that a
// large one costs no more than its beginning. Values; no effects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::wire {

class Fields;

struct Value {
  enum class Format { text, binary };

  Format format = Format::text;
  std::uint32_t type = 0;                 ///< its type's oid; 0 where nobody said
  std::optional<std::string> bytes = {};  ///< the first `value_bytes_max`; nullopt is NULL
  std::size_t size = 0;                   ///< of the whole value

  friend bool operator==(const Value&, const Value&) = default;
};

inline constexpr std::size_t value_bytes_max = 256;
inline constexpr std::size_t values_max = 64;  ///< of a Bind or a row; the rest is passed over

/// `7`, `'it''s'`, `NULL`, `\x00ff`; a long one is cut and says its size. Printable UTF-8 always.
std::string to_string(const Value& value);
/// `(7, 'a', NULL)`
std::string to_string(const std::vector<Value>& values);

/// The integer that an advisory lock's key is, in text or in binary of 2, 4 or 8 bytes.
std::optional<std::int64_t> as_integer(const Value& value);

/// A length, -1 for NULL, then that many bytes.
Value read_value(Fields& fields, Value::Format format, std::uint32_t type);

}  // namespace gauntlet::wire
