#include "harness/arena/interrupt.h"

#include "harness/arena/folders.h"
#include "harness/arena/given_visits.h"
#include "harness/process/running.h"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gauntlet::arena {
namespace {

constexpr std::chrono::seconds give_back_patience{3};

bool is_ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

/// Those that end a program, without those that our parent had ignored: nohup ignores SIGHUP, and a
/// shell script SIGINT of what it runs in the background.
sigset_t interrupts() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(number)) ::sigaddset(&set, number);
  }
  return set;
}

/// Of the InterruptNote; 0: there is none.
std::atomic<std::int64_t> note_seconds{0};
std::atomic<bool> is_signal_noted{false};

void say(int number, const std::string& doing) {
  const char* name = ::sigabbrev_np(number);
  const std::string line = "gauntlet: interrupted by SIG" +
                           std::string(name != nullptr ? name : "?") + ", " + doing + "\n";
  [[maybe_unused]] const auto n = ::write(STDERR_FILENO, line.data(), line.size());
}

[[noreturn]] void end_by(int number) {
  ::signal(number, SIG_DFL);
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, number);
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::raise(number);
  ::_exit(128 + number);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  const sigset_t set = interrupts();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = process::Fd(::signalfd(-1, &set, SFD_CLOEXEC));
  over_ = process::Fd(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this] { watch(); });
}

InterruptGuard::~InterruptGuard() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto n = ::write(over_.get(), &one, sizeof one);
  thread_.join();
  const sigset_t set = interrupts();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

// With a note, the watch goes on until the second signal or the end of the note's patience.
void InterruptGuard::watch() const {
  int patience_ms = -1, noted = 0;
  while (true) {
    std::array<pollfd, 2> polled = {pollfd{signals_.get(), POLLIN, 0},
                                    pollfd{over_.get(), POLLIN, 0}};
    const int ready = ::poll(polled.data(), polled.size(), patience_ms);
    if (ready < 0) continue;
    if (ready == 0) break;
    if (polled[0].revents == 0) return;
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return;
    const bool is_first = std::exchange(noted, static_cast<int>(info.ssi_signo)) == 0;
    const std::int64_t seconds = note_seconds.load();
    if (!is_first || seconds == 0) break;
    is_signal_noted.store(true);
    patience_ms = static_cast<int>(seconds) * 1'000;
    say(noted, "ends after what is under way; a second signal ends at once");
  }
  say(noted, "giving back");
  process::kill_all_running();
  give_back_databases(give_back_patience);
  give_back_folders();
  end_by(noted);
}

InterruptNote::InterruptNote(std::chrono::seconds patience) {
  is_signal_noted.store(false);
  note_seconds.store(patience.count());
}

InterruptNote::~InterruptNote() { stop(); }

bool InterruptNote::is_noted() const { return is_signal_noted.load(); }

void InterruptNote::stop() { note_seconds.store(0); }

}  // namespace gauntlet::arena
