// A door before a SQLite file: while it is shut nobody reads or writes the file, and whoever wants
// to waits for its lock. One thread at a time.
#pragma once

#include "runner/values/session.h"

#include <filesystem>
#include <memory>
#include <vector>

#include <sys/types.h>

namespace gauntlet::fleet {

class FileDoor {
 public:
  /// Shuts it. Throws: Error `no-door` when the file cannot be had within some seconds.
  explicit FileDoor(const std::filesystem::path& file);

  /// How many of `processes` have the file open: they wait for its lock, or soon will.
  std::size_t waiting(const std::vector<pid_t>& processes) const;
  void open();

 private:
  std::filesystem::path file_;
  std::unique_ptr<runner::Session> holder_;
};

}  // namespace gauntlet::fleet
