#include "harness/arena/server.h"

#include "harness/arena/account.h"
#include "harness/arena/connection.h"
#include "harness/arena/folders.h"
#include "harness/arena/frozen.h"
#include "harness/arena/keeper_link.h"
#include "harness/arena/leftovers.h"
#include "harness/arena/scram.h"
#include "harness/arena/server_folder.h"
#include "harness/arena/server_list.h"
#include "harness/arena/server_settings.h"
#include "harness/arena/template_cache.h"
#include "harness/core/files.h"
#include "runner/values/error.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <future>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds server_ready_patience{60};
constexpr seconds name_patience{10};
constexpr int attempts_max = 5;
constexpr std::size_t log_tail_lines = 20;

std::string tail_of(const std::string& text) {
  std::size_t from = text.size();
  for (std::size_t lines = 0; lines <= log_tail_lines && from > 0; ++lines) {
    const std::size_t found = text.rfind('\n', from - 1);
    if (found == std::string::npos) return text;
    from = found;
  }
  return text.substr(std::min(from + 1, text.size()));
}

/// A server of ours, from its folder's first moment to its last.
class OwnedServer final : public Server {
 public:
  OwnedServer(ServerOptions options, fs::path binaries, std::optional<process::Account> account,
              const fs::path& base);
  ~OwnedServer() override;
  OwnedServer(const OwnedServer&) = delete;
  OwnedServer& operator=(const OwnedServer&) = delete;

  const Address& local() const override { return local_; }
  const Address& loopback() const override { return loopback_; }
  fs::path folder() const override { return folder_.path(); }
  std::string log() const override { return core::read_file_if_any(folder_.log()); }
  void keep(seconds ttl) override;
  std::unique_ptr<Server> copy() override;

  fs::path data() const { return folder_.data(); }
  /// Starts it on what lies in data() once `databases` is ready, and waits until it answers.
  void run(std::future<void> databases);

 private:
  void reserve_name(const fs::path& base);
  void wait_until_ready();
  bool says_ready() const;

  ServerOptions options_;
  fs::path binaries_;
  std::optional<process::Account> account_;
  ServerFolder folder_;
  Port port_;
  std::optional<KeeperLink> keeper_;
  Address local_, loopback_;
  bool is_kept_ = false;
};

fs::path make_server_folder(const fs::path& base, const std::optional<process::Account>& account) {
  fs::path folder = base / owned_name();
  std::error_code error;
  if (!fs::create_directory(folder, error)) {
    throw runner::Error("cannot-write", "a folder cannot be made",
                        folder.string() + ": " + error.message(),
                        "make room there, or name another folder with GAUNTLET_FOLDER");
  }
  fs::permissions(folder, fs::perms::owner_all);
  give_to(folder, account);
  return folder;
}

OwnedServer::OwnedServer(ServerOptions options, fs::path binaries,
                         std::optional<process::Account> account, const fs::path& base)
    : options_(std::move(options)),
      binaries_(std::move(binaries)),
      account_(std::move(account)),
      folder_(make_server_folder(base, account_)),
      local_({}),
      loopback_({}) {
  if (!options_.name.empty()) reserve_name(base);
}

