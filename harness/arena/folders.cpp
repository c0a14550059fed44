#include "harness/arena/folders.h"

#include "runner/values/error.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using process::Account;

constexpr std::uintmax_t room_bytes_min = 512U << 20U;
// A socket's path holds at most 107 bytes: base, `/`, owned name, `/.s.PGSQL.65535`.
constexpr std::size_t base_length_max = 107 - 1 - 45 - 15;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

fs::path cache_home() {
  if (const std::string set = variable("XDG_CACHE_HOME"); set.starts_with('/')) return set;
  const std::string home = variable("HOME");
  return home.starts_with('/') ? fs::path(home) / ".cache" : fs::path();
}

/// Candidates, best first.
std::vector<fs::path> candidates() {
  if (const std::string given = variable("GAUNTLET_FOLDER"); !given.empty()) {
    return {fs::absolute(given)};
  }
  const std::string name = fmt::format("gauntlet-{}", ::geteuid());
  std::vector<fs::path> folders = {fs::path("/dev/shm") / name};
  if (const fs::path cache = cache_home(); !cache.empty()) folders.push_back(cache / "gauntlet");
  folders.push_back(fs::path("/var/tmp") / name);
  folders.push_back(fs::path("/tmp") / name);
  return folders;
}

/// Nobody else may write there: a name in a shared folder could have been laid by anyone.
bool is_ours(const fs::path& folder) {
  struct stat status {};
  return ::lstat(folder.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool may_enter(const fs::path& folder, const Account& account) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return false;
  if (status.st_uid == account.uid) return (status.st_mode & S_IXUSR) != 0;
  if (status.st_gid == account.gid) return (status.st_mode & S_IXGRP) != 0;
  return (status.st_mode & S_IXOTH) != 0;
}

bool has_room(const fs::path& folder) {
  struct statvfs status {};
  return ::statvfs(folder.c_str(), &status) == 0 &&
         std::uintmax_t{status.f_bavail} * status.f_frsize >= room_bytes_min;
}

/// Root's servers run as another account, which must be able to enter; what lies inside is closed.
mode_t wanted_mode() { return ::geteuid() == 0 ? 0711 : 0700; }

/// Whatever the umask is. False with errno where it can neither be made nor was there.
bool make_folder(const fs::path& folder, mode_t mode) {
  if (::mkdir(folder.c_str(), mode) != 0) return errno == EEXIST;
  return ::chmod(folder.c_str(), mode) == 0;
}

void make_parents(const fs::path& folder) {
  std::error_code error;
  const fs::path parent = folder.parent_path();
  if (parent == folder || fs::exists(parent, error)) return;
  make_parents(parent);
  make_folder(parent, wanted_mode());
}

/// An older run, or one without a server, may have made it for its own account alone.
void let_enter(const fs::path& folder) {
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0) return;
  ::chmod(folder.c_str(), (status.st_mode & 07777U) | S_IXGRP | S_IXOTH);
}

/// Why `folder` does not serve; empty if it does. Creates it.
std::string objection(const fs::path& folder, const std::optional<Account>& account) {
  if (folder.string().size() > base_length_max) {
    return fmt::format("longer than {} bytes: no room for a socket's name", base_length_max);
  }
  if (folder.string().starts_with("/dev/shm/") && !has_room("/dev/shm")) {
    return "less than 512 MB free";
  }
  make_parents(folder);
  if (!make_folder(folder, wanted_mode())) return std::strerror(errno);
  if (!is_ours(folder)) return "belongs to somebody else, or others may write there";
  if (::access(folder.c_str(), W_OK | X_OK) != 0) return std::strerror(errno);
  if (!account) return {};
  if (!may_enter(folder, *account)) let_enter(folder);
  for (fs::path part = folder; part != part.parent_path(); part = part.parent_path()) {
    if (!may_enter(part, *account)) {
      return fmt::format("the account {} cannot enter {}", account->name, part.string());
    }
  }
  return {};
}

}  // namespace

fs::path base_folder(const std::optional<Account>& account) {
  std::string objections;
  for (const fs::path& folder : candidates()) {
    const std::string reason = objection(folder, account);
    if (reason.empty()) return folder;
    objections += fmt::format("{}{}: {}", objections.empty() ? "" : "; ", folder.string(), reason);
  }
  throw runner::Error("no-folder", "there is no folder to keep a throwaway server in", objections,
                      "name one with GAUNTLET_FOLDER, with a short path that is yours alone");
}

std::vector<fs::path> base_folders() {
  std::vector<fs::path> folders = candidates();
  std::erase_if(folders, [](const fs::path& folder) { return !is_ours(folder); });
  return folders;
}

std::string owned_name() {
  static std::atomic<unsigned> count{0};
  return fmt::format("{}_{}", process::Owner::self().text(), ++count);
}

std::optional<process::Owner> owner_in(const std::string& name) {
  const std::size_t end = name.rfind('_');
  if (end == std::string::npos || end + 1 == name.size()) return std::nullopt;
  if (name.find_first_not_of("0123456789", end + 1) != std::string::npos) return std::nullopt;
  return process::Owner::parse(name.substr(0, end));
}

FileLock::FileLock(const fs::path& file, Kind kind, std::chrono::seconds patience)
    : file_(file),
      patience_(patience),
      fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (!fd_.is_open()) {
    throw runner::Error("no-folder", "a lock file cannot be opened",
                        fmt::format("{}: {}", file.string(), std::strerror(errno)));
  }
  change_to(kind);
}

void FileLock::change_to(Kind kind) {
  const int operation = (kind == Kind::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  const auto deadline = std::chrono::steady_clock::now() + patience_;
  while (::flock(fd_.get(), operation) != 0) {
    if ((errno != EWOULDBLOCK && errno != EINTR) || std::chrono::steady_clock::now() > deadline) {
      throw runner::Error("lock-wait", "another process holds a lock for too long",
                          fmt::format("{} for {} s", file_.string(), patience_.count()),
                          "see who holds it: fuser -v " + file_.string());
    }
    ::poll(nullptr, 0, 2);  // a lock on a file cannot be waited for with a deadline
  }
}

namespace {

struct Noted {
  std::mutex mutex;
  std::set<fs::path> folders;
};

Noted& noted() {
  // Never destroyed: the interrupted program's last thread may still ask.
  static auto* const all = new Noted;
  return *all;
}

}  // namespace

void note_folder(const fs::path& folder) {
  const std::scoped_lock lock(noted().mutex);
  noted().folders.insert(folder);
}

void forget_folder(const fs::path& folder) noexcept {
  const std::scoped_lock lock(noted().mutex);
  noted().folders.erase(folder);
}

void give_back_folders() noexcept {
  noted().mutex.lock();  // for good: nobody makes another one now
  for (const fs::path& folder : noted().folders) remove_folder(folder);
}

void write_file(const fs::path& file, const std::string& text) {
  const fs::path beside = file.string() + ".new";
  ::unlink(beside.c_str());
  // Exclusively: the folder is the server's too, which might have laid a link there.
  const process::Fd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const bool is_written =
      fd.is_open() &&
      ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::rename(beside.c_str(), file.c_str()) == 0;
  if (!is_written) {
    throw runner::Error("cannot-write", "a file cannot be written",
                        fmt::format("{}: {}", file.string(), std::strerror(errno)),
                        "make room there, or name another folder with GAUNTLET_FOLDER");
  }
}

}  // namespace gauntlet::arena
