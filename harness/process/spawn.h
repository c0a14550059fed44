// fork and exec, with everything between them async-signal-safe. Processes that outlive or answer
// to us differently (Process, the server's keeper) are all started here. Any thread may call.
#pragma once

#include "harness/process/fd.h"
#include "harness/process/process.h"

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gauntlet::process {

struct Spawn {
  std::vector<std::string> argv;
  std::vector<std::string> environment;  ///< all of it, `NAME=value`
  std::filesystem::path directory = {};
  std::optional<Account> run_as = {};
  int in = -1, out = -1, err = -1;  ///< -1: /dev/null
  /// A socket: nothing is executed before a byte arrives there; then a failure to start is exit 127
  /// with the reason on `err`. -1: at once, and a failure to start is thrown.
  int hold = -1;
  enum class Leads { group, session } leads = Leads::group;
  /// What the child gets when the thread that started it ends; 0: nothing.
  int death_signal = SIGKILL;
};

/// All other descriptors are closed, signals are at their defaults and none is blocked.
/// Throws: Error `cannot-start`.
pid_t spawn(const Spawn& what);

/// Our environment with `added` in it, `NAME=value` each.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& added);

/// A pidfd, or a closed Fd on a kernel that has none.
Fd open_pidfd(pid_t pid);

}  // namespace gauntlet::process
