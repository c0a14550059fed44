// Our end of the socket to a server's keeper. Its closing is what ends the server. One thread at a
// time.
#pragma once

#include "harness/arena/server_folder.h"
#include "harness/process/fd.h"
#include "harness/process/owner.h"
#include "harness/process/process.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include <sys/types.h>

namespace gauntlet::arena {

class KeeperLink {
 public:
  /// Throws: Error `no-keeper`, `cannot-start`.
  static KeeperLink start(const ServerFolder& folder, const std::filesystem::path& postgres,
                          const std::optional<process::Account>& account);

  const process::Owner& owner() const { return owner_; }
  /// Whether the server, or the keeper itself, has ended; waits so long for it to say so.
  bool says_ended_within(std::chrono::milliseconds patience);
  /// Throws: Error `cannot-keep`.
  void keep(std::chrono::seconds ttl);
  /// Lets the keeper end the server and remove its folder, and waits for that.
  void end() noexcept;

 private:
  void hear(std::chrono::milliseconds patience);

  process::Fd socket_;
  pid_t pid_ = 0;
  process::Owner owner_;
  std::string heard_;
  bool is_silent_ = false;
};

}  // namespace gauntlet::arena
