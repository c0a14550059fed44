#include "harness/arena/server_list.h"

#include "harness/arena/folders.h"
#include "harness/arena/leftovers.h"
#include "harness/arena/server.h"
#include "harness/arena/server_folder.h"
#include "harness/process/owner.h"
#include "runner/values/error.h"

#include <algorithm>
#include <csignal>
#include <mutex>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using process::Owner;
using std::chrono::steady_clock;

constexpr std::chrono::seconds stop_patience{25};
constexpr int quit_patience_ms = 5'000;

/// Every folder here whose name tells an owner.
std::vector<ServerFolder> owned_folders() {
  std::vector<ServerFolder> folders;
  for (const fs::path& base : base_folders()) {
    std::error_code error;
    for (fs::directory_iterator entry(base, error), end; !error && entry != end;
         entry.increment(error)) {
      if (owner_in(entry->path().filename())) folders.emplace_back(entry->path());
    }
  }
  return folders;
}

std::string names_of(const std::vector<ServerEntry>& entries) {
  std::string names;
  for (const ServerEntry& entry : entries) names += (names.empty() ? "" : ", ") + entry.name;
  return names.empty() ? "none runs" : "those that run: " + names;
}

/// Asks the keeper to end it, and waits until its folder is gone.
void stop(const ServerFolder& folder) {
  if (const auto keeper = folder.keeper(); keeper && keeper->life() == Owner::Life::alive) {
    ::kill(keeper->pid, SIGTERM);
  }
  const auto deadline = steady_clock::now() + stop_patience;
  std::error_code error;
  while (fs::exists(folder.path(), error)) {
    if (steady_clock::now() > deadline) {
      throw runner::Error("server-did-not-stop", "a server did not end in time",
                          folder.path().string(), "`gauntlet clean` once its keeper has ended");
    }
    ::poll(nullptr, 0, 5);  // the keeper is not our child: its end can only be asked for
  }
}

}  // namespace

void check_name(const std::string& name) {
  const bool is_plain =
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
      std::string::npos;
  if (is_plain && name.size() <= 60) return;
  throw runner::Error("bad-name", "a server's name has letters, digits, `_`, `.` and `-` only",
                      fmt::format("`{}`", name));
}

void refuse_taken_name(const std::string& name) {
  for (const ServerFolder& folder : owned_folders()) {
    if (!folder.is_held() || folder.name() != name) continue;
    throw runner::Error("name-taken", "a server of this name runs already",
                        fmt::format("`{}` in {}", name, folder.path().string()),
                        fmt::format("`gauntlet server stop {}`, or choose another name", name));
  }
}

std::vector<ServerEntry> list_servers() {
  std::vector<ServerEntry> entries;
  for (const ServerFolder& folder : owned_folders()) {
    if (!folder.is_alive_here()) continue;
    if (auto entry = folder.entry()) entries.push_back(std::move(*entry));
  }
  std::sort(entries.begin(), entries.end(),
            [](const ServerEntry& a, const ServerEntry& b) { return a.name < b.name; });
  return entries;
}

void stop_server(const std::string& name) {
  const std::vector<ServerEntry> entries = list_servers();
  for (const ServerEntry& entry : entries) {
    if (entry.name == name) return stop(ServerFolder(entry.folder));
  }
  throw runner::Error("no-such-server", fmt::format("no server named `{}` runs here", name),
                      names_of(entries), "`gauntlet server list`");
}

Swept sweep() {
  Swept swept;
  for (const ServerFolder& folder : owned_folders()) {
    if (folder.is_held()) continue;
    if (end_server_in(folder.data(), quit_patience_ms)) ++swept.servers;
    remove_shared_memory_of(folder.data());
    remove_folder(folder.path());
    ++swept.folders;
  }
  swept.processes = process::end_orphans();
  return swept;
}

void sweep_once() noexcept {
  static std::once_flag once;
  try {
    std::call_once(once, [] { sweep(); });
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace gauntlet::arena
