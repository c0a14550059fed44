// Whole files as bytes, and files' names. Any thread.
#pragma once

#include <filesystem>
#include <string>

namespace gauntlet::core {

/// Throws: Error `unreadable-file` if there is no such file, or it is a folder or cannot be read.
std::string read_file(const std::filesystem::path& file);

/// Empty if there is no such file, or it cannot be read: for files that other processes make and
/// remove.
std::string read_file_if_any(const std::filesystem::path& file);

/// The file's name as messages give it: with its folder where a layout gives the files of all steps
/// one name (`2024-01-01-000000_init/up.sql`).
std::string name_in_messages(const std::filesystem::path& file);

}  // namespace gauntlet::core
