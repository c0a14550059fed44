// Which process has a SQLite file's write lock. Linux tells; elsewhere nobody is named. Reads
// /proc, touches no file of the database. Any thread may call.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace gauntlet::runner {

struct FileHolder {
  int pid = 0;
  std::string program;  ///< its name, empty if it may not be known
};

/// nullopt if nobody has it, or the system does not say.
std::optional<FileHolder> sqlite_holder(const std::filesystem::path& file);

}  // namespace gauntlet::runner
