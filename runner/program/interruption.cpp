#include "runner/program/interruption.h"

#include "runner/values/error.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace gauntlet::runner {

namespace {

std::array<int, 2> ends{-1, -1};
volatile std::sig_atomic_t caught = 0;
volatile std::sig_atomic_t catching = 0;

extern "C" void on_signal(int number) {
  if (catching == 0 || caught != 0) _exit(128 + number);
  const int kept = errno;
  caught = number;
  // A full pipe is readable already.
  [[maybe_unused]] const ssize_t written = write(ends[1], "x", 1);
  errno = kept;
}

constexpr std::array<int, 3> endings{SIGHUP, SIGINT, SIGTERM};

// What `nohup` or a shell has the process ignore stays ignored: SIGHUP, and SIGINT of what a script
// runs in the background.
bool is_ignored(int number) {
  struct sigaction now {};
  sigaction(number, nullptr, &now);
  return number != SIGTERM && now.sa_handler == SIG_IGN;
}

void handle(int number, void (*handler)(int)) {
  if (is_ignored(number)) return;
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(number, &action, nullptr);
}

}  // namespace

Interruption::Interruption() {
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw Error("no-pipe", "the system gave no pipe to hear signals by", {}, "raise `ulimit -n`");
  }
  for (const int number : endings) handle(number, on_signal);
}

Interruption::~Interruption() {
  for (const int number : endings) handle(number, SIG_DFL);
  for (int& end : ends) {
    close(end);
    end = -1;
  }
}

int Interruption::fd() const { return ends[0]; }
int Interruption::signal() const { return caught; }
void Interruption::begin_to_catch() { catching = 1; }

}  // namespace gauntlet::runner
