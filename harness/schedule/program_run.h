// One schedule of replicas that are processes of any program behind the wire door. One thread
// conducts, and the processes die with it.
#pragma once

#include "harness/explore/strategy.h"
#include "harness/fleet/wire_fleet.h"
#include "harness/gate/recorder.h"
#include "harness/schedule/conduct.h"
#include "harness/schedule/database.h"

#include <chrono>
#include <filesystem>

namespace gauntlet::schedule {

struct ProgramReplicas {
  const fleet::Subject& subject;
  const std::filesystem::path& project;  ///< what it reads
  std::size_t replicas = 2;
  std::size_t steps_max = 2'000;
  bool holds_overlaps = true;  ///< else the two of an overlap are only let go together
  std::chrono::milliseconds patience{60'000};  ///< to end by itself, once the run was given up
};

/// Replicas that are started, and come by themselves as far as their first statements: while
/// another schedule runs they use the time that a program takes to start. `replicas.project` and
/// the database outlive it.
class StartedPrograms {
 public:
  /// Throws: Error `cannot-start`.
  StartedPrograms(const ProgramReplicas& replicas, ExploredDatabase& database);
  StartedPrograms(const StartedPrograms&) = delete;
  StartedPrograms& operator=(const StartedPrograms&) = delete;

  /// Are they as they were when they came? One that is held for long before its first statement
  /// may give up by a timer of its own, and one that has ended was ended by nothing of ours.
  bool are_fresh();
  /// Once. Throws: Error if the server cannot be reached.
  ScheduleSeen run(explore::Strategy& strategy);
  /// How long run() waited for the replicas to come to their first statements.
  std::chrono::duration<double> waited() const { return waited_; }

 private:
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool any_ended_ = false;
  const std::size_t steps_max_;
  const std::chrono::milliseconds patience_;
  const fleet::Subject subject_;
  ExploredDatabase& database_;
  gate::Recorder recorder_;
  Scheduler scheduler_;
  ProgramGate gate_;
  fleet::WireFleet fleet_;
  std::chrono::duration<double> waited_{0};
};

}  // namespace gauntlet::schedule
