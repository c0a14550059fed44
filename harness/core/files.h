// Whole files as bytes. Any thread.
#pragma once

#include <filesystem>
#include <string>

namespace gauntlet::core {

/// Throws: Error `unreadable-file` if there is no such file, or it is a folder or cannot be read.
std::string read_file(const std::filesystem::path& file);

/// Empty if there is no such file, or it cannot be read: for files that other processes make and
/// remove.
std::string read_file_if_any(const std::filesystem::path& file);

}  // namespace gauntlet::core
