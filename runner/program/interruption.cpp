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
  if (catching == 0) _exit(128 + number);
  const int kept = errno;
  caught = number;
  // A full pipe is readable already.
  [[maybe_unused]] const ssize_t written = write(ends[1], "x", 1);
  errno = kept;
}

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  // One chance to leave in order; who sends it again means it.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(number, &action, nullptr);
}

}  // namespace

Interruption::Interruption() {
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    throw Error("no-pipe", "the system gave no pipe to hear signals by", {}, "raise `ulimit -n`");
  }
  handle(SIGINT, on_signal);
  handle(SIGTERM, on_signal);
}

Interruption::~Interruption() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  for (int& end : ends) {
    close(end);
    end = -1;
  }
}

int Interruption::fd() const { return ends[0]; }
int Interruption::signal() const { return caught; }
void Interruption::begin_to_catch() { catching = 1; }

}  // namespace gauntlet::runner
