// A door before a SQLite file: a lock on the file for which other programs wait. One thread at a
// time.
#pragma once

#include "runner/values/session.h"

#include <filesystem>
#include <memory>
#include <vector>

#include <sys/types.h>

namespace gauntlet::fleet {

class FileDoor {
 public:
  enum class Keeps {
    everyone,  ///< nobody reads or writes the file; with a write-ahead log readers still pass
    writers,   ///< everybody reads it, and the first write of each program waits
  };

  /// Shuts it; makes the file if there is none. Throws: Error `no-door` when the file cannot be had
  /// within some seconds.
  explicit FileDoor(const std::filesystem::path& file, Keeps keeps = Keeps::everyone);

  /// How many of `processes`, or of those that they started in their groups, have the file open:
  /// they wait for its lock, or soon will.
  std::size_t waiting(const std::vector<pid_t>& processes) const;
  void open();

 private:
  std::unique_ptr<runner::Session> holder_;
  std::filesystem::path file_;
};

}  // namespace gauntlet::fleet
