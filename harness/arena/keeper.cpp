// gauntlet-keeper FOLDER UID GID POSTGRES: the parent of one throwaway server.
//
// It outlives whoever started it by as long as it takes to end the server and to remove FOLDER. Its
// standard input is a socket: its end means that the owner is gone. One line is understood there,
// `keep SECONDS`: stay after the end, until then. It answers `kept`, and says `ended` when the
// server has ended by itself. SIGTERM ends everything.
#include "harness/arena/leftovers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int quit_patience_ms = 10'000;

struct Keeper {
  std::filesystem::path folder;
  pid_t postgres = 0;
  int signals = -1;
  bool has_owner = true;
  bool is_stopped = false;
  bool has_server = true;
  std::optional<Clock::time_point> kept_until;
  std::string line;
};

void take_signals(Keeper& keeper) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE}) sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  keeper.signals = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "gauntlet-keeper: %s: %s\n", what, std::strerror(errno));
  std::_Exit(127);
}

void start_postgres(Keeper& keeper, uid_t uid, gid_t gid, const char* program) {
  const std::string data = keeper.folder / "data";
  const pid_t parent = ::getpid();
  keeper.postgres = ::fork();
  if (keeper.postgres < 0) fail("fork");
  if (keeper.postgres > 0) return;
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::geteuid() == 0 &&
      (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)) {
    fail("cannot become the server's account");
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);  // after setuid, which clears it
  if (::getppid() != parent) std::_Exit(127);
  const int null = ::open("/dev/null", O_RDWR);  // the socket is the keeper's alone
  if (null < 0 || ::dup2(null, 0) < 0) fail("/dev/null");
  if (null > 2) ::close(null);
  // The server finds its own installation by the path it was called by, or else in PATH.
  ::execl(program, program, "-D", data.c_str(), nullptr);
  fail(program);
}

void say(const char* text) { ::send(0, text, std::strlen(text), MSG_NOSIGNAL); }

void hear_line(Keeper& keeper) {
  long seconds = 0;
  if (std::sscanf(keeper.line.c_str(), "keep %ld", &seconds) == 1 && seconds > 0) {
    keeper.kept_until = Clock::now() + std::chrono::seconds(seconds);
    say("kept\n");
  }
  keeper.line.clear();
}

void hear_owner(Keeper& keeper) {
  std::array<char, 256> buffer{};
  const ssize_t got = ::read(0, buffer.data(), buffer.size());
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0) {
    keeper.has_owner = false;
    return;
  }
  for (ssize_t i = 0; i < got; ++i) {
    const char c = buffer[static_cast<std::size_t>(i)];
    if (c == '\n') {
      hear_line(keeper);
    } else if (keeper.line.size() < 100) {
      keeper.line += c;
    }
  }
}

void hear_signals(Keeper& keeper) {
  signalfd_siginfo info{};
  while (::read(keeper.signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (info.ssi_signo == SIGTERM) keeper.is_stopped = true;
  }
  if (keeper.has_server && ::waitpid(keeper.postgres, nullptr, WNOHANG) == keeper.postgres) {
    keeper.has_server = false;
    say("ended\n");
  }
}

/// Milliseconds that may be waited for something to happen; -1 for ever; 0: it is over.
int patience(const Keeper& keeper) {
  if (keeper.is_stopped) return 0;
  if (keeper.has_owner) return -1;
  if (!keeper.kept_until || !keeper.has_server) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*keeper.kept_until - Clock::now());
  return static_cast<int>(std::min<long long>(std::max<long long>(left.count(), 0), 1'000'000'000));
}

void keep(Keeper& keeper) {
  while (const int wait_ms = patience(keeper)) {
    std::array<pollfd, 2> polled = {pollfd{keeper.signals, POLLIN, 0},
                                    pollfd{keeper.has_owner ? 0 : -1, POLLIN, 0}};
    if (::poll(polled.data(), polled.size(), wait_ms) <= 0) continue;
    if (polled[0].revents != 0) hear_signals(keeper);
    if (polled[1].revents != 0) hear_owner(keeper);
  }
}

void end_server(Keeper& keeper) {
  if (keeper.has_server) {
    ::kill(keeper.postgres, SIGQUIT);
    ::kill(keeper.postgres, SIGCONT);
    const auto deadline = Clock::now() + std::chrono::milliseconds(quit_patience_ms);
    while (keeper.has_server && Clock::now() < deadline) {
      pollfd polled{keeper.signals, POLLIN, 0};
      ::poll(&polled, 1, 100);
      hear_signals(keeper);
    }
    if (keeper.has_server) ::kill(keeper.postgres, SIGKILL);
  }
  const std::filesystem::path data = keeper.folder / "data";
  std::error_code error;
  // A server that ended in order removes this file as its last act.
  if (!std::filesystem::exists(data / "postmaster.pid", error)) return;
  gauntlet::arena::end_server_in(data, quit_patience_ms);
  gauntlet::arena::remove_shared_memory_of(data);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("gauntlet-keeper is started by gauntlet: FOLDER UID GID POSTGRES\n", stderr);
    return 64;
  }
  ::umask(077);
  if (::chdir("/") != 0) fail("/");
  Keeper keeper;
  keeper.folder = argv[1];
  take_signals(keeper);
  start_postgres(keeper, static_cast<uid_t>(std::strtoul(argv[2], nullptr, 10)),
                 static_cast<gid_t>(std::strtoul(argv[3], nullptr, 10)), argv[4]);
  keep(keeper);
  end_server(keeper);
  std::error_code error;
  std::filesystem::remove_all(keeper.folder, error);
  return error ? 1 : 0;
}
