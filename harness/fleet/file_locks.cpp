#include "harness/fleet/file_locks.h"

#include "harness/core/files.h"
#include "harness/fleet/proc_files.h"

#include <charconv>
#include <cstdint>
#include <map>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::fleet {

namespace {

pid_t group_of(pid_t process) { return process > 0 ? ::getpgid(process) : -1; }

/// `place` is `fe:00:1234`, the last part the inode.
std::string path_of(pid_t process, std::string_view place) {
  const std::string_view digits = place.substr(place.rfind(':') + 1);
  std::uint64_t inode = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), inode);
  for (const OpenFile& file : open_files(process)) {
    struct stat info {};
    const bool is_read = file.target.starts_with('/') && ::stat(file.target.c_str(), &info) == 0;
    if (is_read && info.st_ino == inode) return file.target;
  }
  return fmt::format("inode {}", inode);
}

}  // namespace

std::set<std::string> file_locks_between(const std::set<pid_t>& groups) {
  std::set<std::string> files;
  std::map<std::string, pid_t> holders;  // their groups, by the number of the lock
  // A lock outlives the process that took it, as `flock 9` in a shell does: then no group is known.
  const auto may_be_a_copys = [&](pid_t holder) { return holder < 0 || groups.contains(holder); };
  std::istringstream lines(core::read_file_if_any("/proc/locks"));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string slot, kind, how, mode, place;
    pid_t process = 0;
    words >> slot >> kind;
    const bool waits = kind == "->";
    if (waits) words >> kind;
    words >> how >> mode >> process >> place;
    const pid_t group = group_of(process);
    if (!waits) {
      holders[slot] = group;
    } else if (groups.contains(group) && group != holders[slot] && may_be_a_copys(holders[slot])) {
      files.insert(path_of(process, place));
    }
  }
  return files;
}

}  // namespace gauntlet::fleet
