// What a process does between the fork and its program: nothing that allocates, locks or throws.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace gauntlet::process {

/// Why no program was started; what the child reports to its parent.
struct ChildFailure {
  enum class Stage : int { none, directory, account, descriptors, execute };
  Stage stage = Stage::none;
  int number = 0;  ///< errno
};

/// Everything that the child needs, built before the fork.
struct Child {
  std::vector<std::string> candidates;  ///< paths at which the program may be
  std::vector<char*> argv, shell_argv, environment;
  const char* directory = nullptr;
  uid_t uid = 0;
  gid_t gid = 0;
  bool changes_account = false;
  int in, out, err;
  int hold;    ///< read once before the program starts; -1: it starts at once
  int report;  ///< where a ChildFailure is written, unless it is held
  bool leads_session = false;
  int death_signal = 0;  ///< sent when `parent` ends
  pid_t parent = 0;
};

/// Becomes the program, or ends.
[[noreturn]] void run_child(Child& child);

}  // namespace gauntlet::process
