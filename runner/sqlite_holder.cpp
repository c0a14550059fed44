#include "runner/sqlite_holder.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <utility>

#include <sys/stat.h>

namespace gauntlet::runner {

namespace {

// Where SQLite's locks lie (its os.h: PENDING_BYTE and the next; wal.c: WAL_WRITE_LOCK in -shm).
constexpr std::int64_t reserved_byte = 0x40000001;
constexpr std::int64_t log_write_byte = 120;

struct SeenLock {
  int pid = 0;
  std::string inode;
  std::int64_t first = 0, last = 0;
};

// `1: POSIX  ADVISORY  WRITE 123 08:01:456 1073741825 1073741825` (proc_locks(5)).
std::optional<SeenLock> write_lock_of(const std::string& line) {
  std::istringstream words(line);
  std::string number;
  std::string kind;
  std::string advisory;
  std::string mode;
  std::string place;
  std::string last;
  SeenLock lock;
  words >> number >> kind >> advisory >> mode >> lock.pid >> place >> lock.first >> last;
  if (!words || kind != "POSIX" || mode != "WRITE") return std::nullopt;
  lock.inode = place.substr(place.rfind(':') + 1);
  std::istringstream(last) >> lock.last;
  return lock;
}

std::string inode_of(const std::filesystem::path& file) {
  struct stat seen {};
  return stat(file.c_str(), &seen) == 0 ? std::to_string(seen.st_ino) : std::string();
}

}  // namespace

std::optional<FileHolder> sqlite_holder(const std::filesystem::path& file) {
  const std::array<std::pair<std::string, std::int64_t>, 2> places{
      {{inode_of(file), reserved_byte}, {inode_of(file.string() + "-shm"), log_write_byte}}};
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    const auto lock = write_lock_of(line);
    if (!lock || lock->pid <= 0) continue;
    for (const auto& [inode, byte] : places) {
      if (lock->inode != inode || lock->first > byte || lock->last < byte) continue;
      FileHolder holder{.pid = lock->pid, .program = {}};
      std::ifstream name("/proc/" + std::to_string(lock->pid) + "/comm");
      std::getline(name, holder.program);
      return holder;
    }
  }
  return std::nullopt;
}

}  // namespace gauntlet::runner
