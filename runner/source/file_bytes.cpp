#include "runner/source/file_bytes.h"

#include "runner/sql/text_encoding.h"
#include "runner/values/error.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::runner {

namespace fs = std::filesystem;

void throw_unreadable(const fs::path& file, std::string_view reason) {
  throw Error("unreadable-file", fmt::format("a file cannot be read: {}", reason),
              printable(file.string()), "let this user read it, or take it out of the folder");
}

namespace {

class OpenFile {
 public:
  // O_NONBLOCK: a pipe that bears a migration's name must not hang us.
  explicit OpenFile(const fs::path& file)
      : descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (descriptor_ < 0) throw_unreadable(file, std::strerror(errno));
  }
  ~OpenFile() { ::close(descriptor_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

std::string read_migration_file(const fs::path& file) {
  const OpenFile open(file);
  struct stat status {};
  if (::fstat(open.descriptor(), &status) != 0) throw_unreadable(file, std::strerror(errno));
  if (!S_ISREG(status.st_mode)) throw_unreadable(file, "it is not a regular file");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const auto count = ::read(open.descriptor(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_unreadable(file, std::strerror(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace gauntlet::runner
