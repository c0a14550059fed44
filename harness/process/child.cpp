#include "harness/process/child.h"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gauntlet::process {
namespace {

constexpr int hold_number = 3;
constexpr int report_number = 4;

ChildFailure lay_descriptors(const Child& child) {
  const bool laid = ::dup2(child.in, 0) >= 0 && ::dup2(child.out, 1) >= 0 &&
                    ::dup2(child.err, 2) >= 0 &&
                    ::dup3(child.report, report_number, O_CLOEXEC) >= 0 &&
                    (child.hold < 0 || ::dup3(child.hold, hold_number, O_CLOEXEC) >= 0);
  if (!laid) return {ChildFailure::Stage::descriptors, errno};
  if (child.hold < 0) ::close(hold_number);
    // Without close_range the rest goes at exec: all of ours is close-on-exec.
#ifdef SYS_close_range
  ::syscall(SYS_close_range, static_cast<unsigned>(report_number + 1), ~0U, 0U);
#endif
  return {};
}

// By the system call: the C library keeps two signals for itself and refuses to reset them, also
// where our own parent had them ignored. All zeroes are the default action.
void default_signals() {
  struct {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)();
    std::uint64_t mask;
  } const action = {};
  for (int number = 1; number < NSIG; ++number) {
    ::syscall(SYS_rt_sigaction, number, &action, nullptr, sizeof action.mask);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

ChildFailure execute(Child& child) {
  int told = ENOENT;
  for (const std::string& candidate : child.candidates) {
    ::execve(candidate.c_str(), child.argv.data(), child.environment.data());
    if (errno == ENOEXEC) {  // a script without `#!`: as every shell does
      child.shell_argv[1] = const_cast<char*>(candidate.c_str());
      ::execve("/bin/sh", child.shell_argv.data(), child.environment.data());
    }
    if (errno != ENOENT && errno != ENOTDIR) told = errno;
  }
  return {ChildFailure::Stage::execute, told};
}

// By the system call, too: the C library tells other threads of it by a signal, and what a
// sanitizer runs beside us would die of it.
bool change_account(const Child& child) {
  return ::syscall(SYS_setgroups, 0, nullptr) == 0 && ::syscall(SYS_setgid, child.gid) == 0 &&
         ::syscall(SYS_setuid, child.uid) == 0;
}

ChildFailure become(Child& child) {
  if (child.leads_session) {
    ::setsid();
  } else {
    ::setpgid(0, 0);
  }
  default_signals();
  if (const ChildFailure failure = lay_descriptors(child); failure.number != 0) return failure;
  if (child.changes_account && !change_account(child)) return {ChildFailure::Stage::account, errno};
  if (child.death_signal != 0) {  // after setuid, which clears it
    ::prctl(PR_SET_PDEATHSIG, child.death_signal);
    if (::getppid() != child.parent) ::_exit(127);
  }
  if (child.directory != nullptr && ::chdir(child.directory) != 0) {
    return {ChildFailure::Stage::directory, errno};
  }
  if (child.hold >= 0) {
    char byte = 0;
    ssize_t got = 0;
    do {
      got = ::read(hold_number, &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got != 1) ::_exit(127);  // whoever held us is gone
  }
  return execute(child);
}

void say(const char* text) { [[maybe_unused]] const auto n = ::write(2, text, std::strlen(text)); }

}  // namespace

void run_child(Child& child) {
  const ChildFailure failure = become(child);
  if (child.hold < 0) {
    [[maybe_unused]] const auto n = ::write(report_number, &failure, sizeof failure);
  } else {
    say("cannot start ");
    say(child.argv[0]);
    say(": ");
    const char* reason = ::strerrordesc_np(failure.number);
    say(reason != nullptr ? reason : "unknown error");
    say("\n");
  }
  ::_exit(127);
}

}  // namespace gauntlet::process
