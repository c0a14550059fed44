#include "harness/crash/restart.h"

#include "harness/arena/account.h"
#include "harness/arena/connection.h"
#include "harness/arena/leftovers.h"
#include "harness/core/files.h"
#include "runner/values/error.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include <fmt/format.h>
#include <poll.h>

namespace gauntlet::crash {

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds stop_max{30}, start_max{60};
constexpr int restart_interval_ms = 2;

pid_t first_process_in(const fs::path& data) {
  const std::string file = core::read_file_if_any(data / "postmaster.pid");
  return file.empty() ? 0 : static_cast<pid_t>(std::stol(file.substr(0, file.find('\n'))));
}

/// The words of /proc/PID/cmdline.
std::vector<std::string> command_of_process(pid_t pid) {
  const std::string text = core::read_file(fmt::format("/proc/{}/cmdline", pid));
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\0', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

ServerRestart::ServerRestart(const arena::Database& database)
    : maintenance_(database.maintenance()),
      data_(arena::Connection(maintenance_).ask_one("SHOW data_directory")) {
  const pid_t pid = first_process_in(data_);
  if (pid <= 0)
    throw runner::Error("cannot-stop-server", "the server of a cell is not on this machine",
                        data_.string(), "use `--database ephemeral`");
  command_ = command_of_process(pid);
  command_.front() = fs::read_symlink(fmt::format("/proc/{}/exe", pid)).string();
}

ServerRestart::~ServerRestart() {
  constexpr int quit_max_ms = 10'000;
  if (process_) arena::end_server_in(data_, quit_max_ms);
}

void ServerRestart::stop(int signal) {
  const pid_t pid = first_process_in(data_);
  if (pid <= 0 || ::kill(pid, signal) != 0)
    throw runner::Error("cannot-stop-server", "the server of a cell could not be stopped",
                        data_.string(), "see whether somebody else ended it");
  const auto deadline = steady_clock::now() + stop_max;
  while (!arena::server_processes_in(data_).empty()) {
    if (steady_clock::now() >= deadline)
      throw runner::Error("cannot-stop-server", "the server of a cell did not stop in time",
                          data_.string(), "see its log");
    if (process_) process_->wait_for(milliseconds(0));
    ::poll(nullptr, 0, restart_interval_ms);
  }
}

void ServerRestart::start_again() {
  process_.emplace(process::Process::start(
      {.argv = command_, .directory = "/", .run_as = arena::server_account()}));
  const auto deadline = steady_clock::now() + start_max;
  while (!answers()) {
    const bool has_ended = process_->wait_for(milliseconds(restart_interval_ms)).has_value();
    if (!has_ended && steady_clock::now() < deadline) continue;
    throw runner::Error("server-did-not-start", "the server of a cell did not start again",
                        process_->err(), "see the reason in its words above");
  }
}

bool ServerRestart::answers() const {
  try {
    arena::Connection(maintenance_).run("SELECT 1");
    return true;
  } catch (const runner::Error&) {
    return false;  // it recovers, or is not there yet
  }
}

}  // namespace gauntlet::crash
