#include "harness/arena/pooler.h"

#include "harness/arena/account.h"
#include "harness/arena/binaries.h"
#include "harness/arena/connection.h"
#include "harness/arena/folders.h"
#include "harness/core/files.h"
#include "runner/values/error.h"

#include <atomic>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds pooler_ready_patience{60};
constexpr int port = 6432;  // of the socket's name: each pooler has a folder of its own

fs::path find_pooler() {
  BinarySearch search = search_here({});
  search.versions.clear();
  search.path += ":/usr/sbin:/usr/local/sbin";  // where Debian puts it, and not on a user's PATH
  const auto found = folders_with({"pgbouncer"}, search);
  if (!found.empty()) return found.front() / "pgbouncer";
  throw runner::Error("no-pooler", "no pgbouncer is installed on this machine",
                      "neither PATH nor /usr/sbin has it",
                      "install it: `make setup`, or `apt-get install pgbouncer`");
}

/// Nobody but the server's account may enter it.
fs::path ready(fs::path folder) {
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::owner_all);
  give_to(folder, server_account());
  return folder;
}

fs::path make_pooler_folder(const Server& server) {
  static std::atomic<int> made{0};
  return ready(server.folder() / fmt::format("pooler-{}", ++made));
}
// Who may enter its folder may connect: the socket is the only way in.
std::string configuration(const fs::path& folder, const Address& server,
                          const PoolerOptions& options) {
  std::map<std::string, std::string> settings{
      {"listen_port", std::to_string(port)},
      {"unix_socket_dir", folder},
      {"logfile", folder / "log"},
      {"auth_type", "any"},
      {"pool_mode", options.mode == PoolerOptions::Mode::session ? "session" : "transaction"},
      {"default_pool_size", std::to_string(options.pool_size)},
      {"max_client_conn", "300"},
      {"log_connections", "0"},
      {"log_disconnections", "0"},
      {"stats_period", "3600"}};
  for (const auto& [name, value] : options.settings) settings[name] = value;
  std::string text = fmt::format("[databases]\n* = host={} port={} user={}", server.host(),
                                 server.port(), server.user());
  if (!server.password().empty()) text += fmt::format(" password='{}'", server.password());
  text += "\n[pgbouncer]\n";
  for (const auto& [name, value] : settings) text += fmt::format("{} = {}\n", name, value);
  return text;
}

process::Process start(const fs::path& folder, const Address& server,
                       const PoolerOptions& options) {
  const fs::path program = find_pooler();
  const auto account = server_account();
  const fs::path file = folder / "pgbouncer.ini";
  write_file(file, configuration(folder, server, options));
  give_to(file, account);
  return process::Process::start(
      {.argv = {program, "-q", file}, .directory = folder, .run_as = account});
}

}  // namespace

Pooler::Pooler(const Server& server, const PoolerOptions& options)
    : Pooler(make_pooler_folder(server), server.local(), options) {}

Pooler::Pooler(const Address& server, const PoolerOptions& options)
    : Pooler(ready(base_folder(server_account()) / owned_name()), server, options) {}

Pooler::Pooler(fs::path folder, const Address& server, const PoolerOptions& options)
    : folder_(std::move(folder)),
      process_(start(folder_, server, options)),
      address_(
          server.with("host", folder_).with("port", std::to_string(port)).without("password")) {
  wait_until_ready();
}

Pooler::~Pooler() {
  process_.kill_group();
  process_.wait_for(std::chrono::seconds(10));
  remove_folder(folder_);
}

std::string Pooler::log() const { return core::read_file_if_any(folder_ / "log") + process_.err(); }

void Pooler::wait_until_ready() {
  const auto deadline = steady_clock::now() + pooler_ready_patience;
  const fs::path socket = folder_ / fmt::format(".s.PGSQL.{}", port);
  // Between its bind() and its listen() the socket is there, and refuses.
  while (!fs::exists(socket) || !answers()) {
    const bool ended = process_.wait_for(milliseconds(5)).has_value();
    if (!ended && steady_clock::now() < deadline) continue;
    throw runner::Error(
        "pooler-did-not-start",
        ended ? "a pooler ended while it started" : "a pooler was not ready in time",
        fmt::format("{}; its log:\n{}", folder_.string(), log()),
        "see the reason in the log above");
  }
}

bool Pooler::answers() const {
  try {
    Connection(address_).run("SELECT 1");
    return true;
  } catch (const runner::Error& error) {
    if (error.code() != "connect-failed") throw;
    return false;
  }
}

}  // namespace gauntlet::arena
