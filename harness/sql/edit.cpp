#include "harness/sql/edit.h"

#include <algorithm>

namespace gauntlet::sql {
namespace {

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

/// The byte at which character `position` (from 1) starts; the size of `text` where it ends before.
std::size_t byte_of_character(std::string_view text, std::size_t position) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (starts_character(text[at]) && --position == 0) return at;
  return text.size();
}

std::size_t character_of_byte(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  return 1 +
         static_cast<std::size_t>(std::count_if(before.begin(), before.end(), starts_character));
}

}  // namespace

EditedSql edited(std::string_view original, std::vector<SqlEdit> edits) {
  EditedSql result;
  std::size_t at = 0;
  for (const auto& edit : edits) {
    result.sql.append(original.substr(at, edit.offset - at)).append(edit.text);
    at = edit.offset + edit.length;
  }
  result.sql.append(original.substr(at));
  result.edits = std::move(edits);
  return result;
}

std::size_t original_position(std::string_view original, const EditedSql& sent,
                              std::size_t position) {
  if (position == 0) return 0;
  const std::size_t byte = byte_of_character(sent.sql, position);
  // `taken` and `put` are the bytes that the edits before `byte` removed and added.
  std::size_t taken = 0, put = 0;
  for (const auto& edit : sent.edits) {
    const std::size_t starts = edit.offset - taken + put;
    if (byte < starts) break;
    if (byte < starts + edit.text.size()) return character_of_byte(original, edit.offset);
    taken += edit.length;
    put += edit.text.size();
  }
  return character_of_byte(original, byte - put + taken);
}

}  // namespace gauntlet::sql
