#include "runner/sqlite/file_lock.h"

#include "runner/values/error.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::runner {

namespace {

class Hold {
 public:
  Hold(std::filesystem::path file, int fd) : file_(std::move(file)), fd_(fd) {}
  ~Hold() {
    // While it is locked: whoever opened it meanwhile sees that it is not the file of that name.
    unlink(file_.c_str());
    close(fd_);
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::filesystem::path file_;
  int fd_;
};

Error cannot_lock(const std::filesystem::path& file, int number) {
  return {"cannot-lock",
          fmt::format("the file that keeps other runners out cannot be locked: {}",
                      std::generic_category().message(number)),
          file.string(), "give this user the right to write in the database's folder"};
}

bool is_still_named(const std::filesystem::path& file, int fd) {
  struct stat opened {};
  struct stat named {};
  return fstat(fd, &opened) == 0 && stat(file.c_str(), &named) == 0 &&
         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

}  // namespace

std::shared_ptr<const void> FileLock::try_hold() {
  if (auto held = held_.lock()) return held;
  while (true) {
    constexpr mode_t for_everybody = 0666;  // less the umask: flock needs no more than to open it
    const int fd = open(file_.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, for_everybody);
    if (fd < 0) throw cannot_lock(file_, errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
      const int number = errno;
      close(fd);
      if (number == EWOULDBLOCK) return nullptr;
      if (number == EINTR) continue;
      throw cannot_lock(file_, number);
    }
    if (is_still_named(file_, fd)) {
      auto hold = std::make_shared<Hold>(file_, fd);
      held_ = hold;
      return hold;
    }
    close(fd);
  }
}

}  // namespace gauntlet::runner
