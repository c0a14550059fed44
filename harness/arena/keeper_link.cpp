#include "harness/arena/keeper_link.h"

#include "harness/arena/keeper_program.h"
#include "harness/process/spawn.h"
#include "runner/values/error.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

using process::Fd;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds answer_patience{5'000};
constexpr milliseconds end_patience{25'000};  // the keeper's own, twice, and some

/// Without what libpq, the server and a sweep would read in it.
std::vector<std::string> keeper_environment() {
  std::vector<std::string> environment = process::environment_with({{"LC_ALL", "C"}});
  std::erase_if(environment, [](const std::string& entry) {
    return entry.starts_with("PG") || entry.starts_with("GAUNTLET_");
  });
  return environment;
}

}  // namespace

KeeperLink KeeperLink::start(const ServerFolder& folder, const std::filesystem::path& postgres,
                             const std::optional<process::Account>& account) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw runner::Error("cannot-start", "no socket can be made to watch a server by",
                        std::strerror(errno), "raise the limit: ulimit -n 4096");
  }
  KeeperLink link;
  link.socket_ = Fd(ends[0]);
  const Fd theirs(ends[1]);
  const Fd log(::open(folder.log().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  link.pid_ =
      process::spawn({.argv = {keeper_program(), folder.path(),
                               fmt::format("{}", account ? account->uid : ::getuid()),
                               fmt::format("{}", account ? account->gid : ::getgid()), postgres},
                      .environment = keeper_environment(),
                      .in = theirs.get(),
                      .out = log.get(),
                      .err = log.get(),
                      .leads = process::Spawn::Leads::session,
                      .death_signal = 0});
  link.owner_ = process::Owner::of(link.pid_).value_or(process::Owner{});
  folder.write_keeper(link.owner_);
  return link;
}

void KeeperLink::hear(milliseconds patience) {
  pollfd polled{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&polled, 1, static_cast<int>(patience.count())) <= 0) return;
  std::array<char, 64> buffer{};
  const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got > 0) heard_.append(buffer.data(), static_cast<std::size_t>(got));
  if (got == 0) is_silent_ = true;
}

bool KeeperLink::says_ended_within(milliseconds patience) {
  hear(patience);
  return is_silent_ || heard_.find("ended") != std::string::npos;
}

void KeeperLink::keep(std::chrono::seconds ttl) {
  const std::string line = fmt::format("keep {}\n", ttl.count());
  ::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL);
  const auto deadline = steady_clock::now() + answer_patience;
  while (heard_.find("kept") == std::string::npos) {
    if (is_silent_ || steady_clock::now() > deadline || ttl.count() <= 0) {
      throw runner::Error("cannot-keep", "a server cannot be kept beyond our own end",
                          is_silent_ ? "its keeper has ended" : "its keeper does not answer");
    }
    hear(milliseconds(100));
  }
}

void KeeperLink::end() noexcept {
  const Fd pidfd = process::open_pidfd(pid_);
  socket_.close();
  const auto deadline = steady_clock::now() + end_patience;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (steady_clock::now() > deadline) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      return;
    }
    pollfd polled{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    ::poll(&polled, 1, pidfd.is_open() ? 1'000 : 2);
  }
}

}  // namespace gauntlet::arena
