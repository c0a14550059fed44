#include "harness/fleet/file_door.h"

#include "runner/sqlite.h"

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

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

}  // namespace

FileDoor::FileDoor(const fs::path& file)
    : file_(fs::canonical(file)), holder_(runner::connect_sqlite("sqlite:" + file_.string())) {
  try {
    holder_->limit({.lock_wait = std::chrono::seconds(10)});
    holder_->send("BEGIN EXCLUSIVE");
  } catch (const runner::Error& error) {
    throw runner::Error("no-door", "the sessions of a race could not be held back", error.what(),
                        "let nobody else open this throwaway file");
  }
}

std::size_t FileDoor::waiting(const std::vector<pid_t>& processes) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(processes, [this](pid_t process) { return has_open(process, file_); }));
}

void FileDoor::open() { holder_.reset(); }

}  // namespace gauntlet::fleet
