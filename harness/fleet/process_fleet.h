// The copies of one run as processes, and their history as it is written: what races and other
// arrivals are made of. One thread; the copies die with it.
#pragma once

#include "harness/fleet/door.h"
#include "harness/fleet/file_door.h"
#include "harness/fleet/fleet.h"
#include "harness/fleet/hold.h"
#include "harness/fleet/standstill.h"

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <vector>

#include <sys/types.h>

namespace gauntlet::fleet {

class ProcessFleet {
 public:
  enum class Start { at_once, held };
  /// One replica: what it runs, and by which way it reaches the database.
  struct Copy {
    const Subject& subject;
    arena::Address address;
  };
  /// Is told every event of the history, on the fleet's thread.
  using Watcher = std::function<void(const core::Event&)>;

  /// `migrations` is empty for subjects that read none. Throws: Error `cannot-start`.
  ProcessFleet(std::vector<Copy> copies, const std::filesystem::path& migrations, Start start,
               Watcher watcher);
  /// Copies of one subject, over the database's own way in. Throws: Error `cannot-start`.
  ProcessFleet(const Subject& subject, const arena::Database& database,
               const std::filesystem::path& migrations, std::size_t replicas, Start start);

  void release();  ///< lets all of them go
  void release_one(std::size_t replica);

  void kill(std::size_t replica);  ///< SIGKILL, to it and all that it started
  /// The same without collecting it: returns once it can do nothing more, after 2 s at most. Any
  /// thread, while the fleet's own does not end the fleet.
  void kill_now(std::size_t replica) const noexcept;
  void ask_to_end(std::size_t replica);  ///< SIGTERM, to it alone, as an orchestrator does
  void pause(std::size_t replica);       ///< SIGSTOP; it is collected nevertheless
  void go_on(std::size_t replica);       ///< SIGCONT
  bool has_ended(std::size_t replica) const;
  pid_t pid(std::size_t replica) const { return processes_[replica].pid(); }
  /// Collects those that have ended by now; waits for none.
  void collect_ended() { collect(std::chrono::steady_clock::now()); }

  /// Returns when all that still run stand at the door, or the first has stood there long enough.
  void gather_at(const Door& door, const RaceOptions& options);
  void gather_at(const FileDoor& door, const RaceOptions& options);
  /// How many sessions the last gathering saw together.
  std::size_t gathered() const { return history_.sessions_at_the_door.value_or(0); }
  /// Lets writers gather at the tables, lets them go on together, and holds the next.
  void gather_at(TableHold& hold, const RaceOptions& options);

  /// Collects those that have ended until then, or all have.
  void collect_until(std::chrono::steady_clock::time_point deadline);
  /// Until one more has ended.
  void collect_one_until(std::chrono::steady_clock::time_point deadline);
  /// Collects the rest, and kills what has not ended `patience` after the first release.
  /// `before_kill` is called once, before the first of them is killed. With `watch` they are killed
  /// as soon as it finds that they stand still.
  void finish_within(std::chrono::milliseconds patience,
                     const std::function<void()>& before_kill = {},
                     StandstillWatch* watch = nullptr);
  /// As above; the history gets what the sessions of `database` wait for before the first kill.
  void finish_within(std::chrono::milliseconds patience, const arena::Address& database,
                     StandstillWatch* watch = nullptr);
  /// How the last finish_within() found them; until history() was called.
  const std::optional<core::Standstill>& standstill() const { return history_.standstill; }
  bool all_ended() const { return running_ == 0; }

  core::History history();

 private:
  void gather(const std::function<std::size_t()>& waiting, const RaceOptions& options,
              std::chrono::milliseconds settled);
  std::size_t wait_for_writers(const TableHold& hold, std::chrono::milliseconds settled,
                               std::chrono::steady_clock::time_point deadline);
  void look_for_file_locks();
  void collect(std::chrono::steady_clock::time_point until);
  void collect_watched(std::chrono::steady_clock::time_point deadline, StandstillWatch& watch);
  void note(core::Event event);

  const std::vector<Copy> copies_;
  const Watcher watcher_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point released_ = began_;
  std::deque<WorkFolder> work_folders_;
  std::vector<process::Process> processes_;
  std::size_t running_ = 0;
  core::History history_;
};

}  // namespace gauntlet::fleet
