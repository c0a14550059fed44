// A throwaway server that is stopped and started again. One thread, with which the server dies that
// was started again.
#pragma once

#include "harness/arena/arena.h"
#include "harness/process/process.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gauntlet::crash {

class ServerRestart {
 public:
  /// The server of `database`, which must be a throwaway one of this database alone; it runs. What
  /// is started again is ended with this object.
  /// Throws: Error of a connection, `cannot-stop-server`.
  explicit ServerRestart(const arena::Database& database);
  ~ServerRestart();
  ServerRestart(const ServerRestart&) = delete;
  ServerRestart& operator=(const ServerRestart&) = delete;

  /// Sends the signal to its first process (SIGINT: fast, SIGQUIT: immediate) and waits until all
  /// of its processes have ended. Throws: Error `cannot-stop-server` after 30 s.
  void stop(int signal);
  /// Starts it as it was started before, and waits until it answers. Throws: Error
  /// `server-did-not-start` with its last words, after 60 s.
  void start_again();

 private:
  bool answers() const;

  const arena::Address maintenance_;
  std::filesystem::path data_;
  std::vector<std::string> command_;
  std::optional<process::Process> process_;
};

}  // namespace gauntlet::crash