OwnedServer::~OwnedServer() {
  if (is_kept_) return;
  if (keeper_) keeper_->end();
  // The keeper has removed it; unless there was none yet, or somebody killed it.
  std::error_code error;
  if (!fs::exists(folder_.path(), error)) return;
  end_server_in(folder_.data(), 10'000);
  remove_shared_memory_of(folder_.data());
  remove_folder(folder_.path());
}

void OwnedServer::reserve_name(const fs::path& base) {
  check_name(options_.name);
  const FileLock lock(base / "names.lock", FileLock::Kind::exclusive, name_patience);
  refuse_taken_name(options_.name);
  folder_.write_name(options_.name);
}

void OwnedServer::run(std::future<void> databases) {
  port_ = Port::reserve();
  write_settings(
      folder_.data(),
      {.port = port_.number(), .socket_folder = folder_.path(), .added = options_.settings});
  keeper_ = KeeperLink::start(folder_, binaries_ / "postgres", account_);
  const std::string password = random_digits(16);
  const std::string verifier = scram_verifier(password);  // while the server starts
  local_ = Address({{"host", folder_.path()},
                    {"port", std::to_string(port_.number())},
                    {"user", "postgres"},
                    {"dbname", "postgres"}});
  loopback_ =
      local_.with("host", "127.0.0.1").with("password", password).with("sslmode", "disable");
  sweep_once();
  wait_until_ready();
  if (databases.valid()) databases.get();
  Connection(local_).run(fmt::format("ALTER ROLE postgres PASSWORD '{}'", verifier));
  port_.let_go();
  const std::string name =
      options_.name.empty() ? fmt::format("{}", port_.number()) : options_.name;
  folder_.write_server(
      {.name = name, .url = loopback_.url(), .folder = {}, .port = port_.number(), .left = {}});
}

bool OwnedServer::says_ready() const {
  const std::string file = core::read_file_if_any(folder_.data() / "postmaster.pid");
  std::size_t at = 0;
  for (int line = 1; line < 8; ++line) {  // line 8: its status
    at = file.find('\n', at);
    if (at == std::string::npos) return false;
    ++at;
  }
  return file.compare(at, 5, "ready") == 0;
}

void OwnedServer::wait_until_ready() {
  const auto deadline = steady_clock::now() + server_ready_patience;
  while (!says_ready()) {
    const bool is_late = steady_clock::now() > deadline;
    if (!is_late && !keeper_->says_ended_within(milliseconds(1))) continue;
    throw runner::Error(
        "server-did-not-start",
        is_late ? "a throwaway server was not ready in time"
                : "a throwaway server ended while it started",
        fmt::format("{}; its log ends:\n{}", folder_.path().string(), tail_of(log())),
        options_.settings.empty() ? "see the reason in the log above"
                                  : "check the settings given with --server-setting");
  }
}

void OwnedServer::keep(seconds ttl) {
  // Recorded first: a program killed between the two leaves a server that its keeper ends at once,
  // and not one that runs for hours without a name for `server stop`.
  folder_.write_kept(keeper_->owner(), ttl);
  keeper_->keep(ttl);
  is_kept_ = true;
}

bool lost_its_port(const std::string& log) {
  return log.find("could not create any TCP/IP sockets") != std::string::npos;
}

/// Fills a data folder as copy_template() does: with an invalid future if all is there at once.
using Fill = std::function<std::future<void>(const fs::path& data, int attempt)>;

/// Tries again where another try can help: a port that was taken after all, a template that turned
/// out to be broken.
std::unique_ptr<OwnedServer> start_server(const ServerOptions& options, const fs::path& binaries,
                                          const Fill& fill) {
  const auto account = server_account();
  const fs::path base = base_folder(account);
  for (int attempt = 1, fills = 1;; ++attempt) {
    auto server = std::make_unique<OwnedServer>(options, binaries, account, base);
    try {
      server->run(fill(server->data(), fills));
      return server;
    } catch (const runner::Error& error) {
      const bool may_help =
          error.code() == "server-did-not-start" || error.code() == "template-broken";
      if (!may_help || attempt == attempts_max) throw;
      if (lost_its_port(server->log())) continue;
      if (++fills > 2) throw;
    }
  }
}

std::unique_ptr<Server> OwnedServer::copy() {
  Connection(local_).run("CHECKPOINT");
  ServerOptions options = options_;
  options.name.clear();
  return start_server(options, binaries_, [this](const fs::path& data, int) {
    const Frozen frozen(folder_.data());
    copy_folder(folder_.data(), data, account_);
    fs::remove(data / "postmaster.pid");
    return std::future<void>();
  });
}

/// Asked only after a start has failed: an answer takes as long as half a start.
void refuse_other_program(const fs::path& postgres,
                          const std::optional<process::Account>& account) {
  constexpr seconds version_patience{10};
  const process::Finished finished = process::run(
      {.argv = {postgres, "--version"}, .directory = "/", .run_as = account}, version_patience);
  if (finished.out.starts_with("postgres (")) return;
  const std::string line = finished.out.substr(0, finished.out.find('\n'));
  throw runner::Error("wrong-postgres", "this program is not the PostgreSQL server",
                      fmt::format("{} --version: {}", postgres.string(),
                                  finished.timed_out ? "no answer in 10 s"
                                  : line.empty()     ? "prints nothing, " + finished.exit.text()
                                                     : line),
                      "name the folder of the server's programs with --postgres DIR, such as "
                      "/usr/lib/postgresql/15/bin");
}

}  // namespace

std::unique_ptr<Server> Server::start(const ServerOptions& options) {
  refuse_reserved_settings(options.settings);
  const fs::path binaries = find_server_binaries(options.binaries);
  const auto account = server_account();
  try {
    return start_server(options, binaries, [&](const fs::path& data, int fills) {
      using Trust = TemplateOptions::Trust;
      return copy_template({.base = base_folder(account),
                            .binaries = binaries,
                            .locale = options.locale,
                            .account = account,
                            .trust = fills == 1 ? Trust::if_whole : Trust::not_again},
                           data);
    });
  } catch (const runner::Error& error) {
    if (error.code() == "server-did-not-start" || error.code() == "initdb-failed")
      refuse_other_program(binaries / "postgres", account);
    throw;
  }
}

}  // namespace gauntlet::arena
