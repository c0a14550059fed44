// The options of each command, as CLI11 is told of them. On the main thread.
#pragma once

#include "runner/program/command_line.h"

#include <string>

namespace CLI {
class App;
}

namespace gauntlet::runner {

/// What is given as text and read afterwards: times, and numbers, which CLI11 would read as C does,
/// where 010 is 8. Versions are written with leading zeros.
struct Texts {
  std::string lock_wait = "10m", lock_timeout = "1s", statement_timeout = "0", heartbeat = "10s",
              no_transaction = "directive";
  std::string lock = "notify";
  std::string lock_key = "0", lock_retries = std::to_string(LockRetries{}.times);
  std::string steps, to, from, version;  // empty: not given
  bool no_verify = false, json = false, json_lines = false, all = false;
};

/// Adds all options of `which`. What is text only once it is parsed goes to `texts`, the rest to
/// `asked`; both outlive `command`.
void add_options(CLI::App& command, Command which, Asked& asked, Texts& texts);

}  // namespace gauntlet::runner
