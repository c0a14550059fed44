#include "harness/process/process.h"

#include "harness/process/capture.h"
#include "harness/process/fd.h"
#include "harness/process/owner.h"
#include "harness/process/running.h"
#include "harness/process/spawn.h"
#include "runner/values/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gauntlet::process {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long a grandchild may keep the output open after the exit, and how often a kernel without
// pidfd is asked whether a child has ended.
constexpr milliseconds output_grace{500};
constexpr milliseconds ask_interval{5};
constexpr milliseconds reap_patience{5'000};

struct Pair {
  Fd ours, theirs;
};

[[noreturn]] void throw_no_descriptor() {
  throw runner::Error("cannot-start", "no file descriptor is left to start a process with",
                      std::strerror(errno), "raise the limit: ulimit -n 4096");
}

Pair output_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw_no_descriptor();
  Pair pair{Fd(ends[0]), Fd(ends[1])};
  ::fcntl(pair.ours.get(), F_SETFL, O_NONBLOCK);
  return pair;
}

// A socket and not a pipe: to write to one whose reader has gone must not raise SIGPIPE.
Pair release_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw_no_descriptor();
  return {Fd(ends[0]), Fd(ends[1])};
}

Exit exit_of(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signal = {}};
  return {.code = {}, .signal = info.si_status};
}

/// Reads what is there, at most a few buffers so that an endless writer holds nobody up.
void drain(Fd& fd, Capture& capture) {
  std::array<char, 16'384> buffer{};
  for (int round = 0; fd.is_open() && round < 16; ++round) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got > 0) {
      capture.append({buffer.data(), static_cast<std::size_t>(got)});
    } else if (got == 0) {
      fd.close();
    } else if (errno != EINTR) {
      return;  // nothing there now
    }
  }
}

}  // namespace

struct Process::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (pid > 0) collect();  // never 0: kill(0) means ourselves
  }

  bool done() const { return done_; }
  void add_to(std::vector<pollfd>& polled) const;
  void look();
  void collect() noexcept;

  pid_t pid = 0;
  Fd pidfd, release, out_pipe, err_pipe;
  Capture out{output_bytes_max}, err{output_bytes_max};
  std::optional<Exit> exit;
  Clock::time_point grace_ends;

 private:
  void look_for_exit();
  bool done_ = false;
};

void Process::State::add_to(std::vector<pollfd>& polled) const {
  if (done_) return;
  if (!exit && pidfd.is_open())
    polled.push_back({.fd = pidfd.get(), .events = POLLIN, .revents = 0});
  for (const Fd* pipe : {&out_pipe, &err_pipe}) {
    if (pipe->is_open()) polled.push_back({.fd = pipe->get(), .events = POLLIN, .revents = 0});
  }
}

void Process::State::look() {
  if (done_) return;
  if (!exit) look_for_exit();
  drain(out_pipe, out);
  drain(err_pipe, err);
  if (!exit) return;
  if ((out_pipe.is_open() || err_pipe.is_open()) && Clock::now() < grace_ends) return;
  out_pipe.close();
  err_pipe.close();
  done_ = true;
}

void Process::State::look_for_exit() {
  siginfo_t info{};
  // The leader stays unreaped until its group is killed: so the group's number cannot be another's.
  if (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0) return;
  if (info.si_pid != pid) return;
  exit = exit_of(info);
  grace_ends = Clock::now() + output_grace;
}

void Process::State::collect() noexcept {
  ::kill(-pid, SIGKILL);
  ::kill(pid, SIGKILL);
  forget_running(pid);
  const auto deadline = Clock::now() + reap_patience;
  while (::waitpid(pid, nullptr, WNOHANG) == 0 && Clock::now() < deadline) {
    pollfd polled{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    ::poll(&polled, 1, static_cast<int>(ask_interval.count()));
  }
}

namespace {

int poll_milliseconds(Clock::time_point until) {
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left, 0, 60'000));
}

}  // namespace

std::string Exit::text() const {
  if (code) return fmt::format("exit {}", *code);
  if (!signal) return "still running";
  const char* name = ::sigabbrev_np(*signal);
  return name != nullptr ? fmt::format("killed by SIG{}", name)
                         : fmt::format("killed by signal {}", *signal);
}

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}
Process::Process(Process&& other) noexcept = default;
Process& Process::operator=(Process&& other) noexcept = default;
Process::~Process() = default;

