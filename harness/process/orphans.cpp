#include "harness/process/owner.h"
#include "harness/process/spawn.h"

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gauntlet::process {
namespace {

std::optional<Owner> owner_in_environment(pid_t pid) {
  std::ifstream stream(fmt::format("/proc/{}/environ", pid), std::ios::binary);
  constexpr std::string_view name = "GAUNTLET_OWNER=";
  for (std::string entry; std::getline(stream, entry, '\0');) {
    if (entry.starts_with(name)) return Owner::parse(std::string_view(entry).substr(name.size()));
  }
  return std::nullopt;
}

bool is_orphan(pid_t pid) {
  const auto owner = owner_in_environment(pid);
  return owner && owner->life() == Owner::Life::dead;
}

pid_t parent_of(pid_t pid) {
  std::ifstream stream(fmt::format("/proc/{}/stat", pid));
  std::string stat;
  std::getline(stream, stat);
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return 0;
  pid_t parent = 0;
  std::from_chars(stat.data() + name_end + 4, stat.data() + stat.size(), parent);
  return parent;
}

/// We and those who started us may carry a dead owner's mark, inherited through a shell.
std::set<pid_t> our_line() {
  std::set<pid_t> line;
  for (pid_t pid = ::getpid(); pid > 0 && line.insert(pid).second;) pid = parent_of(pid);
  return line;
}

bool kill_orphan(pid_t pid) {
  const Fd pidfd = open_pidfd(pid);
  if (!is_orphan(pid)) return false;  // asked again: now the descriptor pins whom we mean
#ifdef SYS_pidfd_send_signal
  if (pidfd.is_open()) {
    return ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0U) == 0;
  }
#endif
  return ::kill(pid, SIGKILL) == 0;
}

}  // namespace

int end_orphans() {
  const std::set<pid_t> spared = our_line();
  int ended = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    pid_t pid = 0;
    std::from_chars(name.data(), name.data() + name.size(), pid);
    if (pid <= 0 || spared.contains(pid) || !is_orphan(pid)) continue;
    if (kill_orphan(pid)) ++ended;
  }
  return ended;
}

}  // namespace gauntlet::process
