// The bytes of a migration's file. Any thread may call.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gauntlet::runner {

/// Of a regular file; nothing else is waited for, whatever its name.
/// Throws: Error `unreadable-file`.
std::string read_migration_file(const std::filesystem::path& file);

[[noreturn]] void throw_unreadable(const std::filesystem::path& file, std::string_view reason);

}  // namespace gauntlet::runner
