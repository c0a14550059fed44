// The values that everything else speaks of: a version, a script, a migration. No effects.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::runner {

/// A migration's identity: the decimal number that starts its file name. Order is numeric.
struct Version {
  std::int64_t number = 0;

  friend auto operator<=>(const Version&, const Version&) = default;
};

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// One file of SQL, as its bytes stand on disk.
struct Script {
  std::filesystem::path file;
  std::string bytes;
  std::string checksum;  ///< sha256 of `bytes`, 64 lower-case hexadecimal digits

  /// What is sent to the server: `bytes` without a leading UTF-8 byte-order mark.
  std::string_view sql() const noexcept;
};

class Session;

/// A migration, or a part of one, written in C++. It is handed the run's session, inside the
/// migration's transaction: what it does is committed with the tracker's row, or not at all. It
/// throws to fail. It must not end the transaction.
using Code = std::function<void(Session&)>;

/// SQL, code, or both: then the SQL runs first, in the same transaction.
struct Migration {
  Version version;
  std::string name;  ///< the description: between the first `_` and `.up.sql`
  Script up = {};    ///< without bytes and file where there is only code
  std::optional<Script> down = {};
  Code up_code = {}, down_code = {};

  /// What the tracker records: sha256 of the file's bytes; none where code has a part in it.
  std::optional<std::string> checksum() const;
  /// Where it stands, for messages: its file, or that it is code.
  std::string where() const;
  bool has_down() const { return down.has_value() || static_cast<bool>(down_code); }
};

/// `12 (add_index)`: how a migration is named in every message.
std::string to_string(const Migration& migration);

/// sha256 of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// How many characters UTF-8 text has.
std::size_t characters_in(std::string_view text);

/// A place in a file, both counted from 1; columns count characters, not bytes.
struct Place {
  int line = 1;
  int column = 1;

  friend auto operator<=>(const Place&, const Place&) = default;
};

/// `path/003_x.up.sql:2:15`, as compilers print it.
std::string place_text(std::string_view file, Place place);

/// Where the byte at `offset` of `text` stands; past the end: where the text ends.
Place place_of_byte(std::string_view text, std::size_t offset);

/// Where one stands after `passed`, having started at `start`: for walking through a long text.
Place place_after(Place start, std::string_view passed);

/// Where the character number `position` (from 1, as the server counts) of `text` stands.
Place place_of_character(std::string_view text, std::size_t position);

}  // namespace gauntlet::runner
