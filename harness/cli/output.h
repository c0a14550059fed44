// Results on stdout, written whole or reported; and what is printed when nothing could be judged.
#pragma once

#include "harness/core/report.h"
#include "runner/values/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gauntlet::cli {

/// Writes and flushes. Throws: Error `cannot-write` (a full disk, a reader that has gone).
void print_result(std::string_view text);

/// Throws: Error `cannot-write` naming `file`.
void write_file(const std::filesystem::path& file, std::string_view text);

/// Throws: Error `unreadable-file`.
std::string read_whole_file(const std::filesystem::path& file);

/// The Error `no-database`, naming both ways to give one; `else_fix` ends its remedy.
runner::Error no_database(std::string_view who_needs_one, std::string_view else_fix = {});

/// The report of a command that ended before it could judge anything: one unknown result, with the
/// command's name as its id.
core::Report undecided(std::string_view command, std::string reason, std::uint64_t seed);

}  // namespace gauntlet::cli
