#include "harness/arena/folders.h"
#include "runner/values/error.h"

#include <cerrno>
#include <future>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using process::Account;
using process::Fd;

[[noreturn]] void throw_errno(const fs::path& file) {
  throw fs::filesystem_error("cannot copy", file, std::error_code(errno, std::system_category()));
}

/// Through our own memory: where the kernel cannot copy between these two file systems.
std::uintmax_t copy_by_hand(const Fd& from, const Fd& to, const fs::path& file) {
  std::vector<char> buffer(256U << 10U);
  std::uintmax_t copied = 0;
  while (true) {
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got == 0) return copied;
    if (got < 0) throw_errno(file);
    for (ssize_t done = 0; done < got;) {
      const ssize_t put =
          ::write(to.get(), buffer.data() + done, static_cast<std::size_t>(got - done));
      if (put < 0) throw_errno(file);
      done += put;
    }
    copied += static_cast<std::uintmax_t>(got);
  }
}

std::uintmax_t copy_bytes(const Fd& from, const Fd& to, const fs::path& file) {
  std::uintmax_t copied = 0;
  while (true) {
    const ssize_t got = ::copy_file_range(from.get(), nullptr, to.get(), nullptr, 1U << 30U, 0);
    if (got > 0) {
      copied += static_cast<std::uintmax_t>(got);
    } else if (got == 0) {
      return copied;
    } else if (copied == 0 && (errno == ENOSYS || errno == EXDEV || errno == EINVAL ||
                               errno == EOPNOTSUPP || errno == EPERM)) {
      return copy_by_hand(from, to, file);
    } else if (errno != EINTR) {
      throw_errno(file);
    }
  }
}

std::uintmax_t copy_file(const fs::path& from, const fs::path& to,
                         const std::optional<Account>& account) {
  const Fd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source.is_open()) throw_errno(from);
  const Fd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!target.is_open()) throw_errno(to);
  if (account && ::fchown(target.get(), account->uid, account->gid) != 0) throw_errno(to);
  return copy_bytes(source, target, to);
}

void make_folder(const fs::path& folder, const std::optional<Account>& account) {
  if (::mkdir(folder.c_str(), 0700) != 0) throw_errno(folder);
  give_to(folder, account);
}

}  // namespace

std::vector<fs::path> copy_only_folders(const fs::path& from, const fs::path& to,
                                        const std::optional<Account>& account) {
  std::vector<fs::path> files;
  make_folder(to, account);
  const std::size_t skipped = from.string().size() + 1;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(from)) {
    const fs::path below = entry.path().string().substr(skipped);
    if (entry.is_symlink()) {
      throw runner::Error("cannot-copy", "a data folder has a part that lies elsewhere",
                          entry.path().string() + " is a link (a tablespace?)");
    }
    if (entry.is_directory()) {
      make_folder(to / below, account);
    } else {
      files.push_back(below);
    }
  }
  return files;
}

FolderSize copy_files(const fs::path& from, const fs::path& to, std::span<const fs::path> files,
                      const std::optional<Account>& account) {
  FolderSize size{.files = files.size()};
  for (const fs::path& file : files) size.bytes += copy_file(from / file, to / file, account);
  return size;
}

FolderSize copy_folder(const fs::path& from, const fs::path& to,
                       const std::optional<Account>& account) {
  const std::vector<fs::path> files = copy_only_folders(from, to, account);
  const std::span<const fs::path> all = files;
  const std::size_t half = files.size() / 2;
  auto second = std::async(std::launch::async,
                           [&] { return copy_files(from, to, all.subspan(half), account); });
  const FolderSize first = copy_files(from, to, all.first(half), account);
  return first + second.get();
}

void give_to(const fs::path& path, const std::optional<Account>& account) {
  if (account && ::chown(path.c_str(), account->uid, account->gid) != 0) throw_errno(path);
}

void remove_folder(const fs::path& folder) noexcept {
  std::error_code error;
  // Again: while we remove, a dying server may still write.
  for (int round = 0; round < 3 && fs::exists(fs::symlink_status(folder, error)); ++round) {
    fs::remove_all(folder, error);
  }
}

}  // namespace gauntlet::arena
