// Gives back what a run leaves on a given server when it is ended so that it cannot do so itself: a
// process of its own waits for our end, whatever ends us, and sweeps that server then.
#pragma once

#include "harness/process/fd.h"

#include <string>
#include <string_view>

#include <sys/types.h>

namespace gauntlet::cli {

/// The command, not told of in --help, by which this program becomes the guard of another.
constexpr std::string_view guard_command = "guard-server";

/// The guard of this process; one thread.
class Guard {
 public:
  /// Of the server at `url`, which is told to the guard through a pipe: it may hold a password.
  /// Throws: Error `cannot-start`.
  explicit Guard(const std::string& url);
  ~Guard();  ///< all was given back: the guard ends, and touches nothing
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  process::Fd pipe_;
  pid_t pid_ = 0;
};

/// Reads the URL from standard input and waits for its end. Unless that was said to be in order,
/// drops the databases of dead owners on the server. Returns the exit code.
int guard_server();

}  // namespace gauntlet::cli
