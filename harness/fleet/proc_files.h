// Small readers of /proc. A file that is gone reads as empty. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gauntlet::fleet {

/// One line of /proc/PID/stat.
struct ProcessStat {
  pid_t pid = 0, parent = 0, group = 0;
  std::string name = {};
  char state = '?';
  std::uint64_t ticks = 0;  ///< of the CPU, its own and those of children that ended
};
std::optional<ProcessStat> process_stat(const std::filesystem::path& folder);

/// Folders of /proc that are processes, or of /proc/PID/task.
std::vector<std::filesystem::path> numbered_folders(const std::filesystem::path& of);

/// `socket:[123]` -> 123, by descriptor, for descriptors of `prefix`.
struct OpenFile {
  int descriptor = -1;
  std::string target = {};  ///< where the link leads: a path, `pipe:[1]`
};
std::vector<OpenFile> open_files(pid_t pid);

/// The number in `socket:[123]`; absent for any other link.
std::optional<std::uint64_t> inode_of(const std::string& target, std::string_view kind);

}  // namespace gauntlet::fleet
