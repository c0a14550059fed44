#include "harness/arena/leftovers.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include <poll.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/types.h>

namespace gauntlet::arena {
namespace {

namespace fs = std::filesystem;
constexpr int ask_interval_ms = 2;

bool works_in(const fs::path& process, const fs::path& data) {
  std::error_code error;
  std::string folder = fs::read_symlink(process / "cwd", error);
  if (error) return false;
  const std::string deleted = " (deleted)";
  if (folder.ends_with(deleted)) folder.resize(folder.size() - deleted.size());
  if (folder != data) return false;
  std::string program = fs::read_symlink(process / "exe", error);
  if (program.ends_with(deleted)) program.resize(program.size() - deleted.size());
  const std::string name = fs::path(program).filename();
  return name == "postgres" || name == "postmaster";
}

void signal_all(const std::vector<pid_t>& pids, int number) {
  for (const pid_t pid : pids) ::kill(pid, number);
}

}  // namespace

std::vector<pid_t> server_processes_in(const fs::path& data) {
  std::vector<pid_t> pids;
  std::error_code error;
  const fs::path real = fs::canonical(data, error);
  if (error) return pids;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const pid_t pid = std::atoi(entry->path().filename().c_str());
    if (pid > 0 && works_in(entry->path(), real)) pids.push_back(pid);
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

bool end_server_in(const fs::path& data, int patience_ms) noexcept {
  try {
    std::vector<pid_t> pids = server_processes_in(data);
    if (pids.empty()) return false;
    signal_all(pids, SIGQUIT);
    signal_all(pids, SIGCONT);
    for (int waited = 0; !pids.empty() && waited < patience_ms; waited += ask_interval_ms) {
      ::poll(nullptr, 0, ask_interval_ms);
      pids = server_processes_in(data);
    }
    signal_all(pids, SIGKILL);
    for (int waited = 0; !pids.empty() && waited < patience_ms; waited += ask_interval_ms) {
      ::poll(nullptr, 0, ask_interval_ms);
      pids = server_processes_in(data);
    }
    return true;
  } catch (const std::exception&) {
    return false;  // out of memory: the next sweep tries again
  }
}

void remove_shared_memory_of(const fs::path& data) noexcept {
  try {
    std::ifstream stream(data / "postmaster.pid");
    constexpr auto all = std::numeric_limits<std::streamsize>::max();
    for (int line = 1; line < 7; ++line) stream.ignore(all, '\n');  // line 7: key and id
    unsigned long key = 0;
    int id = -1;
    if (!(stream >> key >> id)) return;
    shmid_ds status{};
    if (::shmctl(id, IPC_STAT, &status) == 0 && status.shm_nattch == 0 &&
        static_cast<unsigned>(status.shm_perm.__key) == key) {
      ::shmctl(id, IPC_RMID, nullptr);
    }
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace gauntlet::arena
