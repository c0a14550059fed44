#include "harness/fleet/outside.h"

#include "harness/core/files.h"
#include "harness/fleet/proc_files.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <sys/stat.h>

namespace gauntlet::fleet {

namespace {

namespace fs = std::filesystem;

/// All that the processes have open.
struct OpenInodes {
  std::set<std::uint64_t> sockets = {};
  std::map<std::uint64_t, std::size_t> pipes = {};  ///< how many descriptors lead to each
  bool watches_files = false;
};

OpenInodes inodes_of(const std::set<pid_t>& pids) {
  OpenInodes open;
  for (const pid_t pid : pids) {
    for (const OpenFile& file : open_files(pid)) {
      if (const auto socket = inode_of(file.target, "socket")) open.sockets.insert(*socket);
      if (const auto pipe = inode_of(file.target, "pipe")) ++open.pipes[*pipe];
      if (file.target.find("inotify") != std::string::npos) open.watches_files = true;
    }
  }
  return open;
}

std::uint64_t number(std::string_view text, int base) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

/// A line of /proc/net/tcp and its kin.
struct Connection {
  std::string local = {}, remote = {};  ///< in hexadecimal, as `0100007F:1F90`
  std::uint64_t state = 0, inode = 0;
};

std::vector<Connection> connections_in(const fs::path& file) {
  std::vector<Connection> connections;
  std::istringstream lines(core::read_file_if_any(file));
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string slot, state, ignored, inode;
    Connection connection;
    words >> slot >> connection.local >> connection.remote >> state;
    for (int field = 4; field < 9; ++field) words >> ignored;
    if (!(words >> inode)) continue;
    connection.state = number(state, 16);
    connection.inode = number(inode, 10);
    connections.push_back(std::move(connection));
  }
  return connections;
}

int port_of(const std::string& end) {
  return static_cast<int>(number(std::string_view(end).substr(end.rfind(':') + 1), 16));
}

/// `10.0.0.7:443`; of IPv6 the port alone.
std::string shown(const std::string& end) {
  constexpr std::size_t of_version_4 = 8;
  const std::size_t colon = end.rfind(':');
  if (colon != of_version_4) return fmt::format("port {}", port_of(end));
  const std::uint64_t address = number(std::string_view(end).substr(0, colon), 16);
  return fmt::format("{}.{}.{}.{}:{}", address & 0xffU, (address >> 8U) & 0xffU,
                     (address >> 16U) & 0xffU, (address >> 24U) & 0xffU, port_of(end));
}

std::string outside_connection(const fs::path& net, const std::set<std::uint64_t>& sockets,
                               const std::set<int>& database_ports) {
  constexpr std::uint64_t established = 1, being_made = 2;
  for (const char* protocol : {"tcp", "tcp6", "udp", "udp6"}) {
    const std::vector<Connection> all = connections_in(net / protocol);
    for (const Connection& each : all) {
      const bool is_up = each.state == established || each.state == being_made;
      if (!is_up || !sockets.contains(each.inode)) continue;
      if (database_ports.contains(port_of(each.remote))) continue;
      const bool is_among_them = std::ranges::any_of(all, [&](const Connection& other) {
        return other.local == each.remote && other.remote == each.local &&
               sockets.contains(other.inode);
      });
      if (!is_among_them) return "a connection to " + shown(each.remote);
    }
  }
  return {};
}

/// Both ends of a socketpair are made together, so that their numbers are neighbours.
std::string outside_local_socket(const fs::path& net, const std::set<std::uint64_t>& sockets) {
  std::istringstream lines(core::read_file_if_any(net / "unix"));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string slot, references, protocol, flags, type, state;
    std::uint64_t inode = 0;
    if (!(words >> slot >> references >> protocol >> flags >> type >> state >> inode)) continue;
    const bool is_connected_stream = number(type, 16) == 1 && number(state, 16) == 3;
    if (!is_connected_stream || !sockets.contains(inode)) continue;
    if (!sockets.contains(inode + 1) && !sockets.contains(inode - 1))
      return "a local socket of another process";
  }
  return {};
}

/// Somebody else holds the lock on a file that one of them waits for.
std::string outside_file_lock(const std::set<pid_t>& pids) {
  std::map<std::string, std::uint64_t> holders;  // by the number of the lock
  std::istringstream lines(core::read_file_if_any("/proc/locks"));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string slot, kind, how, mode, pid;
    words >> slot >> kind;
    const bool waits = kind == "->";
    if (waits) words >> kind;
    words >> how >> mode >> pid;
    const std::uint64_t process = number(pid, 10);
    if (!waits) {
      holders[slot] = process;
    } else if (pids.contains(static_cast<pid_t>(process)) &&
               !pids.contains(static_cast<pid_t>(holders[slot]))) {
      return fmt::format("a file lock that process {} holds", holders[slot]);
    }
  }
  return {};
}

std::string outside_input(const BlockedOn& blocked, const OpenInodes& open) {
  if (blocked.opens) return "the other end of a file that it opens";
  for (const OpenFile& file : open_files(blocked.pid)) {
    if (file.descriptor != blocked.descriptor) continue;
    if (const auto pipe = inode_of(file.target, "pipe")) {
      const auto found = open.pipes.find(*pipe);
      return found == open.pipes.end() || found->second < 2 ? "the other end of a pipe" : "";
    }
    struct stat info {};
    if (!file.target.starts_with('/') || ::stat(file.target.c_str(), &info) != 0) continue;
    if (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode)) return "input of " + file.target;
  }
  return {};
}

}  // namespace

std::string outside_of_trees(const std::set<pid_t>& pids, const std::set<int>& database_ports,
                             const std::vector<BlockedOn>& blocked) {
  if (pids.empty()) return {};
  const OpenInodes open = inodes_of(pids);
  const fs::path net = fs::path("/proc") / std::to_string(*pids.begin()) / "net";
  if (auto found = outside_connection(net, open.sockets, database_ports); !found.empty())
    return found;
  if (auto found = outside_local_socket(net, open.sockets); !found.empty()) return found;
  if (auto found = outside_file_lock(pids); !found.empty()) return found;
  for (const BlockedOn& each : blocked)
    if (auto found = outside_input(each, open); !found.empty()) return found;
  return open.watches_files ? "changes of files (inotify)" : "";
}

}  // namespace gauntlet::fleet
