#include "harness/run/bystanders.h"

#include "harness/run/table_waits.h"

#include <algorithm>
#include <utility>

namespace gauntlet::run {

namespace {

using core::Event;
using scenario::ForeignLock;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds table_look_interval{50};

}  // namespace

Bystanders::Bystanders(const scenario::Stage& stage, const arena::Address& database,
                       LockToHold lock, gate::Recorder& recorder)
    : stage_(stage), database_(database), lock_(std::move(lock)), recorder_(recorder) {}

void Bystanders::arrive() {
  if (stage_.bystander) {
    user_.emplace(database_);
    user_->run("BEGIN;" + std::string(stage_.bystander->sql));
    if (stage_.bystander->is_predecessor && !lock_.advisory.empty())
      user_->ask("SELECT pg_advisory_xact_lock(" + lock_.advisory + ")");
  }
  if (stage_.foreign_lock) take_lock();
}

void Bystanders::take_lock() {
  if (lock_.advisory.empty()) {
    own_.emplace(database_, *lock_.other);
  } else {
    advisory_.emplace(database_);
    advisory_->ask("SELECT pg_advisory_lock(" + lock_.advisory + ")");
  }
  recorder_.note("foreign lock taken", Event::Kind::foreign_lock_taken);
}

void Bystanders::stay(RunningReplicas& replicas, StageSeen& seen) {
  if (user_) use_table(replicas, seen);
  if (has_lock()) seen.foreign_lock_met = hold_lock(replicas);
}

void Bystanders::use_table(RunningReplicas& replicas, StageSeen& seen) {
  replicas.wait_for_all_asked(RunningReplicas::Asks::for_anything);
  TableWaits waits(database_);
  const auto end = steady_clock::now() + stage_.bystander->window;
  for (auto now = steady_clock::now(); now < end; now = steady_clock::now()) {
    replicas.pass(std::min(std::chrono::ceil<milliseconds>(end - now), table_look_interval));
    waits.look();
  }
  seen.table_waits = waits.longest();
  recorder_.note("the bystander commits");
  user_->run("COMMIT");
  user_.reset();
}

/// Until all were seen to ask, then for the window; whoever ends meanwhile did not wait for us.
bool Bystanders::hold_lock(RunningReplicas& replicas) {
  bool met = true;
  if (stage_.foreign_lock->until == ForeignLock::Until::all_ended) {
    met = replicas.wait_for_all_ended();
  } else {
    met = replicas.wait_for_all_asked(advisory_ ? RunningReplicas::Asks::for_an_advisory_lock
                                                : RunningReplicas::Asks::for_anything);
    replicas.pass(stage_.foreign_lock->window);
  }
  recorder_.note("foreign lock released", Event::Kind::foreign_lock_released);
  if (own_) own_->release();
  if (advisory_) advisory_->ask("SELECT pg_advisory_unlock_all()");
  own_.reset();
  advisory_.reset();
  return met;
}

}  // namespace gauntlet::run
