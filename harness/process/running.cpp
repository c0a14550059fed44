#include "harness/process/running.h"

#include <csignal>
#include <mutex>
#include <set>

namespace gauntlet::process {
namespace {

struct Running {
  std::mutex mutex;
  std::set<pid_t> groups;
};

// Never destroyed: the interrupt's thread may still ask while statics are being taken down.
Running& running() {
  static auto* const all = new Running;
  return *all;
}

}  // namespace

void note_running(pid_t group) {
  const std::scoped_lock lock(running().mutex);
  running().groups.insert(group);
}

void forget_running(pid_t group) noexcept {
  const std::scoped_lock lock(running().mutex);
  running().groups.erase(group);
}

void kill_all_running() noexcept {
  const std::scoped_lock lock(running().mutex);
  for (const pid_t group : running().groups) ::kill(-group, SIGKILL);
}

}  // namespace gauntlet::process
