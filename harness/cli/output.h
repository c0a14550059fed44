// The one writer: whatever gauntlet prints or files passes here, is made safe to show, and is
// written whole or reported.
#pragma once

#include "harness/core/report.h"
#include "runner/values/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gauntlet::cli {

/// How characters that steer a terminal are replaced; see runner/values/visible_text.h.
enum class Form { text, coloured_text, json };

/// Writes to stdout and flushes. Throws: Error `cannot-write` (a full disk, a reader that has
/// gone).
void print_result(std::string_view text, Form form = Form::text);

/// Writes lines to stderr; a stderr that is closed ends nothing.
void print_error(std::string_view text);

enum class Readers { everybody, owner };  ///< by the umask; or mode 0600, also of an older file

/// Throws: Error `cannot-write` naming `file`, also if `file` is a link that belongs to another
/// account: its text would land where that account chose.
void write_file(const std::filesystem::path& file, std::string_view text, Form form = Form::text,
                Readers readers = Readers::everybody);

/// The Error `no-database`, naming both ways to give one.
runner::Error no_database();

/// The report of a command that ended before it could judge anything: one unknown result, with the
/// command's name as its id.
core::Report undecided(std::string_view command, std::string reason, std::uint64_t seed);

}  // namespace gauntlet::cli
