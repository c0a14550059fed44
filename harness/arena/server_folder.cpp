#include "harness/arena/server_folder.h"

#include "harness/arena/folders.h"
#include "harness/core/files.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

using process::Owner;
using std::chrono::duration_cast;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// Seconds of the monotonic clock: the same for every process until the machine is booted again.
long long now_seconds() {
  return duration_cast<seconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void ServerFolder::write_name(const std::string& name) const { write_file(path_ / "name", name); }

void ServerFolder::write_server(const ServerEntry& entry) const {
  write_file(path_ / "server", fmt::format("{}\n{}\n{}\n", entry.name, entry.url, entry.port));
}

void ServerFolder::write_keeper(const Owner& keeper) const {
  write_file(path_ / "keeper", keeper.text() + "\n");
}

void ServerFolder::write_kept(const Owner& keeper, seconds ttl) const {
  write_file(path_ / "keeper", fmt::format("{}\n{}\n", keeper.text(), now_seconds() + ttl.count()));
}

std::string ServerFolder::name() const {
  return first_line(core::read_file_if_any(path_ / "name"));
}

std::optional<Owner> ServerFolder::keeper() const {
  return Owner::parse(first_line(core::read_file_if_any(path_ / "keeper")));
}

std::optional<ServerEntry> ServerFolder::entry() const {
  ServerEntry entry{.name = {}, .url = {}, .folder = path_.string(), .port = 0, .left = seconds{0}};
  std::istringstream server(core::read_file_if_any(path_ / "server"));
  if (!std::getline(server, entry.name) || !std::getline(server, entry.url)) return std::nullopt;
  server >> entry.port;
  std::istringstream kept(core::read_file_if_any(path_ / "keeper"));
  std::string keeper;
  long long until = 0;
  if (std::getline(kept, keeper) && kept >> until) {
    entry.left = seconds(std::max(1LL, until - now_seconds()));
  }
  return entry;
}

bool ServerFolder::is_held() const {
  const auto owner = owner_in(path_.filename());
  if (!owner || owner->life() != Owner::Life::dead) return true;
  const auto watching = keeper();
  return watching && watching->life() == Owner::Life::alive;
}

bool ServerFolder::is_alive_here() const {
  const auto watching = keeper();
  return watching && watching->life() == Owner::Life::alive;
}

}  // namespace gauntlet::arena
