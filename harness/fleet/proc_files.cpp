#include "harness/fleet/proc_files.h"

#include "harness/core/files.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace gauntlet::fleet {

namespace fs = std::filesystem;

std::optional<ProcessStat> process_stat(const fs::path& folder) {
  const std::string text = core::read_file_if_any(folder / "stat");
  // The name stands in brackets, and may have any character.
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return std::nullopt;
  ProcessStat stat{.name = text.substr(open + 1, close - open - 1)};
  std::istringstream rest(text.substr(close + 1));
  std::string ignored;
  std::uint64_t user = 0, system = 0, user_of_children = 0, system_of_children = 0;
  rest >> stat.state >> stat.parent >> stat.group;
  for (int field = 6; field < 14; ++field) rest >> ignored;
  rest >> user >> system >> user_of_children >> system_of_children;
  if (!rest) return std::nullopt;
  stat.ticks = user + system + user_of_children + system_of_children;
  std::from_chars(text.data(), text.data() + open, stat.pid);
  return stat;
}

std::vector<fs::path> numbered_folders(const fs::path& of) {
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator each(of, error), end; !error && each != end; each.increment(error)) {
    const std::string name = each->path().filename().string();
    if (std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; }))
      folders.push_back(each->path());
  }
  return folders;
}

std::vector<OpenFile> open_files(pid_t pid) {
  std::vector<OpenFile> files;
  for (const fs::path& link : numbered_folders(fs::path("/proc") / std::to_string(pid) / "fd")) {
    std::error_code error;
    const fs::path target = fs::read_symlink(link, error);
    if (!error) files.push_back({std::stoi(link.filename().string()), target.string()});
  }
  return files;
}

std::optional<std::uint64_t> inode_of(const std::string& target, std::string_view kind) {
  const std::string prefix = std::string(kind) + ":[";
  if (!target.starts_with(prefix)) return std::nullopt;
  std::uint64_t inode = 0;
  std::from_chars(target.data() + prefix.size(), target.data() + target.size(), inode);
  return inode;
}

}  // namespace gauntlet::fleet
