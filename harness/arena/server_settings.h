// What a server is told before it starts: its port, its sockets, the user's settings.
#pragma once

#include "harness/process/fd.h"

#include <filesystem>
#include <map>
#include <string>

namespace gauntlet::arena {

/// A loopback port that the kernel chose. While it is reserved nobody else is given it, but a
/// server may bind it: both set SO_REUSEADDR, and only one of the two listens.
class Port {
 public:
  Port() = default;
  /// Throws: Error `no-port`.
  static Port reserve();
  int number() const { return number_; }
  void let_go() { socket_.close(); }

 private:
  process::Fd socket_;
  int number_ = 0;
};

struct ServerSettings {
  int port = 0;
  std::filesystem::path socket_folder;
  std::map<std::string, std::string> added;
};

/// Appends them to the server's postgresql.conf, where the last word counts.
void write_settings(const std::filesystem::path& data, const ServerSettings& settings);

/// Throws: Error `reserved-setting` for one that says where or how the server is reached,
/// `bad-setting` for a name that is none.
void refuse_reserved_settings(const std::map<std::string, std::string>& settings);

}  // namespace gauntlet::arena
