#include "harness/process/spawn.h"

#include "harness/process/child.h"
#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::process {
namespace {

// Descriptors of ours are lifted above those of the child, so that none is overwritten while they
// are laid.
constexpr int lifted_from = 10;

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

[[noreturn]] void throw_failure(const Spawn& what, ChildFailure failure) {
  const std::string reason = std::strerror(failure.number);
  switch (failure.stage) {
    case ChildFailure::Stage::directory:
      throw runner::Error("cannot-start", "a program's folder cannot be entered",
                          fmt::format("{}: {}", what.directory.string(), reason),
                          "create the folder or name another one");
    case ChildFailure::Stage::account:
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

  Child child{.candidates = candidates_of(what.argv.front(), what.environment),
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
  child.shell_argv = {shell.data(), nullptr};
  child.shell_argv.insert(child.shell_argv.end(), child.argv.begin() + 1, child.argv.end());

  pid_t pid = 0;
  {
    const SignalsBlocked blocked;
    pid = ::fork();
    if (pid == 0) run_child(child);
  }
  if (pid < 0) {
    throw runner::Error("cannot-start", "no further process can be started", std::strerror(errno),
                        "end some processes, or raise the limit: ulimit -u");
  }
  if (what.leads == Spawn::Leads::group) ::setpgid(pid, pid);  // whichever of us comes first
  if (what.hold >= 0) return pid;

  report.close();
  ChildFailure failure;
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
