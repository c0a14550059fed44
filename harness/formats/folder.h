// Folders in a tool's layout, read and written: the only file of this room with effects.
#pragma once

#include "harness/formats/format.h"

#include <filesystem>
#include <vector>

namespace gauntlet::formats {

/// The files of `folder` and of its folders, by name. Bytes are read only of what a layout may look
/// into: SQL, plans and settings; others are empty.
/// Throws: Error `no-such-folder`, `unreadable-file`.
std::vector<File> files_of(const std::filesystem::path& folder);

/// What `format` makes of `folder`; for gauntlet-migrate's own, exactly what that would.
/// Throws: Error `no-such-folder`, `unreadable-file`.
Reading read_folder(const Format& format, const std::filesystem::path& folder);

/// Writes the migrations of the folder `neutral` (NNN_name.up.sql, and .down.sql) into `project` as
/// `format` wants them.
/// Throws: Error of runner::read_folder and refuse_problems; `cannot-write`.
void write_project(const Format& format, const std::filesystem::path& neutral,
                   const std::filesystem::path& project);
/// Throws: Error `cannot-write`.
void write_files(const ProjectFiles& files, const std::filesystem::path& project);

}  // namespace gauntlet::formats
