// A throwaway PostgreSQL server, ready in tens of milliseconds and gone with its owner.
//
// A keeper process (gauntlet-keeper) is the server's parent. When its owner closes the pipe between
// them, by ending in any way at all, the keeper ends the server and removes its folder; what is
// left when both were killed is swept by the next start.
#pragma once

#include "harness/arena/address.h"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gauntlet::arena {

struct ServerOptions {
  std::filesystem::path binaries = {};  ///< a folder with `postgres`; empty: look for it
  std::string locale = "C.UTF-8";
  std::map<std::string, std::string> settings = {};  ///< added to ours, and winning over them
  std::string name = {};                             ///< for `server start --name`
};

/// Where `postgres` and `initdb` are: `given`, Debian's version folders (newest first), PATH.
/// Throws: Error `no-server-binaries` with the package to install.
std::filesystem::path find_server_binaries(const std::filesystem::path& given);

class Server {
 public:
  /// Throws: Error `server-did-not-start` with the last lines of its log.
  static std::unique_ptr<Server> start(const ServerOptions& options);
  virtual ~Server() = default;  ///< ends it and removes its folder, unless kept

  virtual const Address& local() const = 0;  ///< over the unix socket, database `postgres`
  virtual const Address& loopback()
      const = 0;  ///< over TCP with the random password, sslmode=disable
  virtual std::filesystem::path folder() const = 0;
  virtual std::string log() const = 0;  ///< the server's log so far
  /// A second server with everything that is on this one now, roles and settings included. Sessions
  /// of this one stand still for some tens of milliseconds; what they have not committed is not
  /// copied. Throws: Error `cannot-copy` where a tablespace lies outside its folder.
  virtual std::unique_ptr<Server> copy() = 0;
  /// Lets it outlive us for `ttl`; `gauntlet server list` shows it, `server stop` ends it.
  virtual void keep(std::chrono::seconds ttl) = 0;
};

/// A server that runs on this machine, found by its folder.
struct ServerEntry {
  std::string name, url, folder;
  int port = 0;
  std::chrono::seconds left{0};  ///< until its ttl ends; zero for one that dies with its owner
};
std::vector<ServerEntry> list_servers();
/// Throws: Error `no-such-server` naming those that run.
void stop_server(const std::string& name);

/// What dead owners left on this machine: folders, servers, processes. Never judged by age.
struct Swept {
  int folders = 0, servers = 0, processes = 0, databases = 0;
};
Swept sweep();

}  // namespace gauntlet::arena
