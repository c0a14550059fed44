#include "runner/sqlite/sqlite_holder.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include <sys/stat.h>

namespace gauntlet::runner {

namespace {

// Where SQLite's locks lie (its os.h: PENDING_BYTE and the next; wal.c: WAL_WRITE_LOCK in -shm).
constexpr std::int64_t reserved_byte = 0x40000001;
constexpr std::int64_t log_write_byte = 120;

struct SeenLock {
  std::string kind;  // POSIX, or FLOCK, whose process has the whole file
  int pid = 0;
  std::string inode;
  std::int64_t first = 0, last = 0;
};

// `1: POSIX  ADVISORY  WRITE 123 08:01:456 1073741825 1073741825` (proc_locks(5)).
std::optional<SeenLock> write_lock_of(const std::string& line) {
  std::istringstream words(line);
  std::string number;
  std::string advisory;
  std::string mode;
  std::string place;
  std::string last;
  SeenLock lock;
  words >> number >> lock.kind >> advisory >> mode >> lock.pid >> place >> lock.first >> last;
  if (!words || mode != "WRITE") return std::nullopt;
  lock.inode = place.substr(place.rfind(':') + 1);
  if (last == "EOF")
    lock.last = std::numeric_limits<std::int64_t>::max();
  else
    std::istringstream(last) >> lock.last;
  return lock;
}

std::string inode_of(const std::filesystem::path& file) {
  struct stat seen {};
  return stat(file.c_str(), &seen) == 0 ? std::to_string(seen.st_ino) : std::string();
}

}  // namespace

std::filesystem::path lock_beside(const std::filesystem::path& file) {
  return file.string() + "-migrating";
}

std::optional<FileHolder> sqlite_holder(const std::filesystem::path& file) {
  struct Place {
    std::string kind, inode;
    std::int64_t byte;
  };
  const std::array<Place, 3> places{{{"POSIX", inode_of(file), reserved_byte},
                                     {"POSIX", inode_of(file.string() + "-shm"), log_write_byte},
                                     {"FLOCK", inode_of(lock_beside(file)), 0}}};
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    const auto lock = write_lock_of(line);
    if (!lock || lock->pid <= 0) continue;
    for (const Place& place : places) {
      if (lock->kind != place.kind || lock->inode != place.inode) continue;
      if (lock->first > place.byte || lock->last < place.byte) continue;
      FileHolder holder{.pid = lock->pid, .program = {}};
      std::ifstream name("/proc/" + std::to_string(lock->pid) + "/comm");
      std::getline(name, holder.program);
      return holder;
    }
  }
  return std::nullopt;
}

}  // namespace gauntlet::runner
