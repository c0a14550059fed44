#include "harness/fleet/file_door.h"

#include "runner/sqlite.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

namespace gauntlet::fleet {

namespace {

namespace fs = std::filesystem;

bool has_open(pid_t process, const fs::path& file) {
  std::error_code error;
  for (fs::directory_iterator entry(fmt::format("/proc/{}/fd", process), error), end;
       !error && entry != end; entry.increment(error)) {
    std::error_code gone;
    if (fs::read_symlink(entry->path(), gone) == file && !gone) return true;
  }
  return false;
}

/// The number that a folder of /proc is called by; 0 for other entries.
pid_t process_of(const fs::path& entry) {
  const std::string name = entry.filename().string();
  pid_t number = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
  return read.ptr == name.data() + name.size() ? number : 0;
}

}  // namespace

FileDoor::FileDoor(const fs::path& file, Keeps keeps)
    : holder_(runner::connect_sqlite("sqlite:" + file.string())) {
  try {
    holder_->limit({.lock_wait = std::chrono::seconds(10)});
    holder_->send(keeps == Keeps::everyone ? "BEGIN EXCLUSIVE" : "BEGIN IMMEDIATE");
    file_ = fs::canonical(file);
  } catch (const std::exception& error) {
    throw runner::Error("no-door", "the sessions of a race could not be held back", error.what(),
                        "let nobody else open this throwaway file");
  }
}

std::size_t FileDoor::waiting(const std::vector<pid_t>& processes) const {
  const std::set<pid_t> groups(processes.begin(), processes.end());
  std::set<pid_t> there;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const pid_t process = process_of(entry->path());
    if (process == 0) continue;
    const pid_t leader = groups.contains(process) ? process : getpgid(process);
    if (groups.contains(leader) && !there.contains(leader) && has_open(process, file_))
      there.insert(leader);
  }
  return there.size();
}

void FileDoor::open() { holder_.reset(); }

}  // namespace gauntlet::fleet
