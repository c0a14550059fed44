// What lies in a server's folder, and who still holds it. Any thread, and any process, may call.
//
//   data/    the server's data folder, copied from a template
//   log      what server and keeper write to stderr
//   server   name, url and port, one a line: once it can be reached
//   keeper   the keeper as an owner; and, if it was kept, until when
#pragma once

#include "harness/arena/server.h"
#include "harness/process/owner.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace gauntlet::arena {

class ServerFolder {
 public:
  explicit ServerFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path data() const { return path_ / "data"; }
  std::filesystem::path log() const { return path_ / "log"; }

  void write_name(const std::string& name) const;
  void write_server(const ServerEntry& entry) const;
  void write_keeper(const process::Owner& keeper) const;
  void write_kept(const process::Owner& keeper, std::chrono::seconds ttl) const;

  std::optional<ServerEntry> entry() const;  ///< nullopt while it cannot be reached yet
  std::string name() const;                  ///< as asked for; empty if no name was
  std::optional<process::Owner> keeper() const;

  /// Whoever made it, or its keeper, lives; or it cannot be told from here.
  bool is_held() const;
  bool is_alive_here() const;

 private:
  std::filesystem::path path_;
};

}  // namespace gauntlet::arena
