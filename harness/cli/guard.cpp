#include "harness/cli/guard.h"

#include "harness/arena/address.h"
#include "harness/arena/arena.h"
#include "harness/process/owner.h"
#include "harness/process/spawn.h"
#include "runner/values/error.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::cli {

namespace {

constexpr std::string_view in_order = "done\n";
constexpr std::chrono::seconds end_patience{10};

void say(int fd, std::string_view text) {
  // A guard that is gone guards nothing; the next run sweeps.
  [[maybe_unused]] const ssize_t written = ::write(fd, text.data(), text.size());
}

std::string all_of_standard_input() {
  std::string text;
  std::array<char, 512> buffer{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
  }
}

/// What it had open is closed a moment before it is gone.
void wait_for_end_of(const std::optional<process::Owner>& owner) {
  const auto deadline = std::chrono::steady_clock::now() + end_patience;
  while (owner && owner->life() == process::Owner::Life::alive &&
         std::chrono::steady_clock::now() < deadline)
    ::poll(nullptr, 0, 5);
}

}  // namespace

Guard::Guard(const std::string& url) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw runner::Error("cannot-start", "no pipe can be made to guard a server by",
                        std::strerror(errno), "raise the limit: ulimit -n 4096");
  const process::Fd theirs(ends[0]);
  pipe_ = process::Fd(ends[1]);
  pid_ = process::spawn({.argv = {"/proc/self/exe", std::string(guard_command)},
                         .environment = process::environment_with({}),
                         .in = theirs.get(),
                         .leads = process::Spawn::Leads::session,
                         .death_signal = 0});
  say(pipe_.get(), url + "\n");
}

Guard::~Guard() {
  say(pipe_.get(), in_order);
  pipe_.close();
  ::waitpid(pid_, nullptr, 0);
}

int guard_server() {
  // A terminal's interrupt is for those who started us; we end when they have.
  for (const int number : {SIGINT, SIGHUP, SIGTERM}) ::signal(number, SIG_IGN);
  const auto owner = process::Owner::of(::getppid());
  const std::string heard = all_of_standard_input();
  const std::string url = heard.substr(0, heard.find('\n'));
  if (url.empty() || heard.ends_with(in_order)) return 0;
  wait_for_end_of(owner);
  try {
    const auto server = arena::Address::parse(url);
    if (owner) {
      arena::sweep_databases_after(*owner, server);
    } else {
      arena::sweep_databases(server);
    }
    return 0;
  } catch (const runner::Error&) {
    return 2;  // out of reach: a later run sweeps
  }
}

}  // namespace gauntlet::cli
