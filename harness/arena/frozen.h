// A server's processes, all of them standing still: its data folder is then what a crash at this
// very moment would leave, and every server can recover from that. One thread.
#pragma once

#include <filesystem>
#include <vector>

#include <sys/types.h>

namespace gauntlet::arena {

class Frozen {
 public:
  /// Throws: Error `cannot-copy` if one of them does not stop.
  explicit Frozen(const std::filesystem::path& data);
  ~Frozen();
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  void thaw() noexcept;
  std::vector<pid_t> stopped_;
};

}  // namespace gauntlet::arena
