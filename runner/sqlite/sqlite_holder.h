// Which process has a SQLite file's write lock, or the lock beside it. Linux tells; elsewhere
// nobody is named. Reads /proc, touches no file of the database. Any thread may call.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace gauntlet::runner {

struct FileHolder {
  int pid = 0;
  std::string program;  ///< its name, empty if it may not be known
};

/// nullopt if nobody has it, or the system does not say. `file` is a path to the database's file;
/// who runs a migration outside a transaction has the lock of `lock_beside(file)`.
std::optional<FileHolder> sqlite_holder(const std::filesystem::path& file);

/// The file that is locked while a migration runs outside a transaction, or a hook runs.
std::filesystem::path lock_beside(const std::filesystem::path& file);

}  // namespace gauntlet::runner
