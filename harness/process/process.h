// Starting, releasing, watching and ending child processes: the one place that forks.
// Any thread may start a process, but a child dies with the THREAD that started it
// (PR_SET_PDEATHSIG), so start children on a thread that outlives them.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gauntlet::process {

/// Whom a process runs as.
struct Account {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
};

/// Nobody's file grows and nobody's memory does: of each stream the first and last
/// `output_bytes_max`/2.
constexpr std::size_t output_bytes_max = 128U << 10U;

struct Command {
  std::vector<std::string> argv;                        ///< argv[0] is looked up in PATH
  std::map<std::string, std::string> environment = {};  ///< added to ours
  std::filesystem::path directory = {};                 ///< empty: ours
  std::optional<Account> run_as = {};                   ///< only root may set it
  bool held = false;  ///< forked, but not executed before release()
};

struct Exit {
  std::optional<int> code;
  std::optional<int> signal;

  bool ok() const { return code == 0; }
  std::string text() const;  ///< `exit 3`, `killed by SIGTERM`
};

/// One child, leader of its own process group. Collected, and its group killed, on destruction.
/// It carries GAUNTLET_OWNER (see owner.h) so that a later run can end what outlived us.
class Process {
 public:
  /// Throws: Error `cannot-start` (no such program, not executable, no such directory); for a held
  /// process the program's own failure to start is told by wait() as exit 127 with the reason in
  /// err().
  static Process start(const Command& command);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  ~Process();

  pid_t pid() const;
  void release();                    ///< lets a held process execute; no effect on any other
  void signal(int number);           ///< to the process alone
  void kill_group();                 ///< SIGKILL to the whole group
  std::optional<Exit> exit() const;  ///< what was seen so far; never waits

  /// Reads output and waits until it has ended and closed its output, or until `deadline`.
  /// A grandchild that keeps the output open after the exit is given half a second.
  std::optional<Exit> wait_until(std::chrono::steady_clock::time_point deadline);
  std::optional<Exit> wait_for(std::chrono::milliseconds patience);

  const std::string& out() const;
  const std::string& err() const;

 private:
  friend std::vector<std::size_t> wait_any(std::vector<Process>&,
                                           std::chrono::steady_clock::time_point);
  struct State;
  explicit Process(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Waits until at least one of `processes` that had not ended has, or until `deadline`; reads the
/// output of all meanwhile. Returns the positions of those that ended during this call.
std::vector<std::size_t> wait_any(std::vector<Process>& processes,
                                  std::chrono::steady_clock::time_point deadline);

/// Runs to the end within `patience`; one that does not end is killed and told as signal SIGKILL.
struct Finished {
  Exit exit;
  std::string out, err;
  bool timed_out = false;
};
Finished run(const Command& command, std::chrono::milliseconds patience);

/// Splits a command line as a POSIX shell does (quotes, backslashes), without any expansion.
/// Throws: Error `bad-command` for an open quote or an empty line.
std::vector<std::string> split_command(const std::string& line);

}  // namespace gauntlet::process
