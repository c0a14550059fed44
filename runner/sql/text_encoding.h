// Which bytes PostgreSQL takes as UTF-8 text. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// The offset of the first byte that is not part of a UTF-8 character (RFC 3629); nullopt if all
/// are.
std::optional<std::size_t> first_byte_not_utf8(std::string_view text);

/// `text` fit for a message: bytes that are not UTF-8 and control characters become `\xNN`.
std::string printable(std::string_view text);

}  // namespace gauntlet::runner
