#include "harness/arena/frozen.h"

#include "harness/arena/leftovers.h"
#include "runner/values/error.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <poll.h>

namespace gauntlet::arena {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::seconds freeze_patience{5};

/// Stopped, or ended meanwhile.
bool stands_still(pid_t pid) {
  std::ifstream stream(fmt::format("/proc/{}/stat", pid));
  std::string stat;
  std::getline(stream, stat);
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return true;
  const char state = stat[name_end + 2];
  return state == 'T' || state == 't' || state == 'Z' || state == 'X';
}

}  // namespace

Frozen::Frozen(const std::filesystem::path& data) {
  const auto deadline = steady_clock::now() + freeze_patience;
  while (true) {
    // Again and again: until it stands still itself, the postmaster may start further processes.
    const std::vector<pid_t> pids = server_processes_in(data);
    for (const pid_t pid : pids) {
      if (std::find(stopped_.begin(), stopped_.end(), pid) == stopped_.end())
        stopped_.push_back(pid);
      ::kill(pid, SIGSTOP);
    }
    const bool is_still = std::all_of(pids.begin(), pids.end(), stands_still);
    if (is_still && server_processes_in(data) == pids) return;
    if (steady_clock::now() > deadline) {
      thaw();
      throw runner::Error("cannot-copy", "a server's processes do not stop for a copy",
                          data.string());
    }
    ::poll(nullptr, 0, 1);
  }
}

Frozen::~Frozen() { thaw(); }

void Frozen::thaw() noexcept {
  for (const pid_t pid : stopped_) ::kill(pid, SIGCONT);
}

}  // namespace gauntlet::arena
