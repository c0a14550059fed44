// Text that may be given to a terminal, a page or a log: nothing in it steers them, whoever wrote
// it. Pure; any thread may call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// The first character of UTF-8 text (RFC 3629), or the bytes that are none.
struct FirstCharacter {
  std::size_t bytes = 1;
  bool is_valid = false;
  std::uint32_t code = 0;
};

/// `text` must not be empty.
FirstCharacter first_character(std::string_view text);

/// False for control characters (C0 but for newline and tab, DEL, C1), for the marks that change
/// the direction of text (Unicode Annex 9: a name could be read backwards), and for noncharacters.
bool is_visible(std::uint32_t code);

/// Are sequences that set a colour, `ESC [ digits and semicolons m`, kept?
enum class Colours { removed, kept };

/// `text` with U+FFFD for each byte that is not UTF-8 and for each character that is not visible.
std::string visible_text(std::string_view text, Colours colours = Colours::removed);

/// The same on one line, with U+FFFD for each line end and tab: a name is part of a line.
std::string one_line_text(std::string_view text);

/// JSON text with `\uXXXX` for each character that is not visible: a reader gets the same values.
std::string visible_json(std::string_view json);

}  // namespace gauntlet::runner