Process Process::start(const Command& command) {
  Pair out = output_pipe();
  Pair err = output_pipe();
  Pair hold = command.held ? release_pair() : Pair{};
  std::map<std::string, std::string> added = command.environment;
  added["GAUNTLET_OWNER"] = Owner::self().text();
  auto state = std::make_unique<State>();
  state->pid = spawn({.argv = command.argv,
                      .environment = environment_with(added),
                      .directory = command.directory,
                      .run_as = command.run_as,
                      .out = out.theirs.get(),
                      .err = err.theirs.get(),
                      .hold = hold.theirs.get()});
  note_running(state->pid);
  state->pidfd = open_pidfd(state->pid);
  state->out_pipe = std::move(out.ours);
  state->err_pipe = std::move(err.ours);
  state->release = std::move(hold.ours);
  return Process(std::move(state));
}

pid_t Process::pid() const { return state_->pid; }

void Process::release() {
  if (!state_->release.is_open()) return;
  ::send(state_->release.get(), "r", 1, MSG_NOSIGNAL);
  state_->release.close();
}

void Process::signal(int number) {
  if (!state_->exit) ::kill(state_->pid, number);
}

void Process::kill_group() { ::kill(-state_->pid, SIGKILL); }

std::optional<Exit> Process::exit() const { return state_->exit; }

const std::string& Process::out() const { return state_->out.text(); }
const std::string& Process::err() const { return state_->err.text(); }

namespace {

/// One wait of one or many: until something may have changed, or until `deadline`.
void wait_for_change(std::vector<pollfd>& polled, Clock::time_point deadline) {
  ::poll(polled.data(), polled.size(), poll_milliseconds(deadline));
}

}  // namespace

std::optional<Exit> Process::wait_until(Clock::time_point deadline) {
  while (true) {
    state_->look();
    if (state_->done() || Clock::now() >= deadline) return state_->exit;
    std::vector<pollfd> polled;
    state_->add_to(polled);
    Clock::time_point until = deadline;
    if (state_->exit) until = std::min(until, state_->grace_ends);
    if (!state_->pidfd.is_open()) until = std::min(until, Clock::now() + ask_interval);
    wait_for_change(polled, until);
  }
}

std::optional<Exit> Process::wait_for(milliseconds patience) {
  return wait_until(Clock::now() + patience);
}

std::vector<std::size_t> wait_any(std::vector<Process>& processes, Clock::time_point deadline) {
  std::vector<std::size_t> waited_for, ended;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (!processes[i].state_->done()) waited_for.push_back(i);
  }
  while (!waited_for.empty()) {
    std::vector<pollfd> polled;
    Clock::time_point until = deadline;
    for (const std::size_t i : waited_for) {
      Process::State& state = *processes[i].state_;
      state.look();
      if (state.done()) ended.push_back(i);
      state.add_to(polled);
      if (state.exit) until = std::min(until, state.grace_ends);
      if (!state.pidfd.is_open()) until = std::min(until, Clock::now() + ask_interval);
    }
    if (!ended.empty() || Clock::now() >= deadline) return ended;
    wait_for_change(polled, until);
  }
  return ended;
}

Finished run(const Command& command, milliseconds patience) {
  Process process = Process::start(command);
  process.release();
  bool timed_out = false;
  if (!process.wait_for(patience)) {
    timed_out = true;
    process.kill_group();
    process.wait_for(reap_patience);
  }
  return {.exit = process.exit().value_or(Exit{.code = {}, .signal = SIGKILL}),
          .out = process.out(),
          .err = process.err(),
          .timed_out = timed_out};
}

}  // namespace gauntlet::process
