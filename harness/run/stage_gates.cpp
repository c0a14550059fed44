#include "harness/run/stage_gates.h"

#include <algorithm>

namespace gauntlet::run {

using scenario::Hold;
using std::chrono::milliseconds;

void Attendance::note(std::set<std::size_t>& whom, std::size_t replica) {
  const std::lock_guard held(mutex_);
  whom.insert(replica);
  changed_.notify_all();
}

void Attendance::asked(std::size_t replica) { note(asked_, replica); }

void Attendance::ended(std::size_t replica) { note(ended_, replica); }

void Attendance::stands(std::size_t replica, const Hold& hold) {
  if (hold.until != Hold::Until::another_ended) note(standing_, replica);
}

bool Attendance::all_asked() const {
  std::set<std::size_t> known = asked_;
  known.insert(ended_.begin(), ended_.end());
  known.insert(standing_.begin(), standing_.end());
  return known.size() >= replicas_;
}

bool Attendance::wait_for_all_asked(milliseconds patience) {
  std::unique_lock held(mutex_);
  return changed_.wait_for(held, patience, [this] { return all_asked(); });
}

bool Attendance::wait_for_all_ended(milliseconds patience) {
  std::unique_lock held(mutex_);
  return changed_.wait_for(held, patience, [this] { return ended_.size() >= replicas_; });
}

bool Attendance::is_over(std::size_t replica, const Hold& hold) const {
  switch (hold.until) {
    case Hold::Until::all_asked:
      return all_asked();
    case Hold::Until::two_stand:
      return standing_.size() >= 2 || standing_.size() + ended_.size() >= replicas_;
    case Hold::Until::another_ended:
      return std::ranges::any_of(ended_, [&](std::size_t other) { return other != replica; });
  }
  return true;
}

bool Attendance::wait(std::size_t replica, const Hold& hold) {
  stands(replica, hold);
  std::unique_lock held(mutex_);
  return changed_.wait_for(held, hold.at_most, [&] { return is_over(replica, hold); });
}

core::Ruling SeenAsking::at(const core::Step& step, milliseconds patience) noexcept {
  if (step.sql.find("pg_advisory_lock(") != std::string::npos) {
    attendance_.asked(step.session.replica);
  }
  return next_.at(step, patience);
}

void SeenAsking::after(const core::Step& step, const core::Reply& reply) noexcept {
  next_.after(step, reply);
  if (step.sql.find("advisory") != std::string::npos) attendance_.asked(step.session.replica);
}

core::Ruling Holds::at(const core::Step& step, milliseconds patience) noexcept {
  for (std::size_t hold = 0; hold < holds_.size(); ++hold) {
    if (step.sql.find(holds_[hold].sql_has) == std::string::npos) continue;
    const bool pauses = holds_[hold].until == Hold::Until::another_ended;
    if (pauses && !is_paused_by(hold, step.session.replica)) continue;
    const bool met = attendance_.wait(step.session.replica, holds_[hold]);
    const std::lock_guard held(mutex_);
    all_met_ = all_met_ && (met || pauses);
  }
  return next_.at(step, patience);
}

// Once, and only the first that comes.
bool Holds::is_paused_by(std::size_t hold, std::size_t replica) {
  const std::lock_guard held(mutex_);
  if (paused_[hold]) return false;
  paused_[hold] = replica;
  return true;
}

bool Holds::all_met() const {
  const std::lock_guard held(mutex_);
  return all_met_;
}

core::Ruling Interruption::at(const core::Step& step, milliseconds patience) noexcept {
  if (!sql_has_.empty() && step.sql.find(sql_has_) != std::string::npos) {
    const std::lock_guard held(mutex_);
    if (!done_) interrupt_(step.session.replica);
    done_ = true;
  }
  return next_.at(step, patience);
}

bool Interruption::happened() {
  const std::lock_guard held(mutex_);
  return done_;
}

}  // namespace gauntlet::run
