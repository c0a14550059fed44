#include "harness/process/spawn.h"

#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::process {
namespace {

// Descriptors of ours are lifted above these, so that none is overwritten while the child's are
// laid.
constexpr int hold_number = 3;
constexpr int report_number = 4;
constexpr int lifted_from = 10;

enum class Stage : int { none, directory, account, descriptors, execute };

struct Failure {
  Stage stage = Stage::none;
  int number = 0;
};

/// Everything that the child needs, built before the fork: after it nothing may allocate.
struct Prepared {
  std::vector<std::string> candidates;
  std::vector<char*> argv, shell_argv, environment;
  const char* directory = nullptr;
  uid_t uid = 0;
  gid_t gid = 0;
  bool changes_account = false;
  int in, out, err, hold, report;
  bool leads_session = false;
  int death_signal = 0;
  pid_t parent = 0;
};

std::string_view value_in(const std::vector<std::string>& environment, std::string_view name) {
  for (const std::string& entry : environment) {
    if (entry.starts_with(name) && entry.size() > name.size() && entry[name.size()] == '=') {
      return std::string_view(entry).substr(name.size() + 1);
    }
  }
  return {};
}

std::vector<std::string> candidates_of(const std::string& program,
                                       const std::vector<std::string>& environment) {
  if (program.find('/') != std::string::npos) return {program};
  std::string_view path = value_in(environment, "PATH");
  if (path.empty()) path = "/usr/local/bin:/usr/bin:/bin";
  std::vector<std::string> found;
  while (true) {
    const std::size_t end = std::min(path.find(':'), path.size());
    const std::string_view folder = path.substr(0, end);
    found.push_back(folder.empty() ? program : fmt::format("{}/{}", folder, program));
    if (end == path.size()) return found;
    path.remove_prefix(end + 1);
  }
}

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Failure lay_descriptors(const Prepared& prepared) {
  const bool laid = ::dup2(prepared.in, 0) >= 0 && ::dup2(prepared.out, 1) >= 0 &&
                    ::dup2(prepared.err, 2) >= 0 &&
                    ::dup3(prepared.report, report_number, O_CLOEXEC) >= 0 &&
                    (prepared.hold < 0 || ::dup3(prepared.hold, hold_number, O_CLOEXEC) >= 0);
  if (!laid) return {Stage::descriptors, errno};
  if (prepared.hold < 0) ::close(hold_number);
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

Failure execute(Prepared& prepared) {
  int told = ENOENT;
  for (const std::string& candidate : prepared.candidates) {
    ::execve(candidate.c_str(), prepared.argv.data(), prepared.environment.data());
    if (errno == ENOEXEC) {  // a script without `#!`: as every shell does
      prepared.shell_argv[1] = const_cast<char*>(candidate.c_str());
      ::execve("/bin/sh", prepared.shell_argv.data(), prepared.environment.data());
    }
    if (errno != ENOENT && errno != ENOTDIR) told = errno;
  }
  return {Stage::execute, told};
}

// By the system call, too: the C library tells other threads of it by a signal, and what a
// sanitizer runs beside us would die of it.
bool change_account(const Prepared& prepared) {
  return ::syscall(SYS_setgroups, 0, nullptr) == 0 && ::syscall(SYS_setgid, prepared.gid) == 0 &&
         ::syscall(SYS_setuid, prepared.uid) == 0;
}

Failure become(Prepared& prepared) {
  if (prepared.leads_session) {
    ::setsid();
  } else {
    ::setpgid(0, 0);
  }
  default_signals();
  if (const Failure failure = lay_descriptors(prepared); failure.number != 0) return failure;
  if (prepared.changes_account && !change_account(prepared)) return {Stage::account, errno};
  if (prepared.death_signal != 0) {  // after setuid, which clears it
    ::prctl(PR_SET_PDEATHSIG, prepared.death_signal);
    if (::getppid() != prepared.parent) ::_exit(127);
  }
  if (prepared.directory != nullptr && ::chdir(prepared.directory) != 0) {
    return {Stage::directory, errno};
  }
  if (prepared.hold >= 0) {
    char byte = 0;
    ssize_t got = 0;
    do {
      got = ::read(hold_number, &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got != 1) ::_exit(127);  // whoever held us is gone
  }
  return execute(prepared);
}

void say(const char* text) { [[maybe_unused]] const auto n = ::write(2, text, std::strlen(text)); }

[[noreturn]] void run_child(Prepared& prepared) {
  const Failure failure = become(prepared);
  if (prepared.hold < 0) {
    [[maybe_unused]] const auto n = ::write(report_number, &failure, sizeof failure);
  } else {
    say("cannot start ");
    say(prepared.argv[0]);
    say(": ");
    const char* reason = ::strerrordesc_np(failure.number);
    say(reason != nullptr ? reason : "unknown error");
    say("\n");
  }
  ::_exit(127);
}

Fd lifted(int number) {
  Fd fd(::fcntl(number, F_DUPFD_CLOEXEC, lifted_from));
  if (!fd.is_open()) {
    throw runner::Error("cannot-start", "no file descriptor is left to start a process with",
                        std::strerror(errno), "raise the limit: ulimit -n 4096");
  }
  return fd;
}

Fd lifted_or_null(int number, int flags) {
  if (number >= 0) return lifted(number);
  const Fd null(::open("/dev/null", flags | O_CLOEXEC));
  return lifted(null.get());
}

[[noreturn]] void throw_failure(const Spawn& what, Failure failure) {
  const std::string reason = std::strerror(failure.number);
  switch (failure.stage) {
    case Stage::directory:
      throw runner::Error("cannot-start", "a program's folder cannot be entered",
                          fmt::format("{}: {}", what.directory.string(), reason),
                          "create the folder or name another one");
    case Stage::account:
      throw runner::Error("cannot-start", "the account to run as cannot be taken on",
                          fmt::format("{}: {}", what.run_as ? what.run_as->name : "", reason),
                          "run as root, or as that account");
    default:
      throw runner::Error("cannot-start", "a program cannot be started",
                          fmt::format("{}: {}", what.argv.front(), reason),
                          "check the name, PATH and that it may be executed");
  }
}

/// Blocks every signal while a process is split in two: a handler of ours must not run in the
/// child.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

pid_t spawn(const Spawn& what) {
  if (what.argv.empty()) throw runner::Error("cannot-start", "no program was named");
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    throw runner::Error("cannot-start", "no pipe can be made to start a process with",
                        std::strerror(errno), "raise the limit: ulimit -n 4096");
  }
  const Fd read_end(pipe[0]);
  Fd write_end(pipe[1]);
  Fd report = lifted(write_end.get());
  write_end.close();
  const Fd in = lifted_or_null(what.in, O_RDONLY);
  const Fd out = lifted_or_null(what.out, O_WRONLY);
  const Fd err = lifted_or_null(what.err, O_WRONLY);
  const Fd hold = what.hold >= 0 ? lifted(what.hold) : Fd();

  Prepared prepared{.candidates = candidates_of(what.argv.front(), what.environment),
                    .argv = pointers_to(what.argv),
                    .shell_argv = {},
                    .environment = pointers_to(what.environment),
                    .directory = what.directory.empty() ? nullptr : what.directory.c_str(),
                    .uid = what.run_as ? what.run_as->uid : 0,
                    .gid = what.run_as ? what.run_as->gid : 0,
                    .changes_account = what.run_as.has_value(),
                    .in = in.get(),
                    .out = out.get(),
                    .err = err.get(),
                    .hold = hold.get(),
                    .report = report.get(),
                    .leads_session = what.leads == Spawn::Leads::session,
                    .death_signal = what.death_signal,
                    .parent = ::getpid()};
  std::string shell = "/bin/sh";
  prepared.shell_argv = {shell.data(), nullptr};
  prepared.shell_argv.insert(prepared.shell_argv.end(), prepared.argv.begin() + 1,
                             prepared.argv.end());

  pid_t pid = 0;
  {
    const SignalsBlocked blocked;
    pid = ::fork();
    if (pid == 0) run_child(prepared);
  }
  if (pid < 0) {
    throw runner::Error("cannot-start", "no further process can be started", std::strerror(errno),
                        "end some processes, or raise the limit: ulimit -u");
  }
  if (what.leads == Spawn::Leads::group) ::setpgid(pid, pid);  // whichever of us comes first
  if (what.hold >= 0) return pid;

  report.close();
  Failure failure;
  ssize_t got = 0;
  do {
    got = ::read(read_end.get(), &failure, sizeof failure);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof failure)) return pid;  // closed by exec
  ::waitpid(pid, nullptr, 0);
  throw_failure(what, failure);
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t end = text.find('=');
    if (!added.contains(std::string(text.substr(0, end)))) environment.emplace_back(text);
  }
  for (const auto& [name, value] : added) environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

Fd open_pidfd(pid_t pid) {
#ifdef SYS_pidfd_open
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
#else
  (void)pid;
  return {};
#endif
}

}  // namespace gauntlet::process
