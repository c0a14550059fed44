// A statement's text with pieces of it replaced, and the way back: which character of the original
// a position in the new text stands for, and what its columns were called. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gauntlet::sql {

/// `length` bytes at `offset` of the original become `text`.
struct SqlEdit {
  std::size_t offset = 0, length = 0;
  std::string text = {};
};

/// A column that is called `sent` in the server's answer, and was `wanted` before the edit.
struct ColumnName {
  std::string sent = {}, wanted = {};
};

struct EditedSql {
  std::string sql = {};
  std::vector<SqlEdit> edits = {};  ///< ascending, none overlapping another
  std::vector<ColumnName> columns = {};
};

/// The edits must be ascending and lie within `original`.
EditedSql edited(std::string_view original, std::vector<SqlEdit> edits);

/// The character (from 1, as the server counts: UTF-8) of `original` for character `position` of
/// the edited text. Inside a replaced piece: where that piece began.
std::size_t original_position(std::string_view original, const EditedSql& sent,
                              std::size_t position);

}  // namespace gauntlet::sql
