// Who else is in the database while the replicas of a stage run: one that uses a table, and one
// that has the migration lock. The same for every kind of replica. One thread.
#pragma once

#include "harness/arena/address.h"
#include "harness/arena/connection.h"
#include "harness/gate/recorder.h"
#include "harness/run/own_lock.h"
#include "harness/run/stage_run.h"
#include "harness/scenario/scenario.h"

#include <chrono>
#include <optional>
#include <string>

namespace gauntlet::run {

/// The subject's lock, for somebody else to hold.
struct LockToHold {
  std::string advisory = {};       ///< as arguments of pg_advisory_lock; empty: it has another
  const OwnLock* other = nullptr;  ///< then this one
};

/// The replicas, as bystanders see them.
class RunningReplicas {
 public:
  enum class Asks { for_anything, for_an_advisory_lock };

  RunningReplicas() = default;
  virtual ~RunningReplicas() = default;
  RunningReplicas(const RunningReplicas&) = delete;
  RunningReplicas& operator=(const RunningReplicas&) = delete;

  /// False if it was not so in time: every replica asked for a lock, or ended.
  virtual bool wait_for_all_asked(Asks what) = 0;
  /// False if it was not so in time.
  virtual bool wait_for_all_ended() = 0;
  /// They run on meanwhile.
  virtual void pass(std::chrono::milliseconds time) = 0;
};

class Bystanders {
 public:
  /// All of it outlives them.
  Bystanders(const scenario::Stage& stage, const arena::Address& database, LockToHold lock,
             gate::Recorder& recorder);

  /// Before a replica starts: they take what they hold. Throws: StatementError.
  void arrive();
  bool are_there() const { return user_ || has_lock(); }
  /// They stay as the stage says, give back what they hold, and note in `seen` what they met.
  /// Throws: StatementError.
  void stay(RunningReplicas& replicas, StageSeen& seen);

 private:
  bool has_lock() const { return advisory_ || own_; }
  void take_lock();
  void use_table(RunningReplicas& replicas, StageSeen& seen);
  bool hold_lock(RunningReplicas& replicas);

  const scenario::Stage& stage_;
  const arena::Address& database_;
  const LockToHold lock_;
  gate::Recorder& recorder_;
  std::optional<arena::Connection> user_;      ///< of a table
  std::optional<arena::Connection> advisory_;  ///< has the lock that is an advisory one
  std::optional<HeldOwnLock> own_;             ///< or that is not
};

}  // namespace gauntlet::run
