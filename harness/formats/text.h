// Pieces of text that several layouts share. Pure.
#pragma once

#include "runner/values/migration.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gauntlet::formats {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// ---- Writing ----

/// `003_add_index`: digits enough that names sort as numbers do.
std::string stem_of(const runner::Migration& migration);
/// What `script` says, without its byte-order mark.
std::string up_text(const runner::Migration& migration);
std::string down_text(const runner::Migration& migration);
/// A text made out of the up file: begins with the mark that the file begins with, for a tool reads
/// its own file and not ours.
std::string with_mark_of(const runner::Migration& migration, std::string text);
bool wants_no_transaction(std::string_view sql);
std::string with_newline(std::string text);

// ---- Reading ----

/// The part [from, to) of `text`: what stands before it becomes empty lines and blanks, so that
/// lines and columns stay the file's.
std::string only(std::string_view text, std::size_t from, std::size_t to);
/// `sql` with `-- gauntlet: no-transaction` before it, on a line that holds no statement of its
/// own.
std::string marked_no_transaction(std::string sql);

/// A file whose first transaction command is a COMMIT and whose last one is a BEGIN, as those are
/// that step out of their tool's transaction: with the tool's own BEGIN before it and COMMIT
/// behind, marked as outside a transaction. Any other file as it is.
std::string with_frame_written_out(std::string sql);

/// `003_add_index.down.sql`, without what tells that it is SQL and which of a pair.
struct SqlName {
  std::string stem = {};
  bool is_down = false, is_of_a_pair = false;
};
/// nullopt for a name that does not end in `.sql`.
std::optional<SqlName> sql_name(std::string_view name);

/// `003_add_index.up.go`: a step in code, named as its SQL neighbours are.
bool is_code_beside_sql(std::string_view name);

/// One line of a text.
struct Line {
  std::size_t begin = 0, end = 0;  ///< `end`: past its line feed
  std::string_view text = {};      ///< without line end, and without blanks around it
};
void for_each_line(std::string_view text, const std::function<void(const Line&)>& visit);

/// Does a line of the file begin with this comment (in lower case, without its dashes), in any
/// case?
bool has_comment(std::string_view text, std::string_view comment);

/// `b` is in lower case.
bool starts_with_ignoring_case(std::string_view text, std::string_view b);
std::string lower(std::string_view text);

}  // namespace gauntlet::formats
